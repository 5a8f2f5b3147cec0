// The kinds of fields a declaration has: how each is written, and read back.
//
// take() gives a member its value or appends one, and returns what was expected
// where the values are something else; the member is then unchanged. A field
// that is not repeatable is taken once: two owners of one number would not
// learn of each other. give() returns what take() reads back.
#ifndef CPI_BASE_DECLARED_H_
#define CPI_BASE_DECLARED_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/config/declaration.h"
#include "base/options.h"

namespace cpi {

using Values = std::span<const Scalar>;
using Occurrences = std::vector<std::vector<Scalar>>;
using Expected = std::optional<std::string>;

inline constexpr char kOnlyOnce[] = "to be given only once";

// A number above zero, at most kMax: 4.
struct DeclaredNumber {
  using Member = std::optional<double>;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

// A whole number from 1: 40.
struct DeclaredCount {
  using Member = std::optional<std::uint64_t>;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

// "80GB".
struct DeclaredBytes {
  using Member = std::optional<std::uint64_t>;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

// "70%".
struct DeclaredPercent {
  using Member = std::optional<double>;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

// Printable UTF-8, not empty.
struct DeclaredText {
  using Member = std::string;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

// The same, repeatable.
struct DeclaredTexts {
  using Member = std::vector<std::string>;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

// The identifier of a series.
struct DeclaredMetric {
  using Member = std::string;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

// 2 "5min".
struct DeclaredRestarts {
  using Member = std::optional<RestartThreshold>;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

// "HK" 3, repeatable.
struct DeclaredRegions {
  using Member = std::vector<Region>;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

// "name" "value", repeatable.
struct DeclaredExtras {
  using Member = std::vector<ExtraField>;
  static Expected take(Member& member, Values values);
  static Occurrences give(const Member& member);
};

template <class Kind>
constexpr bool kRepeatable = std::is_same_v<Kind, DeclaredTexts> ||
                             std::is_same_v<Kind, DeclaredRegions> ||
                             std::is_same_v<Kind, DeclaredExtras>;

template <class Kind>
DeclaredField declared(typename Kind::Member& member) {
  using Member = typename Kind::Member;
  return {&member, kRepeatable<Kind>,
          [](void* to, Values values) {
            return Kind::take(*static_cast<Member*>(to), values);
          },
          [](const void* from) {
            return Kind::give(*static_cast<const Member*>(from));
          }};
}

}  // namespace cpi

#endif  // CPI_BASE_DECLARED_H_
