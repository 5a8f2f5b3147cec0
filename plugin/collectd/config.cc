#include "collectd/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "base/nearest.h"
#include "base/options.h"
#include "base/syntax.h"
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

// The item's only value; nothing where it has none, several or a broken one.
std::optional<Scalar> value_of(const oconfig_item_t& item) {
  if (!item.values || item.values_num != 1) return std::nullopt;
  const oconfig_value_t& value = item.values[0];
  switch (value.type) {
    case OCONFIG_TYPE_STRING:
      if (!value.value.string) return std::nullopt;
      return std::string(value.value.string);
    case OCONFIG_TYPE_NUMBER:
      return value.value.number;
    case OCONFIG_TYPE_BOOLEAN:
      return value.value.boolean != 0;
    default:
      return std::nullopt;
  }
}

// For messages: short, and on one line whatever it holds.
std::string printable(std::string_view text,
                      std::size_t max_bytes = kMaxQuoted) {
  std::string shown(text.substr(0, max_bytes));
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
  return fmt::format("\"{}\"", printable(std::get<std::string>(value)));
}

template <class Block>
std::string unknown_option(const oconfig_item_t& item,
                           std::vector<std::string_view> known = {}) {
  for (const auto& option : options<Block>()) known.push_back(option.name);
  return fmt::format("{}: unknown option, the nearest is {}",
                     printable(key_of(item)), nearest(key_of(item), known));
}

// Sets one option of a block. Returns what is wrong with it.
template <class Block>
std::optional<std::string> set_option(const oconfig_item_t& item,
                                      const Option<Block>& option,
                                      Block& block) {
  const auto value = value_of(item);
  if (!value || !children(item).empty()) {
    return fmt::format("{}: expected one value", option.name);
  }
  const auto expected = assign(option.field(block), option.domain, *value);
  if (!expected) return std::nullopt;
  return fmt::format("{} {}: expected {}", option.name, as_written(*value),
                     *expected);
}

// The errors of one block, each in full as long as the message has room.
std::string listed(const std::vector<std::string>& errors) {
  std::string list;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (list.size() + kMaxError > kMaxList) {
      return fmt::format("{}; and {} more", list, errors.size() - i);
    }
    list += (i > 0 ? "; " : "") + printable(errors[i], kMaxError);
  }
  return list;
}

template <class Block>
std::optional<std::string> set_name(const oconfig_item_t& item,
                                    const std::vector<Block>& present,
                                    Block& block) {
  const auto value = value_of(item);
  const auto* name = value ? std::get_if<std::string>(&*value) : nullptr;
  if (!name) return "expected one name in quotes";
  block.name = *name;
  if (const auto objection = objection_to_name(*name); !objection.empty()) {
    return fmt::format(
        "name {}: expected letters, digits, '_', '.' and '-', a letter or "
        "digit first ({})",
        as_written(*value), objection);
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
                std::vector<Block>& blocks, std::vector<std::string>& skipped) {
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
  } else {
    skipped.push_back(fmt::format("<{} \"{}\"> skipped: {}", kind,
                                  printable(block.name), listed(errors)));
  }
}

}  // namespace

void merge_config(const oconfig_item_t& plugin_block, ParsedConfig& parsed) {
  Config& config = parsed.config;
  for (const oconfig_item_t& item : children(plugin_block)) {
    const std::string_view key = key_of(item);
    if (same_name(key, "Service")) {
      read_block(item, "Service", config.services, parsed.skipped_blocks);
    } else if (same_name(key, "Batch")) {
      read_block(item, "Batch", config.batch, parsed.skipped_blocks);
    } else if (const auto* option = find_option<Config>(key)) {
      if (auto error = set_option(item, *option, config)) {
        parsed.global_errors.push_back(*std::move(error));
      }
    } else if (!children(item).empty()) {
      // A block of one owner with its tag misspelt concerns only that owner.
      parsed.skipped_blocks.push_back(
          fmt::format("<{}> skipped: unknown block, expected Service or Batch",
                      printable(key)));
    } else {
      parsed.global_errors.push_back(
          unknown_option<Config>(item, {"Service", "Batch"}));
    }
  }
}

}  // namespace cpi
