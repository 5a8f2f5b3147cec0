// cpictl config: the configuration as the plugin understands it.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/config_source.h"
#include "store/config_json.h"

namespace cpi {
namespace {

int show(const ConfigSource& source) {
  const auto read = read_config(source);
  if (!read) {
    fmt::print(stderr, "{}\n", read.error().message());
    return 1;
  }
  for (const std::string& complaint : read->complaints) {
    fmt::print(stderr, "{}\n", complaint);
  }
  const auto json = config_to_json(read->config);
  if (!json) {
    fmt::print(stderr, "{}\n", json.error().message());
    return 1;
  }
  fmt::print("{}", *json);
  return 0;
}

}  // namespace

void add_config(CLI::App& app, int& status) {
  auto* command =
      app.add_subcommand("config", "Print the effective configuration as JSON");
  auto source = std::make_shared<ConfigSource>();
  add_config_options(*command, *source);
  command->callback([source, &status] { status = show(*source); });
}

}  // namespace cpi
