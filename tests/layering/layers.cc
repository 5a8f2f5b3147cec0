#include "layering/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>
#include <string_view>

namespace cpi {
namespace {

using Names = std::set<std::string, std::less<>>;

// What a folder may include. "." is plugin/ itself: pipeline.h and its like.
struct Layer {
  const char* name;
  bool pure;     // no system calls, clocks, logging, JSON or threads
  Names whole;   // folders of which it may include every header
  Names values;  // folders of which it may include the value headers
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> table = {
      {"base", false, {}, {}},
      {"counters", false, {"base"}, {}},
      {"sample", true, {"base"}, {"counters"}},
      {"service", true, {"base"}, {"counters", "sample"}},
      {"model", true, {"base"}, {"counters", "sample", "service"}},
      {"incident", true, {"base"}, {"counters", "sample", "service", "model"}},
      {"policy",
       true,
       {"base"},
       {"counters", "sample", "service", "model", "incident"}},
      {"actuate",
       false,
       {"base"},
       {"counters", "sample", "service", "model", "incident", "policy",
        "actuator"}},
      {"store",
       false,
       {"base"},
       {"counters", "sample", "service", "model", "incident", "policy",
        "actuate"}},
      {"report",
       false,
       {"base", "model"},
       {"counters", "sample", "service", "incident", "policy", "actuate",
        "store"}},
      {".",
       false,
       {"base", "counters", "sample", "service", "model", "incident", "policy",
        "actuate"},
       {"store"}},
      {"collectd",
       false,
       {".", "base", "counters", "sample", "service", "model", "incident",
        "policy", "actuate", "store"},
       {}},
      {"cli",
       false,
       {".", "base", "counters", "sample", "service", "model", "incident",
        "policy", "actuate", "store", "report"},
       {"actuator"}},
      {"actuator", false, {"base"}, {}},
  };
  return table;
}

// The headers that later stages may include.
const Names& value_headers() {
  static const Names names = {
      "counters/reading.h", "counters/resource_reading.h",
      "sample/sample.h",    "service/declaration.h",
      "service/limits.h",   "service/metric.h",
      "service/restarts.h", "service/traffic.h",
      "model/score.h",      "model/state.h",
      "model/key.h",        "model/buckets.h",
      "model/moments.h",    "incident/incident.h",
      "incident/suspect.h", "policy/action.h",
      "policy/outcome.h",   "policy/situation.h",
      "policy/decision.h",  "policy/state.h",
      "actuate/actuator.h", "actuator/protocol.h",
      "store/history.h",
  };
  return names;
}

// Headers of a foreign API, by prefix, and the folders that may see them.
struct Foreign {
  const char* prefix;
  Names folders;
};

const std::vector<Foreign>& foreign_apis() {
  static const std::vector<Foreign> table = {
      {"perfmon/", {"counters"}},
      {"linux/perf_event.h", {}},  // clashes with libpfm4's own copy
      {"libcgroup.h", {"counters"}},
      {"re2/", {"counters", "cli"}},
      {"jansson.h", {"store", "actuator"}},
      {"zlib.h", {"store"}},
      {"kainjow/", {"report"}},
      {"date/", {"report"}},
      {"core/", {"collectd"}},
      {"liboconfig/", {"collectd"}},
      {"collectd/core/", {"collectd"}},
      {"CLI/", {"cli"}},
      {"spawn.h", {"actuate", "cli"}},
      {"sys/wait.h", {"actuate", "cli", "actuator"}},
  };
  return table;
}

// Effects, by header prefix.
const std::vector<std::string>& impure_headers() {
  static const std::vector<std::string> prefixes = {
      "unistd.h",
      "fcntl.h",
      "sys/",
      "linux/",
      "dirent.h",
      "poll.h",
      "signal.h",
      "csignal",
      "time.h",
      "ctime",
      "syslog.h",
      "spawn.h",
      "iostream",
      "fstream",
      "cstdio",
      "stdio.h",
      "filesystem",
      "thread",
      "mutex",
      "shared_mutex",
      "atomic",
      "future",
      "condition_variable",
      "pthread.h",
      "jansson.h",
      "base/log.h",
      "base/unique_fd.h",
  };
  return prefixes;
}

struct Include {
  int line;
  bool system;  // <…>
  std::string target;
};

struct Source {
  std::string path;
  std::string folder;
  std::vector<Include> includes;
  std::vector<std::string> code;  // by line, without comments and literals
};

// Comments and literals become spaces, so that their words do not count.
std::string without_comments(const std::string& text) {
  static const std::regex noise(
      R"re(//[^\n]*|/\*[\s\S]*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+')re");
  std::string code;
  auto last = text.begin();
  for (std::sregex_iterator it(text.begin(), text.end(), noise), end; it != end;
       ++it) {
    code.append(last, text.begin() + it->position());
    for (const char c : it->str()) code += c == '\n' ? '\n' : ' ';
    last = text.begin() + it->position() + it->length();
  }
  return code.append(last, text.end());
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// "plugin/sample/sampler.h" and the include "sample/sampler.h" → "sample".
std::string folder_of(std::string path) {
  if (path.starts_with("plugin/")) path.erase(0, 7);
  const auto slash = path.find('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

Source parse(const std::string& path, const std::string& text) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^">]+)[">])");
  Source source{path, folder_of(path), {}, lines_of(without_comments(text))};
  int number = 0;
  for (const std::string& line : lines_of(text)) {
    ++number;
    std::smatch match;
    if (std::regex_search(line, match, include)) {
      source.includes.push_back({number, match[1] == "<", match[2]});
    }
  }
  return source;
}

class Judge {
 public:
  std::vector<std::string> verdict(const SourceTree& tree) {
    for (const auto& [path, text] : tree) judge(parse(path, text));
    report_cycles();
    return std::move(broken_);
  }

