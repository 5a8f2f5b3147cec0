#include "counters/discovery.h"

#include <fmt/core.h>

#include <algorithm>

#include "counters/files.h"

namespace cpi {
namespace {

// Directories that one message names.
constexpr std::size_t kMostNamed = 3;

bool any_needs_pods(const std::vector<Block>& blocks) {
  return std::any_of(blocks.begin(), blocks.end(), [](const Block& block) {
    return std::any_of(block.matchers.begin(), block.matchers.end(),
                       [](const Matcher& m) { return m.needs_pods(); });
  });
}

}  // namespace

Discovery::Discovery(const Config& config, std::string root, LogSink sink,
                     Lister list)
    : root_(std::move(root)),
      pod_logs_(config.counters.pod_logs),
      sink_(sink),
      list_(std::move(list)),
      complaints_(std::move(sink)) {
  std::vector<Error> errors;
  blocks_ = compile_blocks(config, errors);
  for (const Error& error : errors) sink_(Severity::error, error.message());
  needs_pods_ = any_needs_pods(blocks_);
}

Discovery::Change Discovery::update(Instant now) {
  const bool full = !next_full_scan_ || now >= *next_full_scan_;
  // Asked even when the answer is known: it empties the queue.
  const bool changed = watch_.changed() || stale_;
  if (!full && !changed) return Change::none;
  if (full) next_full_scan_ = now + kFullScan;
  stale_ = false;
  scan();
  return full ? Change::full_scan : Change::some;
}

void Discovery::scan() {
  watch_.begin_round();
  scan_pods();
  const auto tree = scan_cgroups(root_, watch_, {}, list_);
  watch_.end_round();
  if (!tree) {  // what was known stays watched
    complaints_.raise("scan", Severity::warning, tree.error().message());
    stale_ = true;
    return;
  }
  complaints_.settle("scan", root_ + " can be read again");
  if (const Error* problem = watch_.problem()) {
    complaints_.raise("watch", Severity::warning, problem->message());
  }
  judge(*tree);
  Selection selection = select_workloads(tree->cgroups, blocks_, pods_);
  for (const Remark& remark : selection.remarks) say_once(remark);
  workloads_ = std::move(selection.workloads);
}

void Discovery::judge(const CgroupTree& tree) {
  constexpr ScanLimits kLimits;
  complain_if(tree.too_deep, "depth",
              fmt::format("{} is deeper than the {} levels that are looked at; "
                          "workloads below are missed",
                          root_, kLimits.depth),
              fmt::format("{} is looked at down to its leaves now", root_));
  complain_if(tree.too_many, "number",
              fmt::format("{} holds more than the {} cgroups that are looked "
                          "at; some workloads may be missed",
                          root_, kLimits.cgroups),
              fmt::format("every cgroup of {} is looked at now", root_));
  say_unreadable(tree);
}

void Discovery::say_unreadable(const CgroupTree& tree) {
  const std::size_t count = tree.unreadable.size();
  std::string text = "cgroups in these directories are missed: ";
  for (std::size_t i = 0; i < std::min(count, kMostNamed); ++i) {
    text += (i == 0 ? "" : "; ") + tree.unreadable[i].message();
  }
  if (count > kMostNamed) text += fmt::format("; {} more", count - kMostNamed);
  complain_if(count > 0, "unreadable", text,
              fmt::format("all of {} can be listed now", root_));
}

void Discovery::complain_if(bool wrong, const std::string& key,
                            const std::string& text, const std::string& well) {
  if (wrong) {
    complaints_.raise(key, Severity::warning, text);
  } else {
    complaints_.settle(key, well);
  }
}

void Discovery::scan_pods() {
  if (!needs_pods_) return;
  watch_.add(pod_logs_);
  const auto folders = list_(pod_logs_);
  if (!folders) {
    complaints_.raise("pods", Severity::warning, folders.error().message());
    return;
  }
  complaints_.settle("pods", pod_logs_ + " can be read now");
  pods_.clear();
  for (const std::string& folder : *folders) {
    if (auto pod = parse_pod_folder(folder)) pods_.push_back(*std::move(pod));
  }
}

void Discovery::say_once(const Remark& remark) {
  if (said_.insert(remark.key).second) sink_(Severity::warning, remark.text);
}

}  // namespace cpi
