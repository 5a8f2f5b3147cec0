#include "actuator/config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "actuator/files.h"
#include "actuator/json.h"
#include "actuator/paths.h"
#include "actuator/request.h"

namespace cpi::actuator {
namespace {

// A number that may be absent.
template <class T>
struct Number {
  const char* key;
  Range range;
  std::int64_t fallback;
  std::int64_t T::*member;
  const char* problem;
};

constexpr Number<Rule> kRuleNumbers[] = {
    {"depth",
     {0, kMaxDepth},
     1,
     &Rule::depth,
     "\"depth\" is a number from 0 to 6"},
    {"floor_millicores",
     {1, kMaxMillicores},
     50,
     &Rule::floor,
     "\"floor_millicores\" is a number from 1 to 4096000"},
};

constexpr Number<Config> kNumbers[] = {
    {"longest_lease",
     {1, kMaxSeconds},
     600,
     &Config::longest_lease,
     "\"longest_lease\" is a number of seconds, 1 to 604800"},
    {"longest_throttle",
     {1, kMaxSeconds},
     7200,
     &Config::longest_throttle,
     "\"longest_throttle\" is a number of seconds, 1 to 604800"},
    {"longest_freeze",
     {1, kMaxSeconds},
     3600,
     &Config::longest_freeze,
     "\"longest_freeze\" is a number of seconds, 1 to 604800"},
    {"freeze_gap",
     {0, kMaxSeconds},
     600,
     &Config::freeze_gap,
     "\"freeze_gap\" is a number of seconds, 0 to 604800"},
    {"budget_per_hour",
     {0, kMaxBudget},
     120,
     &Config::budget,
     "\"budget_per_hour\" is a number from 0 to 256"},
};

constexpr const char* kUnknownKey = "it has a key that SECURITY.md does not";

template <class T, std::size_t N>
const char* read_numbers(const json_t* object, const Number<T> (&numbers)[N],
                         T* into) {
  for (const Number<T>& number : numbers) {
    if (!get_integer_or(object, number.key, number.range, number.fallback,
                        &(into->*number.member)))
      return number.problem;
  }
  return nullptr;
}

// Both are constant texts or names that have passed a parser.
const char* say_where(const char* where, const char* what) {
  static char text[192];
  (void)std::snprintf(text, sizeof text, "%s: %s", where, what);
  return text;
}

const char* read_rule(const char* alias, const json_t* value, Rule* rule) {
  static constexpr const char* kKeys[] = {"cgroup", "depth", "floor_millicores",
                                          "recursive", "exclusive"};
  if (!parse_word(alias, kMaxAliasBytes) || !rule->alias.assign(alias))
    return "an alias is [a-z0-9-]{1,32}";
  if (!has_only(value, kKeys)) return kUnknownKey;
  std::string_view path = get_text(json_object_get(value, "cgroup"));
  bool absolute = path.starts_with('/');
  if (absolute) path.remove_prefix(1);
  std::size_t components = 0;
  if (!absolute || !parse_components(path, kMaxTargetBytes, &components) ||
      !rule->parent.assign(path)) {
    return "\"cgroup\" is a path from the root of the hierarchy, \"/a/b\", of "
           "[A-Za-z0-9_.:@-]";
  }
  if (!get_flag_or_false(value, "recursive", &rule->recursive) ||
      !get_flag_or_false(value, "exclusive", &rule->exclusive))
    return "\"recursive\" and \"exclusive\" are true or false";
  return read_numbers(value, kRuleNumbers, rule);
}

const char* read_rules(const json_t* aliases, Config* config) {
  if (!json_is_object(aliases)) return "\"aliases\" is an object of aliases";
  void* at = json_object_iter(const_cast<json_t*>(aliases));
  for (; at != nullptr;
       at = json_object_iter_next(const_cast<json_t*>(aliases), at)) {
    Rule* rule = config->rules.push();
    if (rule == nullptr) return "there are more than 16 aliases";
    const char* problem =
        read_rule(json_object_iter_key(at), json_object_iter_value(at), rule);
    if (problem != nullptr) {
      bool named = rule->alias.size != 0;
      return say_where(named ? rule->alias.bytes : "aliases", problem);
    }
  }
  return nullptr;
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

const char* read_config(const json_t* root, Config* config) {
  static constexpr const char* kKeys[] = {
      "callers",        "aliases",    "longest_lease",   "longest_throttle",
      "longest_freeze", "freeze_gap", "budget_per_hour", "hook"};
  if (!has_only(root, kKeys)) return kUnknownKey;
  if (!read_callers(json_object_get(root, "callers"), config))
    return "\"callers\" is a list of at most 8 numeric user ids, not root's";
  if (const char* problem =
          read_rules(json_object_get(root, "aliases"), config))
    return problem;
  if (!read_hook(json_object_get(root, "hook"), config))
    return "\"hook\" holds \"exempt_annotation\" and \"fail_closed\"";
  return read_numbers(root, kNumbers, config);
}

}  // namespace

const char* parse_config(std::string_view json, Config* config) {
  char line[24];
  *config = {};
  Document document(json);
  if (document.root() != nullptr) return read_config(document.root(), config);
  (void)std::snprintf(line, sizeof line, "line %d", document.line());
  return say_where(line, "this is not JSON, or a key is there twice");
}

const char* load_config(Config* config) {
  static char bytes[64 * 1024];
  *config = {};
  UniqueFd directory = open_trusted_directory(kConfigDirectory);
  UniqueFd file;
  if (directory.valid()) file = open_trusted_file(directory.get(), kConfigFile);
  if (!file.valid()) {
    return errno == EPERM ? "it, or a directory above it, is not root's "
                            "alone: chown root, chmod go-w"
                          : "it cannot be opened; SECURITY.md has an example";
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
