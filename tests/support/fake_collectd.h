// The part of collectd's API that the module calls, without a daemon: what is
// registered can be called, what is dispatched and logged is kept. Linking a
// test with this and with the module's code is all it takes.
#ifndef CPI_TESTS_SUPPORT_FAKE_COLLECTD_H_
#define CPI_TESTS_SUPPORT_FAKE_COLLECTD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

extern "C" {
#include <liboconfig/oconfig.h>
}

struct data_set_s;
struct value_list_s;
struct user_data_s;

namespace cpi {

class FakeCollectd {
 public:
  struct Dispatched {
    std::string identifier;  // "cpi-host/gauge-read_seconds"
    std::variant<double, std::int64_t> number;
    std::uint64_t time = 0;  // cdtime_t
    std::map<std::string, std::string> meta;
  };
  struct Notified {
    int severity = 0;
    std::uint64_t time = 0;
    std::string message;
    std::string identifier;  // "HOST/cpi-host/gauge-config_errors"
    std::map<std::string, std::variant<std::string, double>> meta;
  };
  struct Logged {
    int level = 0;  // as for syslog
    std::string text;
  };

  // The one daemon. Tests call reset() first.
  static FakeCollectd& get();
  void reset() { *this = FakeCollectd{}; }

  // The lines logged at `level`.
  [[nodiscard]] std::vector<std::string> logged(int level) const;

  // What the module registered.
  std::function<int(oconfig_item_t*)> config;
  std::function<int()> init;
  std::function<int()> read;
  std::function<int()> shutdown;
  std::function<int(const data_set_s*, const value_list_s*, user_data_s*)>
      write;

  // What it did.
  std::vector<Dispatched> values;
  std::vector<Notified> notifications;
  std::vector<Logged> log;
  int threads_started = 0;

  // What the daemon answers.
  std::string base_dir;  // empty: not set
  double interval_seconds = 10;
  std::uint64_t now = 1;  // cdtime_t
  int thread_error = 0;   // of the next plugin_thread_create
  int live_meta = 0;      // metadata made and not destroyed
};

}  // namespace cpi

#endif  // CPI_TESTS_SUPPORT_FAKE_COLLECTD_H_
