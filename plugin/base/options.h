// Every configuration option, one row each: its name, where it lives in Config
// and which values it takes. collectd's parser, the JSON form and the tests of
// the documentation all walk these rows, so that adding an option is adding a
// member to config.h and a row to options.cc.
#ifndef CPI_BASE_OPTIONS_H_
#define CPI_BASE_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/config.h"

namespace cpi {

// What a configuration file or a JSON document holds for one option.
using Scalar = std::variant<std::string, double, bool>;

// The selectors of one kind of spelling within a block's list; repeatable.
struct SelectorField {
  std::vector<Selector>* list;
  bool deployment;  // `Deployment "ns/name"`; else `Cgroup "…"`
};

// A field of a declaration: optional, with units, with several values or
// repeatable; it converts them itself. base/declared.h makes them.
struct DeclaredField {
  void* member;
  bool repeatable;
  // Takes one occurrence's values, or returns what was expected.
  std::optional<std::string> (*take)(void* member,
                                     std::span<const Scalar> values);
  // Each occurrence with its values, such that take() reads them back.
  std::vector<std::vector<Scalar>> (*give)(const void* member);
};

// Where an option's value lives. Durations are given in seconds.
using Field = std::variant<std::string*, bool*, double*, std::uint64_t*,
                           Duration*, SelectorField, DeclaredField>;

// Which values an option takes. Yes or no needs nothing said.
struct Domain {
  // Numbers.
  double min = 0;
  double max = 0;
  std::string_view unit = {};
  // Texts: what is expected, for people, and a function that says why a text
  // is not that ("" when it is); null where any will do here.
  std::string_view expected = {};
  std::string (*objection)(const std::string&) = nullptr;
};

template <class Block>
struct Option {
  std::string_view name;  // compared without regard to case, as collectd does
  Field (*field)(Block&);
  Domain domain;
};

// The rows of one kind of block; Config stands for the global ones. Only the
// specialisations below exist.
template <class Block>
std::span<const Option<Block>> options();
template <>
std::span<const Option<Config>> options();
template <>
std::span<const Option<ServiceConfig>> options();
template <>
std::span<const Option<BatchConfig>> options();

// Gives a field its value, or appends it where the option is repeatable.
// Otherwise changes nothing and returns what was expected: "a number from 0 to
// 1". Any text is safe to pass. Only a declared field takes several values.
std::optional<std::string> assign(const Field& field, const Domain& domain,
                                  std::span<const Scalar> values);
std::optional<std::string> assign(const Field& field, const Domain& domain,
                                  const Scalar& value);

// The spelling that assign() reads back: "/expression/" for a regex.
std::string spelling(const Selector& selector);

// Equal without regard to case.
bool same_name(std::string_view a, std::string_view b);

// The row named `name`, or null.
template <class Block>
const Option<Block>* find_option(std::string_view name) {
  for (const auto& option : options<Block>()) {
    if (same_name(option.name, name)) return &option;
  }
  return nullptr;
}

}  // namespace cpi

#endif  // CPI_BASE_OPTIONS_H_
