// The seam between the daemon's C callbacks and Plugin. No exception leaves a
// callback: one that did would abort the daemon.
#include <chrono>
#include <exception>
#include <memory>

#include "collectd/api.h"
#include "collectd/daemon.h"
#include "collectd/plugin.h"

namespace {

constexpr char kName[] = "cpi";

struct Module {
  cpi::Daemon daemon;
  cpi::Plugin plugin{daemon, cpi::Daemon::log(), cpi::kernel_source,
                     cpi::key_of_host};
};

// Made by module_register, gone after shutdown. The daemon never runs two of
// the callbacks below at the same time, but for write.
std::unique_ptr<Module> g_module;

// Runs a callback's body; its value, or −1 when that throws.
template <class Body>
int guarded(const char* callback, Body body) noexcept {
  try {
    return g_module ? body(g_module->plugin) : -1;
  } catch (const std::exception& error) {
    plugin_log(LOG_ERR, "cpi plugin: %s: %s", callback, error.what());
  } catch (...) {
    plugin_log(LOG_ERR, "cpi plugin: %s: unknown exception", callback);
  }
  return -1;
}

int read() noexcept {
  return guarded("read", [](cpi::Plugin& plugin) {
    return plugin.read(std::chrono::steady_clock::now()) ? 0 : -1;
  });
}

// Anything but 0 would keep the daemon from starting.
int configure(oconfig_item_t* block) noexcept {
  guarded("config", [block](cpi::Plugin& plugin) {
    plugin.configure(*block);
    return 0;
  });
  return 0;
}

// Hears what every plugin publishes, on the daemon's writing threads, also
// while read() runs.
int write(const data_set_t* set, const value_list_t* list,
          user_data_t*) noexcept {
  return guarded("write", [=](cpi::Plugin& plugin) {
    cpi::Daemon::hear(*set, *list, plugin);
    return 0;
  });
}

// The reader comes last: a failed init would not take it away again.
int start() noexcept {
  return guarded("init", [](cpi::Plugin& plugin) {
    const bool started =
        plugin.start(cpi::Daemon::base_dir(), cpi::Daemon::interval());
    if (!started) return -1;
    if (plugin.listens()) plugin_register_write(kName, write, nullptr);
    return plugin_register_read(kName, read);
  });
}

int stop() noexcept {
  const int status = guarded("shutdown", [](cpi::Plugin& plugin) {
    plugin.stop();
    return 0;
  });
  g_module.reset();
  return status;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void module_register() {
  try {
    g_module = std::make_unique<Module>();
  } catch (const std::exception& error) {
    plugin_log(LOG_ERR, "cpi plugin: not loaded: %s", error.what());
    return;
  }
  plugin_register_complex_config(kName, configure);
  plugin_register_init(kName, start);
  plugin_register_shutdown(kName, stop);
}
