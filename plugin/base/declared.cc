#include "base/declared.h"

#include <fmt/format.h>

#include <cmath>

#include "base/quantity.h"
#include "base/syntax.h"
#include "base/utf8.h"

namespace cpi {
namespace {

constexpr std::size_t kMaxText = 1024;
constexpr double kMaxNumber = 1e12;
constexpr double kMaxCount = 1e9;

// The occurrence's only value, if it is a T.
template <class T>
const T* only(Values values) {
  return values.size() == 1 ? std::get_if<T>(&values.front()) : nullptr;
}

std::string objection_to_text(const std::string& text) {
  if (text.empty()) return "empty";
  if (text.size() > kMaxText) return "too long";
  if (!is_printable(text)) return "has control characters";
  return is_utf8(text) ? "" : "is not UTF-8";
}

bool is_text(const Scalar& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && objection_to_text(*text).empty();
}

Expected expected_text(Values values) {
  const auto* text = only<std::string>(values);
  if (text == nullptr) return "one text in quotes";
  const std::string objection = objection_to_text(*text);
  if (objection.empty()) return std::nullopt;
  return fmt::format("a text ({})", objection);
}

// Of a text that `parse` reads.
template <class T, class Parse>
Expected take_quantity(std::optional<T>& member, Values values, Parse parse,
                       std::string_view expected) {
  if (member) return kOnlyOnce;
  const auto* text = only<std::string>(values);
  const auto parsed = text != nullptr ? parse(*text) : std::nullopt;
  if (!parsed) return std::string(expected);
  member = parsed;
  return std::nullopt;
}

template <class T>
Occurrences give_one(bool present, T&& value) {
  if (!present) return {};
  return {{Scalar(std::forward<T>(value))}};
}

}  // namespace

Expected DeclaredNumber::take(Member& member, Values values) {
  if (member) return kOnlyOnce;
  const auto* number = only<double>(values);
  // NaN is in no range.
  if (number == nullptr || !(*number > 0 && *number <= kMaxNumber)) {
    return "one number above 0, without quotes";
  }
  member = *number;
  return std::nullopt;
}

Occurrences DeclaredNumber::give(const Member& member) {
  return give_one(member.has_value(), member.value_or(0));
}

Expected DeclaredCount::take(Member& member, Values values) {
  if (member) return kOnlyOnce;
  const auto* number = only<double>(values);
  if (number == nullptr || !(*number >= 1 && *number <= kMaxCount) ||
      std::trunc(*number) != *number) {
    return "one whole number from 1, without quotes";
  }
  member = static_cast<std::uint64_t>(*number);
  return std::nullopt;
}

Occurrences DeclaredCount::give(const Member& member) {
  return give_one(member.has_value(), static_cast<double>(member.value_or(0)));
}

Expected DeclaredBytes::take(Member& member, Values values) {
  return take_quantity(member, values, parse_bytes, kBytesExpected);
}

Occurrences DeclaredBytes::give(const Member& member) {
  return give_one(member.has_value(), format_bytes(member.value_or(0)));
}

Expected DeclaredPercent::take(Member& member, Values values) {
  return take_quantity(member, values, parse_percent, kPercentExpected);
}

Occurrences DeclaredPercent::give(const Member& member) {
  return give_one(member.has_value(), format_percent(member.value_or(0)));
}

Expected DeclaredText::take(Member& member, Values values) {
  if (!member.empty()) return kOnlyOnce;
  if (auto expected = expected_text(values)) return expected;
  member = std::get<std::string>(values.front());
  return std::nullopt;
}

Occurrences DeclaredText::give(const Member& member) {
  return give_one(!member.empty(), member);
}

Expected DeclaredTexts::take(Member& member, Values values) {
  if (auto expected = expected_text(values)) return expected;
  member.push_back(std::get<std::string>(values.front()));
  return std::nullopt;
}

Occurrences DeclaredTexts::give(const Member& member) {
  Occurrences all;
  for (const std::string& text : member) all.push_back({Scalar(text)});
  return all;
}

Expected DeclaredMetric::take(Member& member, Values values) {
  if (!member.empty()) return kOnlyOnce;
  const auto* text = only<std::string>(values);
  if (text == nullptr || !objection_to_text(*text).empty() ||
      !objection_to_metric(*text).empty()) {
    return "\"PLUGIN-INSTANCE/TYPE-INSTANCE\", without a host";
  }
  member = *text;
  return std::nullopt;
}

Occurrences DeclaredMetric::give(const Member& member) {
  return give_one(!member.empty(), member);
}

Expected DeclaredRestarts::take(Member& member, Values values) {
  if (member) return kOnlyOnce;
  std::optional<std::uint64_t> count;
  std::optional<Duration> within;
  if (values.size() == 2 && !DeclaredCount::take(count, values.first(1))) {
    const auto* text = std::get_if<std::string>(&values[1]);
    if (text != nullptr) within = parse_duration(*text);
  }
  if (!within) return "a number of restarts and a time: 2 \"5min\"";
  member = RestartThreshold{*count, *within};
  return std::nullopt;
}

Occurrences DeclaredRestarts::give(const Member& member) {
  if (!member) return {};
  return {{Scalar(static_cast<double>(member->count)),
           Scalar(format_duration(member->within))}};
}

Expected DeclaredRegions::take(Member& member, Values values) {
  std::optional<double> share;
  const bool fits = values.size() == 2 && is_text(values[0]) &&
                    !DeclaredNumber::take(share, values.last(1));
  if (!fits) return "a name and its share of the machines: \"HK\" 3";
  auto name = std::get<std::string>(values[0]);
  for (const Region& other : member) {
    if (other.name == name) return "each region once";
  }
  member.push_back({std::move(name), *share});
  return std::nullopt;
}

Occurrences DeclaredRegions::give(const Member& member) {
  Occurrences all;
  for (const Region& region : member) {
    all.push_back({Scalar(region.name), Scalar(region.share)});
  }
  return all;
}

Expected DeclaredExtras::take(Member& member, Values values) {
  const bool fits =
      values.size() == 2 && is_text(values[0]) && is_text(values[1]);
  if (!fits) return "a name and a value, both in quotes";
  member.push_back(
      {std::get<std::string>(values[0]), std::get<std::string>(values[1])});
  return std::nullopt;
}

Occurrences DeclaredExtras::give(const Member& member) {
  Occurrences all;
  for (const ExtraField& field : member) {
    all.push_back({Scalar(field.name), Scalar(field.value)});
  }
  return all;
}

}  // namespace cpi
