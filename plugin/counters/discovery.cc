#include "counters/discovery.h"

#include <algorithm>

#include "counters/files.h"

namespace cpi {
namespace {

bool any_needs_pods(const std::vector<Block>& blocks) {
  return std::any_of(blocks.begin(), blocks.end(), [](const Block& block) {
    return std::any_of(block.matchers.begin(), block.matchers.end(),
                       [](const Matcher& m) { return m.needs_pods(); });
  });
}

}  // namespace

Discovery::Discovery(const Config& config, std::string root, LogSink sink)
    : root_(std::move(root)),
      pod_logs_(config.counters.pod_logs),
      sink_(sink),
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
  const auto pods = scan_pods();
  const auto tree = scan_cgroups(root_, watch_);
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
  if (tree->truncated) {
    complaints_.raise("size", Severity::warning,
                      root_ +
                          " holds more cgroups than are looked at; some "
                          "workloads may be missed");
  }
  Selection selection = select_workloads(tree->cgroups, blocks_, pods);
  for (const Remark& remark : selection.remarks) say_once(remark);
  workloads_ = std::move(selection.workloads);
}

std::vector<Pod> Discovery::scan_pods() {
  std::vector<Pod> pods;
  if (!needs_pods_) return pods;
  watch_.add(pod_logs_);
  const auto folders = list_directories(pod_logs_);
  if (!folders) {
    complaints_.raise("pods", Severity::warning, folders.error().message());
    return pods;
  }
  complaints_.settle("pods", pod_logs_ + " can be read now");
  for (const std::string& folder : *folders) {
    if (auto pod = parse_pod_folder(folder)) pods.push_back(*std::move(pod));
  }
  return pods;
}

void Discovery::say_once(const Remark& remark) {
  if (said_.insert(remark.key).second) sink_(Severity::warning, remark.text);
}

}  // namespace cpi
