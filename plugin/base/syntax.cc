#include "base/syntax.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/cpu_list.h"

namespace cpi {
namespace {

constexpr std::size_t kMaxName = 200;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

std::string objection_to_glob(std::string_view glob) {
  if (!glob.starts_with('/')) return "does not begin with /";
  bool in_class = false;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] == '\\') {
      ++i;
    } else if (in_class ? glob[i] == ']' : glob[i] == '[') {
      in_class = !in_class;
    }
  }
  return in_class ? "[ is never closed" : "";
}

// A path with a slash at its end looks like an expression, which would be
// searched anywhere in every path. No expression needs to look like that.
bool is_path_with_slash(std::string_view text) {
  const std::string_view inner = text.substr(1, text.size() - 2);
  return inner.find('/') != std::string_view::npos &&
         std::all_of(inner.begin(), inner.end(), [](char c) {
           return is_alphanumeric(c) ||
                  std::string_view("/_-.:@").find(c) != std::string_view::npos;
         });
}

}  // namespace

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
}

bool is_regex(std::string_view text) {
  return text.size() >= 2 && text.starts_with('/') && text.ends_with('/');
}

std::string objection_to_event(const std::string& text) {
  if (text.empty()) return "empty";
  return text.find_first_of(" \t") == std::string::npos ? "" : "has a blank";
}

std::string objection_to_signal(const std::string& text) {
  const bool known =
      text == "cpi" || text == "ns_per_instruction" || text == "both";
  return known ? "" : "unknown";
}

std::string objection_to_unseen_usage(const std::string& text) {
  return text == "judge" || text == "anomaly" ? "" : "unknown";
}

std::string objection_to_when_unattributed(const std::string& text) {
  const bool known = text == "probe" || text == "all" || text == "none";
  return known ? "" : "unknown";
}

std::string objection_to_metric(const std::string& text) {
  if (text.empty()) return "";
  const auto slashes = std::count(text.begin(), text.end(), '/');
  if (slashes == 2) return "has a host";
  return slashes == 1 && text.front() != '/' && text.back() != '/'
             ? ""
             : "is no identifier";
}

std::string objection_to_recipient(const std::string& text) {
  return text.empty() || text.find('@') != std::string::npos ? "" : "has no @";
}

std::string objection_to_path(const std::string& text) {
  return text.starts_with('/') ? "" : "does not begin with /";
}

std::string objection_to_optional_path(const std::string& text) {
  return text.empty() ? "" : objection_to_path(text);
}

std::string objection_to_cpulist(const std::string& text) {
  const auto cpus = parse_cpu_list(text);
  return cpus ? "" : cpus.error().what;
}

std::string objection_to_cgroup(const std::string& text) {
  if (!is_regex(text)) return objection_to_glob(text);
  return is_path_with_slash(text) ? "is a path with a / at its end" : "";
}

std::string objection_to_name(std::string_view name) {
  if (name.empty()) return "empty";
  if (name.size() > kMaxName) {
    return fmt::format("longer than {} bytes", kMaxName);
  }
  const bool clean = std::all_of(name.begin(), name.end(), [](char c) {
    return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
  });
  return clean && is_alphanumeric(name.front()) ? "" : "has other characters";
}

}  // namespace cpi
