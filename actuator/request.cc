#include "actuator/request.h"

#include <charconv>
#include <iterator>

namespace cpi::actuator {
namespace {

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_component_character(char c) {
  return is_word_character(c) || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '.' || c == ':' || c == '@';
}

bool parse_number(std::string_view text, std::int64_t most,
                  std::int64_t* number) {
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, *number);
  return error == std::errc() && rest == end && *number >= 1 && *number <= most;
}

constexpr const char* kBadTarget =
    "TARGET is ALIAS[/COMPONENT...], as protocol.h defines it";
constexpr const char* kBadMillicores = "MILLICORES is a number from 1";
constexpr const char* kBadSeconds = "SECONDS is a number from 1 to 604800";

using Arguments = std::span<const std::string_view>;

// --lease SECONDS, at the end.
const char* parse_lease(Arguments rest, Request* request) {
  if (rest.size() != 2 || rest[0] != "--lease") return "expected --lease";
  return parse_number(rest[1], kMaxSeconds, &request->seconds) ? nullptr
                                                               : kBadSeconds;
}

// TARGET MILLICORES --lease SECONDS; raise may leave the lease as it is.
const char* parse_change(Arguments rest, Request* request) {
  if (rest.size() < 2) return "expected TARGET MILLICORES";
  if (!parse_target(rest[0], &request->target)) return kBadTarget;
  if (!parse_number(rest[1], kMaxMillicores, &request->millicores))
    return kBadMillicores;
  if (request->verb == Verb::raise && rest.size() == 2) return nullptr;
  return parse_lease(rest.subspan(2), request);
}

const char* parse_release(Arguments rest, Request* request) {
  if (rest.size() != 1) return "expected TARGET or --all";
  request->all = rest[0] == "--all";
  if (request->all || parse_target(rest[0], &request->target)) return nullptr;
  return kBadTarget;
}

const char* parse_freeze(Arguments rest, Request* request) {
  if (rest.size() != 3 || rest[1] != "--reason")
    return "expected SECONDS --reason WORD";
  if (!parse_number(rest[0], kMaxSeconds, &request->seconds))
    return kBadSeconds;
  if (!parse_word(rest[2], kMaxWordBytes)) return "WORD is [a-z0-9-]{1,32}";
  request->reason = rest[2];
  return nullptr;
}

const char* parse_restore(Arguments rest, Request* request) {
  request->expired = rest.size() == 1 && rest[0] == "--expired";
  return rest.empty() || request->expired ? nullptr
                                          : "expected nothing or --expired";
}

}  // namespace

bool parse_word(std::string_view text, std::size_t most) {
  if (text.empty() || text.size() > most) return false;
  for (char c : text)
    if (!is_word_character(c)) return false;
  return true;
}

bool parse_components(std::string_view path, std::size_t most,
                      std::size_t* depth) {
  *depth = 0;
  for (bool more = true; more;) {
    std::size_t length = 0;
    while (length < path.size() && path[length] != '/')
      if (!is_component_character(path[length++])) return false;
    std::string_view component(path.data(), length);
    if (component.empty() || component == "." || component == "..")
      return false;
    if (++*depth > most) return false;
    more = length < path.size();
    path.remove_prefix(length + (more ? 1 : 0));
  }
  return true;
}

bool parse_target(std::string_view text, Target* target) {
  *target = {};
  if (text.size() > kMaxTargetBytes) return false;
  std::size_t slash = text.find('/');
  bool alone = slash == std::string_view::npos;
  target->text = text;
  target->alias = {text.data(), alone ? text.size() : slash};
  if (!parse_word(target->alias, kMaxAliasBytes)) return false;
  if (alone) return true;
  target->child = {text.data() + slash + 1, text.size() - slash - 1};
  return parse_components(target->child, kMaxDepth, &target->depth);
}

const char* parse_request(Arguments arguments, Request* request) {
  *request = {};
  std::size_t verb = 0;
  while (!arguments.empty() && verb < std::size(kVerbNames) &&
         kVerbNames[verb] != arguments[0])
    ++verb;
  if (arguments.empty() || verb == std::size(kVerbNames)) return kExpectedVerb;
  request->verb = static_cast<Verb>(verb);
  Arguments rest = arguments.subspan(1);
  switch (request->verb) {
    case Verb::lower:
    case Verb::raise:
      return parse_change(rest, request);
    case Verb::release:
      return parse_release(rest, request);
    case Verb::freeze:
      return parse_freeze(rest, request);
    case Verb::restore:
      return parse_restore(rest, request);
    case Verb::thaw:
    case Verb::status:
    case Verb::selftest:
      break;
  }
  return rest.empty() ? nullptr : "expected no argument";
}

}  // namespace cpi::actuator
