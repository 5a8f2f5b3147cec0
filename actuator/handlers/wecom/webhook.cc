#include "actuator/handlers/wecom/webhook.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <jansson.h>

#include <memory>

namespace cpi::wecom {
namespace {

using Outcome = Delivery::Outcome;

constexpr std::size_t kMaxAnswer = 64 * 1024;

std::size_t keep(char* data, std::size_t size, std::size_t count,
                 void* to) noexcept {
  auto& answer = *static_cast<std::string*>(to);
  const std::size_t bytes = size * count;
  if (answer.size() + bytes > kMaxAnswer) return 0;
  answer.append(data, bytes);
  return bytes;
}

}  // namespace

Delivery judge_answer(long status, const std::string& body) {
  constexpr long kOk = 200;
  constexpr long kTooMany = 429;
  constexpr long kServer = 500;
  constexpr long kClient = 400;
  if (status == kTooMany || status >= kServer) {
    return {Outcome::later, fmt::format("the server answers {}", status)};
  }
  if (status >= kClient) {
    return {Outcome::refused, fmt::format("the server answers {}", status)};
  }
  const std::unique_ptr<json_t, decltype(&json_decref)> json(
      json_loadb(body.data(), body.size(), 0, nullptr), &json_decref);
  const json_t* code = json_object_get(json.get(), "errcode");
  if (status != kOk || !json_is_integer(code)) {
    return {Outcome::later, "the answer is not a robot's"};
  }
  const auto number = json_integer_value(code);
  if (number == 0) return {Outcome::sent, ""};
  constexpr json_int_t kBusy = -1;
  constexpr json_int_t kTooOften = 45009;
  const bool again = number == kBusy || number == kTooOften;
  return {again ? Outcome::later : Outcome::refused,
          fmt::format("the robot answers errcode {}", number)};
}

Delivery post(const std::string& url, const std::string& body) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(
      curl_easy_init(), &curl_easy_cleanup);
  if (!curl) return {Outcome::later, "libcurl does not start"};
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"),
      &curl_slist_free_all);
  constexpr long kConnectSeconds = 10;
  constexpr long kSeconds = 30;
  std::string answer;
  CURL* handle = curl.get();
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, kSeconds);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  const CURLcode done = curl_easy_perform(handle);
  if (done != CURLE_OK) return {Outcome::later, curl_easy_strerror(done)};
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return judge_answer(status, answer);
}

}  // namespace cpi::wecom
