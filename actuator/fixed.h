// Texts and lists of bounded size: the helper allocates nothing of its own, so
// no allocation of its own can fail between two writes. Both are aggregates;
// a static one lives in .bss and needs no initialiser.
#ifndef CPI_ACTUATOR_FIXED_H_
#define CPI_ACTUATOR_FIXED_H_

#include <cstddef>
#include <cstring>
#include <string_view>

namespace cpi::actuator {

// At most N bytes, always terminated: system calls want it so.
template <std::size_t N>
struct Text {
  char bytes[N + 1];
  std::size_t size;

  [[nodiscard]] std::string_view view() const { return {bytes, size}; }
  // False, and unchanged, when it does not fit.
  [[nodiscard]] bool append(std::string_view text) {
    if (text.size() > N - size) return false;
    if (!text.empty()) std::memcpy(bytes + size, text.data(), text.size());
    size += text.size();
    bytes[size] = '\0';
    return true;
  }
  [[nodiscard]] bool assign(std::string_view text) {
    if (text.size() > N) return false;
    size = 0;
    return append(text);
  }
};

// At most N items, in order.
template <class T, std::size_t N>
struct List {
  T items[N];
  std::size_t size;

  [[nodiscard]] T* begin() { return items; }
  [[nodiscard]] T* end() { return items + size; }
  [[nodiscard]] const T* begin() const { return items; }
  [[nodiscard]] const T* end() const { return items + size; }
  // A new last item, all zero; nullptr when the list is full.
  [[nodiscard]] T* push() {
    if (size == N) return nullptr;
    items[size] = T{};
    return &items[size++];
  }
  // Keeps the items for which keep(item) holds.
  template <class Keep>
  void filter(Keep keep) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size; ++i)
      if (keep(items[i])) items[kept++] = items[i];
    size = kept;
  }
};

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_FIXED_H_
