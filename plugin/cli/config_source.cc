#include "cli/config_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

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
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (entry.path().extension() == ".conf") files.push_back(entry.path());
  }
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
                                  const std::string& blocks) {
  return fmt::format(
      "BaseDir \"{0}\"\nPIDFile \"{0}/pid\"\nPluginDir \"{0}\"\n"
      "Hostname \"cpictl\"\nFQDNLookup false\nLoadPlugin cpi\n"
      "{1}\n<Plugin cpi>\n  StateDir \"{0}/state\"\n</Plugin>\n",
      folder / ".", blocks);
}

// Of what the daemon printed, the lines about the configuration: the plugin
// says "… skipped: WHY" of a block and "…; idle until …" of a global option.
std::vector<std::string> complaints_in(const std::string& output) {
  static const std::regex complaint(
      "cpi plugin: (.*( skipped: |; idle until ).*)");
  std::vector<std::string> lines;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (std::regex_search(line, match, complaint)) lines.push_back(match[1]);
  }
  return lines;
}

Result<ReadConfig> parse_by_daemon(const ConfigSource& source) {
  const auto text = configuration(source.file);
  if (!text) return fail(text);
  const auto folder = PrivateFolder::make();
  if (!folder) return fail(folder);
  std::error_code error;
  fs::copy_file(source.module, *folder / "cpi.so", error);
  if (error) {
    return fail(error.value(), "copy " + source.module,
                "install the plugin, or name it with --module");
  }
  const std::string conf = *folder / "collectd.conf";
  std::ofstream(conf) << private_configuration(*folder, plugin_blocks(*text));
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

}  // namespace

std::string plugin_blocks(std::string_view text) {
  static const std::regex begins(R"re(^\s*<Plugin\s+"?cpi"?\s*>\s*(#.*)?$)re",
                                 std::regex::icase);
  static const std::regex ends(R"re(^\s*</Plugin>\s*(#.*)?$)re",
                               std::regex::icase);
  std::istringstream lines{std::string(text)};
  std::string blocks;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    inside = inside || std::regex_match(line, begins);
    if (inside) blocks += line + '\n';
    if (std::regex_match(line, ends)) inside = false;
  }
  return blocks;
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
