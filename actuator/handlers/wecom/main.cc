// cpi-wecom [SETTINGS] [--flush]: a NotificationExec program of collectd's exec
// plugin. Spools the notification on standard input and sends what waits;
// --flush only sends. Exit status: 0 sent, or somebody else sends it; 75 it
// waits for the next call; 1 it could not even be spooled.
#include <curl/curl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <iterator>
#include <string>

#include "actuator/handlers/wecom/deliver.h"

namespace {

using namespace cpi::wecom;  // NOLINT: this program is that namespace's

constexpr int kTemporaryFailure = 75;  // EX_TEMPFAIL

int failed(const std::string& why) {
  std::fprintf(stderr, "cpi-wecom: %s\n", why.c_str());
  return 1;
}

World real_world(const std::string& url) {
  return {
      [&url](const std::string& body) { return post(url, body); },
      [] {
        const auto now = std::chrono::system_clock::now();
        return std::chrono::duration<double>(now.time_since_epoch()).count();
      },
      [](double seconds) { ::usleep(static_cast<useconds_t>(seconds * 1e6)); },
      [](const std::string& text) {
        std::fprintf(stderr, "cpi-%s\n", text.c_str());
      }};
}

int run(const std::string& path, bool flush) {
  const auto settings = read_settings(path);
  if (!settings) return failed(settings.error().message());
  auto spool = Spool::open(settings->spool);
  if (!spool) return failed(spool.error().message());
  if (!flush) {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    if (auto added = spool->add(text); !added) {
      return failed(added.error().message());
    }
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return deliver(*spool, *settings, real_world(settings->url))
             ? 0
             : kTemporaryFailure;
}

}  // namespace

int main(int argc, char** argv) {
  std::string path = "/etc/collectd-cpi/wecom.conf";
  bool flush = false;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--flush") {
      flush = true;
    } else {
      path = argv[i];
    }
  }
  try {
    return run(path, flush);
  } catch (const std::exception& error) {
    return failed(error.what());
  }
}
