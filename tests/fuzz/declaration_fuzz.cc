// A declaration from bytes: units, and every field of a <Service> block with
// texts, numbers and booleans in any number. What is accepted is read back as
// it was, and printed in every form.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/quantity.h"
#include "base/utf8.h"
#include "service/application.h"
#include "service/capacity.h"

namespace {

using namespace cpi;  // NOLINT

void expect(bool holds) {
  if (!holds) std::abort();
}

void check_units(const std::string& text) {
  if (const auto bytes = parse_bytes(text)) {
    expect(parse_bytes(format_bytes(*bytes)) == bytes);
  }
  if (const auto time = parse_duration(text)) {
    expect(parse_duration(format_duration(*time)).has_value());
  }
  if (const auto share = parse_percent(text)) {
    expect(*share >= 0 && *share <= 1);
    expect(parse_percent(format_percent(*share)).has_value());
  }
  expect(display_width(text) <= 2 * text.size());
  (void)is_utf8(text);
  (void)encode_header(text);
}

// Takes values off the front: a kind, a length, bytes.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size)
      : data_(data), left_(size) {}

  [[nodiscard]] bool empty() const { return left_ == 0; }
  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  std::string text(std::size_t size) {
    std::string result;
    while (size-- > 0 && left_ > 0) result += static_cast<char>(byte());
    return result;
  }
  Scalar scalar() {
    switch (byte() % 4) {
      case 0: {
        double number = 0;
        const std::string raw = text(sizeof number);
        std::memcpy(&number, raw.data(), raw.size());
        return number;
      }
      case 1:
        return static_cast<double>(byte());
      case 2:
        return text(byte());
      default:
        return text(byte() % 12);
    }
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

void check_declaration(const ServiceConfig& service) {
  ServiceConfig copy = service;
  ServiceConfig again;
  again.name = service.name;
  for (const auto& option : options<ServiceConfig>()) {
    const Field from = option.field(copy);
    const auto* field = std::get_if<DeclaredField>(&from);
    if (field == nullptr) continue;
    for (const auto& values : field->give(field->member)) {
      expect(!assign(option.field(again), option.domain, values));
    }
  }
  expect(missing_fields(again) == missing_fields(service));
  for (const Language language : {Language::chinese, Language::english}) {
    const Application application =
        make_application(service, "to@example.com", language);
    expect(is_utf8(as_text(application)));
    expect(is_utf8(as_mail(application)));
    expect(is_utf8(as_markdown(application)));
    expect(as_html(application).find("<script") == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  check_units(std::string(data, data + size));
  ServiceConfig service;
  service.name = "web";
  Bytes bytes(data, size);
  const auto rows = options<ServiceConfig>();
  while (!bytes.empty()) {
    const auto& option = rows[bytes.byte() % rows.size()];
    std::vector<Scalar> values;
    for (int i = bytes.byte() % 4; i > 0; --i) values.push_back(bytes.scalar());
    // Selectors are checked by who compiles them.
    const Field field = option.field(service);
    if (!std::holds_alternative<DeclaredField>(field)) continue;
    (void)assign(field, option.domain, values);
  }
  check_declaration(service);
  return 0;
}
