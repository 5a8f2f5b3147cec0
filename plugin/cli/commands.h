// The commands of cpictl, a file each. Every one adds itself to the program;
// when it is chosen it runs inside CLI::App::parse and leaves the exit code in
// `status`: 0 done, 1 not well or failed, 2 asked for wrongly.
#ifndef CPI_CLI_COMMANDS_H_
#define CPI_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "cli/config_source.h"

namespace cpi {

// All of them, in the order of --help.
void add_commands(CLI::App& app, int& status);

void add_doctor(CLI::App& app, int& status);
void add_config(CLI::App& app, int& status);
void add_status(CLI::App& app, int& status);
void add_release(CLI::App& app, int& status);
void add_replay(CLI::App& app, int& status);
void add_train(CLI::App& app, int& status);
void add_model(CLI::App& app, int& status);
void add_evaluate(CLI::App& app, int& status);
void add_application(CLI::App& app, int& status);
void add_measure(CLI::App& app, int& status);
void add_report(CLI::App& app, int& status);

// Options that say where the configuration comes from.
void add_config_options(CLI::App& command, ConfigSource& source);

// One line on standard error; returns the exit status, 1.
int report(const Error& error);

}  // namespace cpi

#endif  // CPI_CLI_COMMANDS_H_
