// collectd's parsed configuration, made by hand:
//
//   const ConfigTree tree({"Plugin", {"cpi"}, {
//       {"CountTime", {3.0}},
//       {"Service", {"web"}, {{"Cgroup", {"/web"}}}}}});
//   merge_config(tree.root(), parsed);
#ifndef CPI_TESTS_SUPPORT_CONFIG_TREE_H_
#define CPI_TESTS_SUPPORT_CONFIG_TREE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

extern "C" {
#include <liboconfig/oconfig.h>
}

namespace cpi {

// One value of an option. Not convertible from what it is not: a text is no
// boolean.
struct TreeValue {
  TreeValue(const char* text) : value(std::string(text)) {}  // NOLINT
  TreeValue(std::string text) : value(std::move(text)) {}    // NOLINT
  template <class Number, std::enable_if_t<std::is_arithmetic_v<Number> &&
                                               !std::is_same_v<Number, bool>,
                                           int> = 0>
  TreeValue(Number number)  // NOLINT
      : value(static_cast<double>(number)) {}
  template <class Bool, std::enable_if_t<std::is_same_v<Bool, bool>, int> = 0>
  TreeValue(Bool flag) : value(flag) {}  // NOLINT

  std::variant<std::string, double, bool> value;
};

struct TreeItem {
  std::string key;
  std::vector<TreeValue> values;
  std::vector<TreeItem> children = {};
};

// Owns the C structures.
class ConfigTree {
 public:
  explicit ConfigTree(const TreeItem& item);

  // A tree made from bytes, any bytes: mostly known keys with values that
  // often fit, and now and then what no parser would hand over: missing keys
  // and texts, unknown types, counts without an array behind them.
  static ConfigTree from_bytes(std::span<const std::uint8_t> bytes);

  [[nodiscard]] const oconfig_item_t& root() const { return root_; }
  // As the daemon passes it to a callback.
  [[nodiscard]] oconfig_item_t* mutable_root() { return &root_; }

 private:
  friend class TreeMaker;

  ConfigTree() = default;
  void fill(const TreeItem& item, oconfig_item_t& into);
  char* keep(std::string text);

  oconfig_item_t root_{};
  std::vector<std::unique_ptr<std::string>> texts_;
  std::vector<std::unique_ptr<oconfig_value_t[]>> values_;
  std::vector<std::unique_ptr<oconfig_item_t[]>> items_;
};

}  // namespace cpi

#endif  // CPI_TESTS_SUPPORT_CONFIG_TREE_H_
