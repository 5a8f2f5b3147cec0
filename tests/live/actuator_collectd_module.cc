// A module for the real daemon: calls the helper a hundred times through
// SpawnActuator and writes how often the outcome was known and right.
#include <cstdio>
#include <fstream>
#include <string>

#include "actuate/spawn_actuator.h"

extern "C" {
#include "core/daemon/collectd.h"
#include "core/daemon/plugin.h"
}

namespace {

int known_of_a_hundred() {
  cpi::SpawnActuator actuator({CPI_TEST_PREFIX "/bin/cpi-actuator"});
  int known = 0;
  for (int i = 0; i < 100; ++i) {
    // Two outcomes in turn, so that one that is always the same cannot pass.
    bool good = i % 2 == 0;
    auto outcome = actuator.run(good ? cpi::Command::status()
                                     : cpi::Command::release("no such target"));
    auto wanted = good ? cpi::actuator::Exit::done : cpi::actuator::Exit::usage;
    known += outcome && outcome->exit == wanted ? 1 : 0;
  }
  return known;
}

int read_once() noexcept {
  static bool over = false;
  if (over) return 0;
  over = true;
  std::ofstream(CPI_TEST_PREFIX "/known") << known_of_a_hundred() << std::endl;
  return 0;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void module_register() {
  plugin_register_read("cpi_spawn", read_once);
}
