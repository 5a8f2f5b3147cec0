// One item each of many cgroups: a list in the order in which they were added,
// that finds an item by its cgroup without walking it. A value, as its items
// are.
#ifndef CPI_BASE_BY_CGROUP_H_
#define CPI_BASE_BY_CGROUP_H_

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/cgroup_id.h"

namespace cpi {

// `kCgroup`: which member says whose item it is. REQUIRES: it is not changed
// while the item is in the list.
template <class T, CgroupId T::*kCgroup = &T::cgroup>
class ByCgroup {
 public:
  ByCgroup() = default;
  ByCgroup(std::initializer_list<T> items) {
    for (const T& item : items) add(item);
  }

  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  [[nodiscard]] auto begin() const { return items_.begin(); }
  [[nodiscard]] auto end() const { return items_.end(); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] const T& operator[](std::size_t i) const { return items_[i]; }

  // Null where there is none. Valid until something is added or erased.
  T* find(const CgroupId& cgroup) {
    return const_cast<T*>(std::as_const(*this).find(cgroup));
  }
  [[nodiscard]] const T* find(const CgroupId& cgroup) const {
    const auto found = places_.find(key_of(cgroup));
    return found == places_.end() ? nullptr : &items_[found->second];
  }

  // Of a cgroup that has an item already, that one stays. Valid as above.
  T& add(T item) {
    const Key key = key_of(item.*kCgroup);
    const auto [place, added] = places_.try_emplace(key, items_.size());
    if (added) items_.push_back(std::move(item));
    return items_[place->second];
  }

  void erase(const CgroupId& cgroup) {
    const auto found = places_.find(key_of(cgroup));
    if (found == places_.end()) return;
    const std::size_t gone = found->second;
    places_.erase(found);
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(gone));
    for (auto& [key, place] : places_) place -= place > gone;
  }
  // Asks `is_over` once of each, in order.
  template <class Predicate>
  void erase_if(Predicate is_over) {
    if (std::erase_if(items_, is_over) == 0) return;
    places_.clear();
    for (const T& item : items_) {
      places_.emplace(key_of(item.*kCgroup), places_.size());
    }
  }
  void clear() {
    items_.clear();
    places_.clear();
  }

 private:
  using Key = std::pair<ino_t, dev_t>;
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<ino_t>{}(key.first) ^
             (std::hash<dev_t>{}(key.second) << 1);
    }
  };
  // Without the path, which says nothing about identity.
  static Key key_of(const CgroupId& cgroup) {
    return {cgroup.inode, cgroup.device};
  }

  std::vector<T> items_;
  std::unordered_map<Key, std::size_t, Hash> places_;
};

}  // namespace cpi

#endif  // CPI_BASE_BY_CGROUP_H_
