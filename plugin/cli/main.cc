// cpictl: what collectd-cpi can say without collectd.
#include <cstdio>
#include <exception>

#include "cli/commands.h"

namespace {

constexpr int kAskedWrongly = 2;

int run(int argc, char** argv) {
  CLI::App app("Inspect collectd-cpi: this host, its configuration, recordings",
               "cpictl");
  app.require_subcommand(1);
  int status = 0;
  cpi::add_commands(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kAskedWrongly;  // 0: --help
  }
  return status;
}

// No fmt here: it throws when it cannot write.
int failed(const char* what) {
  std::fprintf(stderr, "cpictl: %s\n", what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int status = run(argc, argv);
    // A full disk shows itself when the buffer is written, not before.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      return failed("the output is incomplete: it cannot be written");
    }
    return status;
  } catch (const std::exception& error) {
    return failed(error.what());
  } catch (...) {
    return failed("unknown exception");
  }
}
