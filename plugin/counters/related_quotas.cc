#include "counters/related_quotas.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace cpi {
namespace {

// "max 100000" and "-1" mean that there is none.
bool has_quota(const std::string& directory, bool unified) {
  const auto text =
      read_file(fmt::format("{}/{}", directory, quota_file(unified)));
  return text && !text->empty() && (*text)[0] >= '0' && (*text)[0] <= '9';
}

}  // namespace

void RelatedQuotas::follow(const Hierarchy& primary, const std::string& path,
                           std::size_t room) {
  most_ = std::min(kMost, quotas_.size() + room);
  std::vector<Quota> found;
  for (std::size_t end = path.rfind('/'); end != 0 && end != path.npos;
       end = path.rfind('/', end - 1)) {
    add(primary, primary.root + path.substr(0, end), found);
  }
  follow_descendants(primary, primary.root + path, 0, found);
  quotas_ = std::move(found);
}

void RelatedQuotas::follow_descendants(const Hierarchy& primary,
                                       const std::string& directory, int depth,
                                       std::vector<Quota>& found) {
  if (depth == kDepth) return;
  const auto children = list_directories(directory);
  if (!children) return;
  for (const std::string& child : *children) {
    const std::string below = directory + "/" + child;
    add(primary, below, found);
    follow_descendants(primary, below, depth + 1, found);
  }
}

void RelatedQuotas::add(const Hierarchy& primary, const std::string& directory,
                        std::vector<Quota>& found) {
  if (found.size() >= most_ || !has_quota(directory, primary.unified)) return;
  const auto known =
      std::find_if(quotas_.begin(), quotas_.end(),
                   [&](const Quota& q) { return q.directory == directory; });
  if (known != quotas_.end()) {
    found.push_back(std::move(*known));
    known->directory.clear();
    return;
  }
  field_ = &throttled_field(primary.unified);
  auto stat = KeptFile::open(directory + "/cpu.stat");
  if (stat) found.push_back({directory, *std::move(stat), std::nullopt});
}

std::optional<Duration> RelatedQuotas::read(KeptFile::Buffer& buffer) {
  if (field_ == nullptr) return std::nullopt;
  for (Quota& quota : quotas_) {
    const auto text = quota.stat.read(buffer);
    if (!text) continue;  // removed; what it held back stays counted
    const auto value = field_->find(*text, field_->key);
    if (!value) continue;
    const std::uint64_t before = quota.last.value_or(*value);
    if (*value > before) {
      sum_ += static_cast<Duration::rep>(*value - before) * field_->unit;
    }
    quota.last = *value;
  }
  return sum_;
}

}  // namespace cpi