 private:
  void judge(const Source& source) {
    const auto layer = std::find_if(
        layers().begin(), layers().end(),
        [&](const Layer& one) { return source.folder == one.name; });
    if (layer == layers().end()) {
      say(source, 1, "folder {} has no layer in layers.cc", source.folder);
      return;
    }
    for (const Include& include : source.includes) {
      judge_foreign(source, include);
      if (!include.system) judge_edge(source, *layer, include);
      if (layer->pure) judge_effect(source, include);
    }
    if (layer->pure) judge_words(source);
  }

  void judge_edge(const Source& source, const Layer& layer,
                  const Include& include) {
    const std::string target = folder_of(include.target);
    if (target == source.folder) return;
    edges_[source.folder].insert(target);
    if (layer.whole.contains(target)) return;
    if (!layer.values.contains(target)) {
      say(source, include.line, "{} may not include {}", source.folder, target);
    } else if (!value_headers().contains(include.target)) {
      say(source, include.line, "{} may include only the value headers of {}",
          source.folder, target);
    }
  }

  void judge_foreign(const Source& source, const Include& include) {
    if (!include.system) return;
    for (const Foreign& api : foreign_apis()) {
      if (include.target.starts_with(api.prefix) &&
          !api.folders.contains(source.folder)) {
        say(source, include.line, "<{}> belongs to {}", include.target,
            api.folders.empty() ? "nobody" : *api.folders.begin());
      }
    }
  }

  void judge_effect(const Source& source, const Include& include) {
    for (const std::string& prefix : impure_headers()) {
      const bool whole = prefix.ends_with('/');
      if (whole ? include.target.starts_with(prefix)
                : include.target == prefix) {
        say(source, include.line, "{} is pure: no {}", source.folder,
            include.target);
      }
    }
  }

  void judge_words(const Source& source) {
    static const std::regex effect(
        R"((::now\s*\(|\bgetenv\s*\(|\bsleep_for\b|\brandom_device\b|\bsyscall\s*\(|\bstd::rand\b))");
    for (std::size_t i = 0; i < source.code.size(); ++i) {
      std::smatch match;
      if (std::regex_search(source.code[i], match, effect)) {
        say(source, static_cast<int>(i) + 1, "{} is pure: no {}", source.folder,
            match.str());
      }
    }
  }

  // Depth first, once from every folder; a path that returns to its start is a
  // cycle.
  void report_cycles() {
    for (const auto& edge : edges_) {
      const std::string& start = edge.first;
      Names seen;
      const std::function<bool(const std::string&)> returns =
          [&](const std::string& from) {
            const auto targets = edges_.find(from);
            if (targets == edges_.end()) return false;
            return std::any_of(targets->second.begin(), targets->second.end(),
                               [&](const std::string& to) {
                                 return to == start ||
                                        (seen.insert(to).second && returns(to));
                               });
          };
      if (returns(start)) {
        broken_.push_back("folder " + start + " includes itself in a circle");
      }
    }
  }

  template <class... Args>
  void say(const Source& source, int line, fmt::format_string<Args...> format,
           Args&&... args) {
    broken_.push_back(
        fmt::format("{}:{}: {}", source.path, line,
                    fmt::format(format, std::forward<Args>(args)...)));
  }

  std::map<std::string, Names> edges_;
  std::vector<std::string> broken_;
};

}  // namespace

SourceTree read_sources(const std::string& root) {
  namespace fs = std::filesystem;
  SourceTree tree;
  for (const char* top : {"plugin", "actuator"}) {
    const fs::path start = fs::path(root) / top;
    if (!fs::exists(start)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(start)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      tree[fs::relative(entry.path(), root).string()] = text.str();
    }
  }
  return tree;
}

std::vector<std::string> broken_layering(const SourceTree& tree) {
  return Judge().verdict(tree);
}

std::vector<std::string> too_long(const SourceTree& tree) {
  std::vector<std::string> found;
  for (const auto& [path, text] : tree) {
    const auto lines = std::count(text.begin(), text.end(), '\n');
    const int limit = path.ends_with(".h") ? 200 : 400;
    if (lines > limit) {
      found.push_back(
          fmt::format("{}: {} lines, {} allowed", path, lines, limit));
    }
  }
  return found;
}

}  // namespace cpi
