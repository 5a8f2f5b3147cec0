#include "counters/workloads.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace cpi {
namespace {

std::vector<Matcher> compile(const std::vector<Selector>& selectors,
                             std::vector<Error>& errors) {
  std::vector<Matcher> matchers;
  for (const Selector& selector : selectors) {
    if (auto matcher = Matcher::compile(selector)) {
      matchers.push_back(*std::move(matcher));
    } else {
      errors.push_back(std::move(matcher).error());
    }
  }
  return matchers;
}

// Paths with what is known of them; asked for the nearest one at or above a
// path.
class PathMap {
 public:
  void put(std::string_view path, const Block* block) {
    blocks_.try_emplace(path, block);
  }

  [[nodiscard]] const Block* at(std::string_view path) const {
    const auto found = blocks_.find(path);
    return found == blocks_.end() ? nullptr : found->second;
  }

  [[nodiscard]] const Block* above(std::string_view path) const {
    for (path = parent(path); !path.empty(); path = parent(path)) {
      if (const Block* block = at(path)) return block;
    }
    return nullptr;
  }

  static std::string_view parent(std::string_view path) {
    return path.substr(0, path.rfind('/'));
  }

 private:
  std::unordered_map<std::string_view, const Block*> blocks_;
};

class Select {
 public:
  Select(const std::vector<Block>& blocks, const std::vector<Pod>& pods)
      : blocks_(blocks), pods_(pods) {}

  void match(const std::vector<CgroupId>& cgroups) {
    for (const CgroupId& cgroup : cgroups) {
      if (const Block* block = first_block(cgroup.path)) {
        matches_.push_back({cgroup, block});
      }
    }
  }

  void keep_services() {
    for (const Workload& match : matches_) {
      if (!match.block->service) continue;
      const std::string_view path = match.cgroup.path;
      if (const Block* outer = services_.above(path)) {
        remark(*match.block, "inside", *outer,
               "lies inside a cgroup of {} and is counted with it", path);
        continue;
      }
      services_.put(path, match.block);
      keep(match);
      for (auto up = PathMap::parent(path); !up.empty();
           up = PathMap::parent(up)) {
        contain_services_.put(up, match.block);
      }
    }
  }

  void keep_batch() {
    for (const Workload& match : matches_) {
      if (match.block->service) continue;
      const std::string_view path = match.cgroup.path;
      if (const Block* service = services_.above(path)) {
        remark(*match.block, "in-service", *service,
               "lies inside {} and is part of it", path);
      } else if (const Block* inner = contain_services_.at(path)) {
        remark(*match.block, "around-service", *inner,
               "contains {} and is not watched: throttling it would hit the "
               "service",
               path);
      } else if (const Block* outer = batch_.above(path)) {
        remark(*match.block, "inside", *outer,
               "lies inside a cgroup of {} and is counted with it", path);
      } else {
        batch_.put(path, match.block);
        keep(match);
      }
    }
  }

  Selection take() {
    std::stable_sort(
        result_.workloads.begin(), result_.workloads.end(),
        [](const auto& a, const auto& b) { return a.block < b.block; });
    return std::move(result_);
  }

 private:
  const Block* first_block(const std::string& path) {
    const Block* first = nullptr;
    for (const Block& block : blocks_) {
      const bool matches =
          std::any_of(block.matchers.begin(), block.matchers.end(),
                      [&](const Matcher& m) { return m.matches(path, pods_); });
      if (!matches) continue;
      if (first == nullptr) {
        first = &block;
      } else {
        remark(block, "taken", *first, "belongs to {}, which comes first",
               path);
      }
    }
    return first;
  }

  void keep(const Workload& match) { result_.workloads.push_back(match); }

  void remark(const Block& block, const char* kind, const Block& other,
              const char* text, std::string_view path) {
    result_.remarks.push_back(
        {fmt::format("{} {}", kind, block.title()),
         fmt::format("{}: {} {}", block.title(), path,
                     fmt::format(fmt::runtime(text), other.title()))});
  }

  const std::vector<Block>& blocks_;
  const std::vector<Pod>& pods_;
  std::vector<Workload> matches_;
  PathMap services_;
  PathMap contain_services_;
  PathMap batch_;
  Selection result_;
};

}  // namespace

std::string Block::title() const {
  return fmt::format("{} \"{}\"", service ? "Service" : "Batch", name);
}

std::vector<Block> compile_blocks(const Config& config,
                                  std::vector<Error>& errors) {
  std::vector<Block> blocks;
  for (const ServiceConfig& service : config.services) {
    blocks.push_back(
        {service.name, true, true, compile(service.selectors, errors)});
  }
  for (const BatchConfig& batch : config.batch) {
    blocks.push_back(
        {batch.name, false, batch.count, compile(batch.selectors, errors)});
  }
  return blocks;
}

Selection select_workloads(const std::vector<CgroupId>& cgroups,
                           const std::vector<Block>& blocks,
                           const std::vector<Pod>& pods) {
  Select select(blocks, pods);
  select.match(cgroups);
  select.keep_services();
  select.keep_batch();
  return select.take();
}

}  // namespace cpi
