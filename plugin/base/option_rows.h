// What the rows of several kinds of blocks are made of. For base/*options.cc.
#ifndef CPI_BASE_OPTION_ROWS_H_
#define CPI_BASE_OPTION_ROWS_H_

#include "base/options.h"
#include "base/syntax.h"

namespace cpi {

inline constexpr Domain kOptionalPath{.expected = "an absolute path or \"\"",
                                      .objection = objection_to_optional_path};
inline constexpr Domain kCgroup{
    .expected = "a glob such as \"/system.slice/nginx*\" or a \"/regex/\"",
    .objection = objection_to_cgroup};
inline constexpr Domain kDeployment{.expected = "\"namespace/name\""};
inline constexpr Domain kMetric{
    .expected = "\"PLUGIN-INSTANCE/TYPE-INSTANCE\", without a host",
    .objection = objection_to_metric};

// A member of the block itself.
template <auto kMember, class Block>
Field own(Block& block) {
  return &(block.*kMember);
}

template <class Block, bool kIsDeployment>
Field selectors(Block& block) {
  return SelectorField{&block.selectors, kIsDeployment};
}

}  // namespace cpi

#endif  // CPI_BASE_OPTION_ROWS_H_
