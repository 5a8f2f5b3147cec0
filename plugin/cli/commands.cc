#include "cli/commands.h"

#include <fmt/format.h>

#include <cstdio>

namespace cpi {

void add_commands(CLI::App& app, int& status) {
  add_doctor(app, status);
  add_config(app, status);
  add_status(app, status);
  add_release(app, status);
  add_replay(app, status);
  add_train(app, status);
  add_model(app, status);
  add_evaluate(app, status);
  add_application(app, status);
  add_measure(app, status);
  add_report(app, status);
}

void add_config_options(CLI::App& command, ConfigSource& source) {
  command.add_option("--config", source.file,
                     "File, or folder of *.conf, to be parsed by collectd");
  command.add_option("--state-dir", source.state_dir,
                     "Where the running plugin keeps its state");
  command.add_option("--module", source.module, "The plugin to parse with");
  command.add_option("--daemon", source.daemon, "The collectd to parse with");
}

int report(const Error& error) {
  fmt::print(stderr, "cpictl: {}\n", error.message());
  return 1;
}

}  // namespace cpi
