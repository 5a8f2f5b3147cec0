#include "counters/selector.h"

#include <fmt/core.h>
#include <fnmatch.h>
#include <re2/re2.h>

#include <algorithm>
#include <span>
#include <type_traits>

namespace cpi {
namespace {

constexpr std::size_t kMaxPattern = 512;
// Of one compiled expression, with what matching remembers.
constexpr std::int64_t kMaxRegexMemory = 1 << 20;

// What Kubernetes draws hashes and suffixes from (apimachinery, util/rand).
constexpr std::string_view kSafeAlphabet = "bcdfghjklmnpqrstvwxz2456789";
constexpr std::size_t kSuffixLength = 5;
constexpr std::size_t kMaxHashLength = 10;  // digits of a 32-bit number
// Longer bases are cut before the suffix is appended (names/generate.go).
constexpr std::size_t kMaxBaseLength = 63 - kSuffixLength;

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> components;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) components.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return components;
}

using Components = std::span<const std::string>;

// Greedy with one point of return, as for '*' in a plain glob: linear in the
// product of both lengths, whatever the pattern.
bool match_glob(Components pattern, Components path) {
  std::size_t p = 0;
  std::size_t at = 0;
  std::size_t star = pattern.size();  // the last "**" met
  std::size_t star_at = 0;            // and where it stands for nothing more
  while (at < path.size()) {
    if (p < pattern.size() && pattern[p] == "**") {
      star = p++;
      star_at = at;
    } else if (p < pattern.size() &&
               ::fnmatch(pattern[p].c_str(), path[at].c_str(), 0) == 0) {
      ++p;
      ++at;
    } else if (star < pattern.size()) {
      p = star + 1;
      at = ++star_at;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p),
                     pattern.end(),
                     [](const std::string& rest) { return rest == "**"; });
}

bool is_safe(std::string_view text) {
  return text.find_first_not_of(kSafeAlphabet) == std::string_view::npos;
}

bool is_hash(std::string_view text) {
  return !text.empty() && text.size() <= kMaxHashLength && is_safe(text);
}

bool is_label(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") ==
             std::string_view::npos;
}

}  // namespace

Result<Pod> parse_pod_folder(std::string_view folder) {
  const std::size_t first = folder.find('_');
  const std::size_t second =
      first == std::string_view::npos ? first : folder.find('_', first + 1);
  if (second == std::string_view::npos) {
    return fail(0, fmt::format("pod folder \"{}\"", folder));
  }
  Pod pod{std::string(folder.substr(0, first)),
          std::string(folder.substr(first + 1, second - first - 1)),
          std::string(folder.substr(second + 1))};
  if (!is_label(pod.name_space) || !is_label(pod.name) || !is_label(pod.uid)) {
    return fail(0, fmt::format("pod folder \"{}\"", folder));
  }
  return pod;
}

bool belongs_to_deployment(std::string_view pod_name, std::string_view name) {
  if (pod_name.size() <= kSuffixLength) return false;
  const std::size_t base_size = pod_name.size() - kSuffixLength;
  if (!is_safe(pod_name.substr(base_size))) return false;
  std::string_view base = pod_name.substr(0, base_size);
  if (base.size() == kMaxBaseLength) {  // cut: only its beginning is left
    if (name.size() >= base.size()) return name.starts_with(base);
    if (!base.starts_with(name) || base[name.size()] != '-') return false;
    base.remove_prefix(name.size() + 1);
    if (base.ends_with('-')) base.remove_suffix(1);
    return base.size() <= kMaxHashLength && is_safe(base);
  }
  if (!base.starts_with(name) || !base.ends_with('-')) return false;
  base = base.substr(name.size(), base.size() - name.size() - 1);
  return base.starts_with('-') && is_hash(base.substr(1));
}

bool is_pod_cgroup(std::string_view path, std::string_view uid) {
  const std::string_view last = path.substr(path.rfind('/') + 1);
  if (last == fmt::format("pod{}", uid)) return true;
  std::string escaped(uid);
  std::replace(escaped.begin(), escaped.end(), '-', '_');
  return last.ends_with(fmt::format("-pod{}.slice", escaped));
}

Result<Matcher> Matcher::compile(const Selector& selector) {
  const auto compiled = [&]() -> Result<Kind> {
    switch (selector.kind) {
      case Selector::Kind::glob:
        return compile_glob(selector.text);
      case Selector::Kind::regex:
        return compile_regex(selector.text);
      case Selector::Kind::deployment:
        return compile_deployment(selector.text);
    }
    return fail(0, "selector of unknown kind");
  }();
  if (!compiled) return fail(compiled);
  return Matcher(*compiled);
}

Result<Matcher::Kind> Matcher::compile_glob(const std::string& text) {
  Glob glob{split(text)};
  if (!text.starts_with('/') || glob.components.empty()) {
    return fail(0, fmt::format("cgroup pattern \"{}\"", text),
                "write a path from the root, like /system.slice/nginx.service "
                "or /kubepods.slice/**/*.scope");
  }
  return Kind(std::move(glob));
}

Result<Matcher::Kind> Matcher::compile_regex(const std::string& text) {
  const std::string what = fmt::format("cgroup expression /{}/", text);
  if (text.empty() || text.size() > kMaxPattern) {
    return fail(0, what, fmt::format("write 1 to {} characters", kMaxPattern));
  }
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // names are bytes
  options.set_log_errors(false);
  options.set_max_mem(kMaxRegexMemory);
  auto regex = std::make_shared<const RE2>(text, options);
  if (!regex->ok()) {
    return fail(0, fmt::format("{}: {}", what, regex->error()),
                "write an expression of RE2, without look-ahead and "
                "back-references");
  }
  return Kind(std::move(regex));
}

Result<Matcher::Kind> Matcher::compile_deployment(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    Deployment deployment{text.substr(0, slash), text.substr(slash + 1)};
    if (is_label(deployment.name_space) && is_label(deployment.name)) {
      return Kind(std::move(deployment));
    }
  }
  return fail(0, fmt::format("deployment \"{}\"", text),
              "write NAMESPACE/NAME, both in lower case");
}

bool Matcher::matches(const std::string& path,
                      const std::vector<Pod>& pods) const {
  if (path == "/") return false;
  return std::visit(
      [&](const auto& kind) {
        using T = std::decay_t<decltype(kind)>;
        if constexpr (std::is_same_v<T, Glob>) {
          return match_glob(kind.components, split(path));
        } else if constexpr (std::is_same_v<T, Regex>) {
          return RE2::PartialMatch(path, *kind);
        } else {
          return std::any_of(pods.begin(), pods.end(), [&](const Pod& pod) {
            return is_pod_cgroup(path, pod.uid) &&
                   pod.name_space == kind.name_space &&
                   belongs_to_deployment(pod.name, kind.name);
          });
        }
      },
      kind_);
}

bool Matcher::needs_pods() const {
  return std::holds_alternative<Deployment>(kind_);
}

}  // namespace cpi
