// cpi-oci-hook: an OCI createRuntime hook. The container runtime starts it as
// root with the container's state on standard input; leaving with 1 refuses the
// container. It refuses only while a freeze is in force, only below a batch
// parent, and only what is new. When it cannot tell it allows and says so,
// unless "fail_closed" is set. It changes nothing.
#include <fcntl.h>
#include <syslog.h>

#include <cerrno>
#include <cstdio>
#include <ctime>

#include "actuator/files.h"
#include "actuator/freeze.h"
#include "actuator/json.h"
#include "actuator/paths.h"

namespace cpi::actuator {
namespace {

constexpr int kAllow = 0;
constexpr int kRefuse = 1;

// What OCI says of the container.
struct Container {
  std::int64_t pid;
  bool exempt;
};

bool read_container(const Config& config, Container* container) {
  static char bytes[256 * 1024];
  ssize_t size = read_all(STDIN_FILENO, bytes, sizeof bytes);
  if (size < 0) return false;
  Document document({bytes, static_cast<std::size_t>(size)});
  const json_t* annotations = json_object_get(document.root(), "annotations");
  const Text<128>& key = config.exempt_annotation;
  container->exempt = key.size != 0 && get_text(json_object_get(
                                           annotations, key.bytes)) == "true";
  return get_integer(json_object_get(document.root(), "pid"), {1, INT32_MAX},
                     &container->pid);
}

// The lines of /proc/PID/cgroup: "NUMBER:CONTROLLERS:/PATH".
using Lines = Text<65'536>;
bool read_cgroups(std::int64_t pid, Lines* lines) {
  char name[40];
  (void)std::snprintf(name, sizeof name, "/proc/%lld/cgroup",
                      static_cast<long long>(pid));
  UniqueFd file(::open(name, O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return false;
  ssize_t size = read_all(file.get(), lines->bytes, sizeof lines->bytes);
  if (size < 0) return false;
  lines->size = static_cast<std::size_t>(size);
  return true;
}

// The first line's path, without its leading slash; moves on to the next line.
std::string_view next_path(std::string_view* lines) {
  std::size_t end = lines->find('\n');
  if (end == std::string_view::npos) end = lines->size();
  std::string_view path(lines->data(), end);
  for (int colon = 0; colon < 2; ++colon) {
    std::size_t at = path.find(':');
    path.remove_prefix(at == std::string_view::npos ? path.size() : at + 1);
  }
  lines->remove_prefix(end < lines->size() ? end + 1 : end);
  if (!path.empty()) path.remove_prefix(1);
  return path;
}

bool is_batch(std::string_view path, const Config& config) {
  for (const Rule& rule : config.rules) {
    if (path.size() > rule.parent.size && path[rule.parent.size] == '/' &&
        std::string_view(path.data(), rule.parent.size) == rule.parent.view())
      return true;
  }
  return false;
}

// Is one of its cgroups below a batch parent, and not of a pod that was there?
bool is_new_batch(std::string_view lines, const Config& config,
                  const Freeze& freeze) {
  while (!lines.empty()) {
    std::string_view path = next_path(&lines);
    if (!is_batch(path, config)) continue;
    PodUid uid{};
    bool known = false;
    if (find_pod_uid(path, &uid)) {
      for (const PodUid& pod : freeze.pods)
        known = known || pod.view() == uid.view();
    }
    if (!known) return true;
  }
  return false;
}

int tell(int verdict, const char* words) {
  (void)std::fprintf(stderr, "cpi-oci-hook: %s\n", words);
  ::syslog(LOG_DAEMON | LOG_WARNING, "cpi-oci-hook: %s", words);
  return verdict;
}

int refuse(const Freeze& freeze, Seconds now) {
  char until[32];
  char words[160];
  std::time_t end = std::time(nullptr) + (freeze.deadline - now);
  std::tm parts{};
  ::gmtime_r(&end, &parts);
  (void)std::strftime(until, sizeof until, "%Y-%m-%dT%H:%M:%SZ", &parts);
  (void)std::snprintf(
      words, sizeof words,
      "refused: this host starts no new batch work until %s (%s)", until,
      freeze.reason.bytes);
  return tell(kRefuse, words);
}

// No state directory is no freeze; anything else that is odd is an error.
bool read_freeze(Journal* journal) {
  UniqueFd state = open_trusted_directory(kStateDirectory);
  if (!state.valid()) return errno == ENOENT;
  return load_journal(state.get(), journal);
}

int run() {
  static Config config;
  static Journal journal;
  static Lines lines;
  Container container{};
  if (const char* problem = load_config(&config)) return tell(kAllow, problem);
  int unknown = config.fail_closed ? kRefuse : kAllow;
  if (!read_freeze(&journal))
    return tell(unknown, "the journal cannot be read");
  Seconds now = boottime();
  if (!is_frozen(journal.freeze, now)) return kAllow;
  if (!read_container(config, &container))
    return tell(unknown, "standard input is no OCI state");
  if (container.exempt) return kAllow;
  if (!read_cgroups(container.pid, &lines))
    return tell(unknown, "the container's cgroup cannot be read");
  if (!is_new_batch(lines.view(), config, journal.freeze)) return kAllow;
  return refuse(journal.freeze, now);
}

}  // namespace
}  // namespace cpi::actuator

int main() {
  cpi::actuator::prepare_json();
  return cpi::actuator::run();
}
