// cpictl: what collectd-cpi can say without collectd.
#include "cli/commands.h"

int main(int argc, char** argv) {
  CLI::App app("Inspect collectd-cpi: this host, its configuration, recordings",
               "cpictl");
  app.require_subcommand(1);
  int status = 0;
  cpi::add_doctor(app, status);
  cpi::add_config(app, status);
  cpi::add_replay(app, status);
  cpi::add_train(app, status);
  cpi::add_model(app, status);
  cpi::add_evaluate(app, status);
  CLI11_PARSE(app, argc, argv);
  return status;
}
