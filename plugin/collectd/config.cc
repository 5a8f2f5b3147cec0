#include "collectd/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "base/nearest.h"
#include "base/options.h"
#include "base/syntax.h"
#include "collectd/text.h"
#include "counters/selector.h"

namespace cpi {
namespace {

// collectd cuts messages at 1024 bytes; the end of ours must survive.
constexpr std::size_t kMaxList = 800;
constexpr std::size_t kMaxError = 300;
constexpr std::size_t kMaxQuoted = 80;

std::span<const oconfig_item_t> children(const oconfig_item_t& item) {
  if (!item.children || item.children_num <= 0) return {};
  return {item.children, static_cast<std::size_t>(item.children_num)};
}

std::string_view key_of(const oconfig_item_t& item) {
  return item.key ? item.key : "";
}

// The item's values; nothing where one is broken.
std::optional<std::vector<Scalar>> values_of(const oconfig_item_t& item) {
  std::vector<Scalar> values;
  for (int i = 0; item.values && i < item.values_num; ++i) {
    const oconfig_value_t& value = item.values[i];
    if (value.type == OCONFIG_TYPE_STRING && value.value.string) {
      values.emplace_back(std::string(value.value.string));
    } else if (value.type == OCONFIG_TYPE_NUMBER) {
      values.emplace_back(value.value.number);
    } else if (value.type == OCONFIG_TYPE_BOOLEAN) {
      values.emplace_back(value.value.boolean != 0);
    } else {
      return std::nullopt;
    }
  }
  return values;
}

// For messages: short, and on one line whatever it holds.
std::string legible(std::string_view text, std::size_t max_bytes = kMaxQuoted) {
  std::string shown(cut(text, max_bytes));
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) {
        return !is_printable({&c, 1});
      },
      '?');
  return shown.size() < text.size() ? shown + "…" : shown;
}

std::string as_written(const Scalar& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    return fmt::format("{:.15g}", *number);
  }
  if (const auto* flag = std::get_if<bool>(&value)) {
    return *flag ? "true" : "false";
  }
  return fmt::format("\"{}\"", legible(std::get<std::string>(value)));
}

template <class Block>
std::string unknown_option(const oconfig_item_t& item,
                           std::vector<std::string_view> known = {}) {
  for (const auto& option : options<Block>()) known.push_back(option.name);
  return fmt::format("{}: unknown option, the nearest is {}",
                     legible(key_of(item)), nearest(key_of(item), known));
}

// Sets one option of a block. Returns what is wrong with it.
template <class Block>
std::optional<std::string> set_option(const oconfig_item_t& item,
                                      const Option<Block>& option,
                                      Block& block) {
  const auto values = values_of(item);
  if (!values || !children(item).empty()) {
    return fmt::format("{}: expected one value", option.name);
  }
  const auto expected = assign(option.field(block), option.domain, *values);
  if (!expected) return std::nullopt;
  std::string written(option.name);
  for (const Scalar& value : *values) written += " " + as_written(value);
  return fmt::format("{}: expected {}", written, *expected);
}

// The errors of one block, all of them, in texts that fit a line of the log.
std::vector<std::string> listed(const std::vector<std::string>& errors) {
  std::vector<std::string> lines(1);
  for (const std::string& error : errors) {
    if (lines.back().size() + kMaxError > kMaxList) lines.emplace_back();
    lines.back() +=
        (lines.back().empty() ? "" : "; ") + legible(error, kMaxError);
  }
  return lines;
}

template <class Block>
std::optional<std::string> set_name(const oconfig_item_t& item,
                                    const std::vector<Block>& present,
                                    Block& block) {
  const auto values = values_of(item);
  const auto* name = values && values->size() == 1
                         ? std::get_if<std::string>(&values->front())
                         : nullptr;
  if (!name) return "expected one name in quotes";
  block.name = *name;
  if (const auto objection = objection_to_name(*name); !objection.empty()) {
    return fmt::format(
        "name {}: expected letters, digits, '_', '.' and '-', a letter or "
        "digit first ({})",
        as_written(*name), objection);
  }
  const bool taken =
      std::any_of(present.begin(), present.end(),
                  [name](const Block& other) { return other.name == *name; });
  if (!taken) return std::nullopt;
  return "expected a name that no earlier block has";
}

// Reads <Service "NAME"> or <Batch "NAME"> into `blocks`, or says why not.
template <class Block>
void read_block(const oconfig_item_t& item, std::string_view kind,
                std::vector<Block>& blocks, ParsedConfig& parsed) {
  Block block;
  std::vector<std::string> errors;
  const auto note = [&errors](std::optional<std::string> error) {
    if (error) errors.push_back(*std::move(error));
  };
  note(set_name(item, blocks, block));
  for (const oconfig_item_t& child : children(item)) {
    const auto* option = find_option<Block>(key_of(child));
    note(option ? set_option(child, *option, block)
                : unknown_option<Block>(child));
  }
  for (const Selector& selector : block.selectors) {
    const auto matcher = Matcher::compile(selector);
    if (!matcher) errors.push_back(matcher.error().message());
  }
  if (errors.empty() && block.selectors.empty()) {
    errors.emplace_back("expected at least one Cgroup or Deployment");
  }
  if (errors.empty()) {
    blocks.push_back(std::move(block));
    return;
  }
  const std::string title =
      fmt::format("<{} \"{}\"> skipped: ", kind, legible(block.name));
  const auto lines = listed(errors);
  parsed.skipped_blocks.push_back(title + lines.front());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    parsed.continuations.push_back(title + "also " + lines[i]);
  }
}

}  // namespace

void merge_config(const oconfig_item_t& plugin_block, ParsedConfig& parsed) {
  Config& config = parsed.config;
  for (const oconfig_item_t& item : children(plugin_block)) {
    const std::string_view key = key_of(item);
    if (same_name(key, "Service")) {
      read_block(item, "Service", config.services, parsed);
    } else if (same_name(key, "Batch")) {
      read_block(item, "Batch", config.batch, parsed);
    } else if (const auto* option = find_option<Config>(key)) {
      if (auto error = set_option(item, *option, config)) {
        parsed.global_errors.push_back(*std::move(error));
      }
    } else if (!children(item).empty()) {
      // A block of one owner with its tag misspelt concerns only that owner.
      parsed.skipped_blocks.push_back(
          fmt::format("<{}> skipped: unknown block, expected Service or Batch",
                      legible(key)));
    } else {
      parsed.global_errors.push_back(
          unknown_option<Config>(item, {"Service", "Batch"}));
    }
  }
}

}  // namespace cpi
