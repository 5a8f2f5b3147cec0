// Which cgroups a <Service> or <Batch> block means.
#ifndef CPI_COUNTERS_SELECTOR_H_
#define CPI_COUNTERS_SELECTOR_H_

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/config.h"
#include "base/result.h"

namespace re2 {
class RE2;
}

namespace cpi {

// A pod on this host, from the kubelet's log folders.
struct Pod {
  std::string name_space;
  std::string name;
  std::string uid;
};

// NAMESPACE_NAME_UID → Pod. Names contain no underscore (RFC 1123), so the
// split is unique; anything else is not a pod's folder.
Result<Pod> parse_pod_folder(std::string_view folder);

// True if a ReplicaSet of deployment `name` made this pod: NAME-HASH-SUFFIX,
// hash and suffix in the alphabet Kubernetes draws them from. Names of other
// workloads that merely begin alike do not match.
bool belongs_to_deployment(std::string_view pod_name, std::string_view name);

// True if `path` is the pod's own cgroup (its containers are below), as the
// kubelet writes it with the systemd driver ("…-podUID.slice", '_' for '-')
// or the cgroupfs driver ("podUID").
bool is_pod_cgroup(std::string_view path, std::string_view uid);

// A selector ready for matching. May be copied; matching is thread-safe. It
// takes time in proportion to the path, and bounded memory, whatever the
// pattern: who may name a cgroup must not be able to hold up the host.
class Matcher {
 public:
  // Fails on what can never match: a glob or deployment of the wrong form, a
  // bad regular expression. The error tells what was expected.
  static Result<Matcher> compile(const Selector& selector);

  // `path` is "/a/b". The root never matches. `pods` are the host's; only
  // deployments look at them.
  [[nodiscard]] bool matches(const std::string& path,
                             const std::vector<Pod>& pods) const;

  [[nodiscard]] bool needs_pods() const;

 private:
  struct Glob {
    std::vector<std::string> components;  // "**" stands for any number
  };
  using Regex = std::shared_ptr<const re2::RE2>;  // never null
  struct Deployment {
    std::string name_space;
    std::string name;
  };
  using Kind = std::variant<Glob, Regex, Deployment>;

  explicit Matcher(Kind kind) : kind_(std::move(kind)) {}

  static Result<Kind> compile_glob(const std::string& text);
  static Result<Kind> compile_regex(const std::string& text);
  static Result<Kind> compile_deployment(const std::string& text);

  Kind kind_;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_SELECTOR_H_
