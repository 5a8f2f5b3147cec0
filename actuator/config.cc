#include "actuator/config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "actuator/files.h"
#include "actuator/json.h"
#include "actuator/paths.h"
#include "actuator/request.h"

namespace cpi::actuator {
namespace {

constexpr Range kSecondsRange{1, kMaxSeconds};

bool read_rule(const char* alias, const json_t* value, Rule* rule) {
  static constexpr const char* kKeys[] = {"cgroup", "depth", "floor_millicores",
                                          "recursive", "exclusive"};
  std::string_view path = get_text(json_object_get(value, "cgroup"));
  std::int64_t depth = 0;
  std::size_t components = 0;
  if (!has_only(value, kKeys) || !parse_word(alias, kMaxAliasBytes) ||
      path.empty() || path[0] != '/')
    return false;
  path.remove_prefix(1);
  if (!parse_components(path, kMaxTargetBytes, &components) ||
      !get_integer_or(value, "depth", {0, kMaxDepth}, 1, &depth) ||
      !get_integer_or(value, "floor_millicores", {1, kMaxMillicores}, 50,
                      &rule->floor) ||
      !get_flag_or_false(value, "recursive", &rule->recursive) ||
      !get_flag_or_false(value, "exclusive", &rule->exclusive))
    return false;
  rule->depth = static_cast<std::size_t>(depth);
  return rule->alias.assign(alias) && rule->parent.assign(path);
}

bool read_rules(const json_t* aliases, Config* config) {
  if (!json_is_object(aliases)) return false;
  void* at = json_object_iter(const_cast<json_t*>(aliases));
  for (; at != nullptr;
       at = json_object_iter_next(const_cast<json_t*>(aliases), at)) {
    Rule* rule = config->rules.push();
    if (rule == nullptr ||
        !read_rule(json_object_iter_key(at), json_object_iter_value(at), rule))
      return false;
  }
  return true;
}

bool read_callers(const json_t* callers, Config* config) {
  return each_item(callers, [&](const json_t* value) {
    std::int64_t uid = 0;
    // The largest uid_t means "none" to system calls.
    if (!get_integer(value, {1, 0xFFFFFFFE}, &uid)) return false;
    uid_t* caller = config->callers.push();
    if (caller != nullptr) *caller = static_cast<uid_t>(uid);
    return caller != nullptr;
  });
}

bool read_hook(const json_t* hook, Config* config) {
  static constexpr const char* kKeys[] = {"exempt_annotation", "fail_closed"};
  if (hook == nullptr) return true;
  const json_t* annotation = json_object_get(hook, "exempt_annotation");
  return has_only(hook, kKeys) &&
         get_flag_or_false(hook, "fail_closed", &config->fail_closed) &&
         (annotation == nullptr || json_is_string(annotation)) &&
         config->exempt_annotation.assign(get_text(annotation));
}

}  // namespace

const char* parse_config(std::string_view json, Config* config) {
  static constexpr const char* kKeys[] = {
      "callers",        "aliases",    "longest_lease",   "longest_throttle",
      "longest_freeze", "freeze_gap", "budget_per_hour", "hook"};
  *config = {};
  Document document(json);
  const json_t* root = document.root();
  if (root == nullptr) return "it is not JSON, or has a key twice";
  if (!has_only(root, kKeys)) return "it has a key that SECURITY.md does not";
  if (!read_callers(json_object_get(root, "callers"), config))
    return "\"callers\" is a list of at most 8 numeric user ids";
  if (!read_rules(json_object_get(root, "aliases"), config))
    return "\"aliases\": at most 16, as SECURITY.md describes them";
  if (!read_hook(json_object_get(root, "hook"), config))
    return "\"hook\" holds \"exempt_annotation\" and \"fail_closed\"";
  std::int64_t budget = 0;
  if (!get_integer_or(root, "longest_lease", kSecondsRange, 600,
                      &config->longest_lease) ||
      !get_integer_or(root, "longest_throttle", kSecondsRange, 7200,
                      &config->longest_throttle) ||
      !get_integer_or(root, "longest_freeze", kSecondsRange, 3600,
                      &config->longest_freeze) ||
      !get_integer_or(root, "freeze_gap", {0, kMaxSeconds}, 600,
                      &config->freeze_gap))
    return "\"longest_...\" and \"freeze_gap\" are seconds, at most 604800";
  if (!get_integer_or(root, "budget_per_hour", {0, kMaxBudget}, 120, &budget))
    return "\"budget_per_hour\" is a number from 0 to 256";
  config->budget = static_cast<std::size_t>(budget);
  return nullptr;
}

const char* load_config(Config* config) {
  static char bytes[64 * 1024];
  *config = {};
  UniqueFd directory = open_trusted_directory(kConfigDirectory);
  UniqueFd file;
  if (directory.valid()) file = open_trusted_file(directory.get(), kConfigFile);
  if (!file.valid()) {
    return errno == EPERM ? "it, or a directory above it, is not root's alone"
                          : "it cannot be opened";
  }
  ssize_t size = read_all(file.get(), bytes, sizeof bytes);
  if (size < 0) return "it cannot be read, or is longer than 64 KiB";
  return parse_config({bytes, static_cast<std::size_t>(size)}, config);
}

bool is_disabled() {
  UniqueFd directory = open_trusted_directory(kConfigDirectory);
  struct stat found {};
  return ::fstatat(directory.get(), kKillSwitch, &found, AT_SYMLINK_NOFOLLOW) ==
             0 ||
         errno != ENOENT;
}

}  // namespace cpi::actuator
