#include "support/config_tree.h"

#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

namespace cpi {

ConfigTree::ConfigTree(const TreeItem& item) { fill(item, root_); }

char* ConfigTree::keep(std::string text) {
  texts_.push_back(std::make_unique<std::string>(std::move(text)));
  return texts_.back()->data();
}

void ConfigTree::fill(const TreeItem& item, oconfig_item_t& into) {
  into.key = keep(item.key);
  values_.push_back(std::make_unique<oconfig_value_t[]>(item.values.size()));
  into.values = values_.back().get();
  into.values_num = static_cast<int>(item.values.size());
  for (std::size_t i = 0; i < item.values.size(); ++i) {
    oconfig_value_t& value = into.values[i];
    const auto& given = item.values[i].value;
    if (const auto* text = std::get_if<std::string>(&given)) {
      value.type = OCONFIG_TYPE_STRING;
      value.value.string = keep(*text);
    } else if (const auto* number = std::get_if<double>(&given)) {
      value.type = OCONFIG_TYPE_NUMBER;
      value.value.number = *number;
    } else {
      value.type = OCONFIG_TYPE_BOOLEAN;
      value.value.boolean = std::get<bool>(given);
    }
  }
  items_.push_back(std::make_unique<oconfig_item_t[]>(item.children.size()));
  into.children = items_.back().get();
  into.children_num = static_cast<int>(item.children.size());
  for (std::size_t i = 0; i < item.children.size(); ++i) {
    into.children[i].parent = &into;
    fill(item.children[i], into.children[i]);
  }
}

// Takes decisions off a string of bytes; zeros when there are no more.
class TreeMaker {
 public:
  TreeMaker(std::span<const std::uint8_t> bytes, ConfigTree& tree)
      : bytes_(bytes), tree_(tree) {}

  void fill(oconfig_item_t& item, int depth) {
    item.key = key(depth);
    fill_values(item);
    if (depth < 4) fill_children(item, depth);
  }

 private:
  std::uint8_t next() {
    if (bytes_.empty()) return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }

  std::string text() {
    std::string made;
    for (int length = next() % 24; length > 0 && !bytes_.empty(); --length) {
      made += static_cast<char>(next());
    }
    return made;
  }

  char* key(int depth) {
    // Blocks first: at depth 1 they shall be frequent, below them useless.
    static constexpr const char* kKeys[] = {
        "Service",         "Batch",      "Service",   "Cgroup",     "Cgroup",
        "Cgroup",          "Deployment", "Count",     "CPUs",       "CountTime",
        "MinRunningRatio", "StateDir",   "ReportCPI", "CyclesEvent"};
    const std::uint8_t choice = next();
    if (choice == 255) return nullptr;
    if (choice >= 224) return tree_.keep(text());
    if (depth == 1) return tree_.keep(kKeys[choice % std::size(kKeys)]);
    return tree_.keep(kKeys[3 + choice % 5]);
  }

  char* string_value() {
    static constexpr const char* kTexts[] = {
        "web", "a1", "/a/**/b*", "/^x+$/", "prod/web", "0-3,8", "//", "/[/"};
    const std::uint8_t choice = next();
    if (choice == 255) return nullptr;
    if (choice == 254) return tree_.keep(std::string(5000, '('));
    if (choice == 253) return tree_.keep("/" + std::string(1000, '(') + "/");
    if (choice >= 224) return tree_.keep(text());
    if (choice >= 192) return tree_.keep("/" + text() + "/");
    return tree_.keep(kTexts[choice % std::size(kTexts)]);
  }

  double number_value() {
    static constexpr double kNumbers[] = {
        0, 1, -1, 0.5, 1e9, 1e30, NAN, std::numeric_limits<double>::infinity()};
    const std::uint8_t choice = next();
    if (choice < 128) return kNumbers[choice % std::size(kNumbers)];
    double number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i) {
      const std::uint8_t byte = next();
      std::memcpy(reinterpret_cast<char*>(&number) + i, &byte, 1);
    }
    return number;
  }

  void fill_values(oconfig_item_t& item) {
    const std::uint8_t choice = next();
    const int count = choice < 240 ? 1 : choice % 4;
    item.values_num = choice == 255 ? -1 : count;
    if (choice == 254) return;  // promised, but not there
    tree_.values_.push_back(
        std::make_unique<oconfig_value_t[]>(static_cast<std::size_t>(count)));
    item.values = tree_.values_.back().get();
    for (int i = 0; i < count; ++i) {
      oconfig_value_t& value = item.values[i];
      // Texts mostly, and now and then 3, which is no type.
      const int type = next() % 8;
      value.type = type < 5 ? OCONFIG_TYPE_STRING : type % 4;
      if (value.type == OCONFIG_TYPE_NUMBER) {
        value.value.number = number_value();
      } else if (value.type == OCONFIG_TYPE_BOOLEAN) {
        value.value.boolean = next();
      } else {
        value.value.string = string_value();
      }
    }
  }

  void fill_children(oconfig_item_t& item, int depth) {
    const std::uint8_t choice = next();
    const int count = depth == 0     ? 1 + choice % 8
                      : depth == 1   ? choice % 4
                      : choice < 224 ? 0
                                     : choice % 4;
    item.children_num = choice == 255 ? -1 : count;
    if (choice == 254) return;
    tree_.items_.push_back(
        std::make_unique<oconfig_item_t[]>(static_cast<std::size_t>(count)));
    item.children = tree_.items_.back().get();
    for (int i = 0; i < count; ++i) {
      item.children[i].parent = &item;
      fill(item.children[i], depth + 1);
    }
  }

  std::span<const std::uint8_t> bytes_;
  ConfigTree& tree_;
};

ConfigTree ConfigTree::from_bytes(std::span<const std::uint8_t> bytes) {
  ConfigTree tree;
  TreeMaker(bytes, tree).fill(tree.root_, 0);
  return tree;
}

}  // namespace cpi
