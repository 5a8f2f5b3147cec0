#include "cli/config_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "cli/child.h"
#include "store/config_json.h"

namespace cpi {
namespace {

namespace fs = std::filesystem;

// Removed with everything in it.
class PrivateFolder {
 public:
  static Result<PrivateFolder> make() {
    std::error_code error;
    std::string path = fs::temp_directory_path(error) / "cpictl-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
      return fail(errno, "make the folder " + path);
    }
    return PrivateFolder(std::move(path));
  }
  PrivateFolder(PrivateFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})) {}
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  std::string operator/(std::string_view name) const {
    return fmt::format("{}/{}", path_, name);
  }

 private:
  explicit PrivateFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<std::string> text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(errno, "read " + path);
  return text.str();
}

// The text of one file, or of a folder's *.conf in the order collectd takes.
Result<std::string> configuration(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return text_of(path);
  std::vector<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".conf") files.push_back(entry->path());
  }
  if (error) return fail(error.value(), "read " + path);
  std::sort(files.begin(), files.end());
  std::string all;
  for (const std::string& file : files) {
    const auto text = text_of(file);
    if (!text) return fail(text);
    all += *text + '\n';
  }
  return all;
}

// Options of later blocks win, so the last one keeps the daemon to its folder.
std::string private_configuration(const PrivateFolder& folder,
                                  const std::string& ours) {
  return fmt::format(
      "BaseDir \"{0}\"\nPIDFile \"{0}/pid\"\nPluginDir \"{0}\"\n"
      "Hostname \"cpictl\"\nFQDNLookup false\n"
      "{1}\n<Plugin cpi>\n  StateDir \"{0}/state\"\n</Plugin>\n",
      folder / ".", ours);
}

// Of what the daemon printed, the lines about the configuration: the plugin
// says "… skipped: WHY" of a block and "…; idle until …" of a global option.
std::vector<std::string> complaints_in(const std::string& output) {
  constexpr std::string_view kOurs = "cpi plugin: ";
  std::vector<std::string> lines;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) {
    const auto ours = line.find(kOurs);
    if (ours == std::string::npos) continue;
    line.erase(0, ours + kOurs.size());
    if (line.find(" skipped: ") != std::string::npos ||
        line.find("; idle until ") != std::string::npos) {
      lines.push_back(line);
    }
  }
  return lines;
}

Result<ReadConfig> parse_by_daemon(const ConfigSource& source) {
  const auto text = configuration(source.file);
  if (!text) return fail(text);
  const std::string ours = plugin_configuration(*text);
  if (ours.empty()) {
    return fail(0, source.file + " has no <Plugin cpi> and no LoadPlugin cpi",
                "give the file or folder that has them, such as "
                "/etc/collectd/collectd.conf.d: Include is not followed");
  }
  const auto folder = PrivateFolder::make();
  if (!folder) return fail(folder);
  std::error_code error;
  fs::copy_file(source.module, *folder / "cpi.so", error);
  if (error) {
    return fail(error.value(), "copy " + source.module,
                "install the plugin, or name it with --module");
  }
  const std::string conf = *folder / "collectd.conf";
  std::ofstream(conf) << private_configuration(*folder, ours);
  const auto child =
      run_child({source.daemon, "-T", "-C", conf}, *folder / "output");
  if (!child) return fail(child);
  auto config = load_config(*folder / "state/config.json");
  if (!config) {
    return fail(0, fmt::format("{} does not accept {}:\n{}", source.daemon,
                               source.file, child->output));
  }
  // The folder is about to go; the plugin would use its default.
  config->state_dir = source.state_dir;
  return ReadConfig{*std::move(config), complaints_in(child->output)};
}

// One line of a configuration, as far as it matters here.
struct Statement {
  enum Kind { plain, begin, end } kind = plain;
  std::string name;      // in lower case: collectd does not tell them apart
  std::string argument;  // the first, in lower case

  [[nodiscard]] bool is(std::string_view wanted) const {
    return kind != end && name == wanted;
  }
  [[nodiscard]] bool is(std::string_view wanted, std::string_view of) const {
    return is(wanted) && argument == of;
  }
};

// Takes the next word, quoted or not, off the front of `rest`.
std::string take_word(std::string_view& rest) {
  const auto begin = rest.find_first_not_of(" \t\r");
  rest.remove_prefix(std::min(begin, rest.size()));
  const bool quoted = rest.starts_with('"');
  if (quoted) rest.remove_prefix(1);
  const auto end = rest.find_first_of(quoted ? "\"" : " \t\r\"<>#");
  std::string word(rest.substr(0, end));
  rest.remove_prefix(std::min(word.size() + (quoted ? 1 : 0), rest.size()));
  for (char& letter : word) {
    if (letter >= 'A' && letter <= 'Z') letter += 'a' - 'A';
  }
  return word;
}

Statement parse(std::string_view line) {
  Statement statement;
  const auto begin = line.find_first_not_of(" \t\r");
  line.remove_prefix(std::min(begin, line.size()));
  if (line.starts_with("</")) {
    statement.kind = Statement::end;
    line.remove_prefix(2);
  } else if (line.starts_with('<')) {
    statement.kind = Statement::begin;
    line.remove_prefix(1);
  }
  statement.name = take_word(line);
  statement.argument = take_word(line);
  return statement;
}

}  // namespace

std::string plugin_configuration(std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::string result;
  bool found = false;
  bool loaded = false;
  bool ours = false;  // this line, or the outermost block around it
  int depth = 0;
  for (std::string line; std::getline(lines, line);) {
    const Statement statement = parse(line);
    if (depth == 0) {
      const bool loads = statement.is("loadplugin", "cpi");
      const bool block =
          statement.is("plugin", "cpi") && statement.kind == Statement::begin;
      // Where another file loads it, or AutoLoadPlugin does.
      if (block && !loaded) result += "LoadPlugin cpi\n";
      loaded = loaded || loads || block;
      found = found || loads || block;
      ours = loads || block || statement.is("interval");
    }
    if (ours) result += line + '\n';
    if (statement.kind == Statement::begin) ++depth;
    if (statement.kind == Statement::end && depth > 0) --depth;
  }
  return found ? result : std::string();
}

Result<ReadConfig> read_config(const ConfigSource& source) {
  if (!source.file.empty()) return parse_by_daemon(source);
  auto config = load_config(source.state_dir + "/config.json");
  if (!config) {
    Error error = config.error();
    error.remedy = "start collectd with the plugin, or use --config FILE";
    return tl::make_unexpected(error);
  }
  return ReadConfig{*std::move(config), {}};
}

}  // namespace cpi
