#include "store/reply_json.h"

#include <algorithm>
#include <cmath>

#include "store/json.h"

namespace cpi {
namespace {

constexpr double kMaxSeconds = 1e8;

std::optional<Millicores> millicores_in(const json_t* object,
                                        const char* name) {
  const json_t* value = json_object_get(object, name);
  if (!json_is_integer(value) || json_integer_value(value) < 0) return {};
  return json_integer_value(value);
}

// Never negative: a lease that is over has none left.
Duration seconds_in(const json_t* object, const char* name) {
  const double seconds = number_in(object, name).value_or(0);
  return from_seconds(std::clamp(seconds, 0.0, kMaxSeconds));
}

std::optional<LiveThrottle::State> state_in(const json_t* object) {
  using State = LiveThrottle::State;
  const auto name = string_in(object, "state");
  if (name == "ours") return State::ours;
  if (name == "reverted") return State::reverted;
  if (name == "foreign") return State::foreign;
  if (name == "gone") return State::gone;
  return std::nullopt;
}

std::optional<HelperThrottle> throttle_of(const json_t* object) {
  const auto target = string_in(object, "target");
  const auto state = state_in(object);
  const auto quota = millicores_in(object, "millicores");
  if (!target || !state || !quota) return std::nullopt;
  return HelperThrottle{
      *target, *state, *quota,
      millicores_in(object, "original_millicores").value_or(0),
      seconds_in(object, "lease")};
}

}  // namespace

Result<HelperReply> parse_reply(std::string_view line) {
  const auto json = parse_json(line);
  if (!json) return fail(json);
  const json_t* object = json->get();
  if (number_in(object, "v") != 1) {
    return fail(0, "the helper's reply is of another version",
                "install plugin and helper of one version");
  }
  HelperReply reply;
  reply.quota = millicores_in(object, "millicores");
  reply.frozen = seconds_in(object, "frozen");
  reply.enforced = string_in(object, "enforced").value_or("");
  reply.disabled = json_is_true(json_object_get(object, "disabled"));
  reply.budget_left = millicores_in(object, "budget_left");
  const json_t* throttles = json_object_get(object, "throttles");
  for (std::size_t i = 0; i < json_array_size(throttles); ++i) {
    auto throttle = throttle_of(json_array_get(throttles, i));
    if (!throttle) return fail(0, "the helper's reply has a bad throttle");
    reply.throttles.push_back(*std::move(throttle));
  }
  return reply;
}

Result<std::vector<Alias>> parse_allowlist(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return fail(json);
  std::vector<Alias> parents;
  json_t* aliases = json_object_get(json->get(), "aliases");
  const char* name = nullptr;
  json_t* rule = nullptr;
  json_object_foreach(aliases, name, rule) {
    const auto cgroup = string_in(rule, "cgroup");
    const double depth = number_in(rule, "depth").value_or(1);
    if (!cgroup || depth < 0 || depth > 6) {
      return fail(0, "alias " + std::string(name) + ": bad cgroup or depth");
    }
    parents.push_back({name, *cgroup, static_cast<std::size_t>(depth)});
  }
  return parents;
}

}  // namespace cpi
