// Arguments of any bytes: what is taken for a request must be within the limits
// of protocol.h.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "actuator/request.h"

using namespace cpi::actuator;

static void require(bool holds) {
  if (!holds) std::abort();
}

static void check_target(const Target& target) {
  require(target.text.size() <= kMaxTargetBytes);
  require(!target.alias.empty() && target.alias.size() <= kMaxAliasBytes);
  require(target.depth <= kMaxDepth);
  require(target.text.find("..") == std::string_view::npos ||
          target.text.find("/../") == std::string_view::npos);
  require(!target.text.starts_with('/') && !target.text.ends_with('/'));
  require(!target.text.ends_with("/..") && !target.text.ends_with("/."));
  require(target.text.find("//") == std::string_view::npos);
  for (char c : target.text) require(c > ' ' && c < 127 && c != '\\');
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> arguments;
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find('\0'), rest.size());
    arguments.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  Request request{};
  if (parse_request(arguments, &request) != nullptr) return 0;
  bool change = request.verb == Verb::lower || request.verb == Verb::raise;
  if (change || (request.verb == Verb::release && !request.all))
    check_target(request.target);
  if (change)
    require(request.millicores >= 1 && request.millicores <= kMaxMillicores);
  if (request.verb == Verb::lower || request.verb == Verb::freeze)
    require(request.seconds >= 1 && request.seconds <= kMaxSeconds);
  if (request.verb == Verb::freeze)
    require(parse_word(request.reason, kMaxWordBytes));
  return 0;
}
