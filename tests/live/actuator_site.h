// An installation of the helper for one test: the setuid binary, its
// configuration, its state, and cgroups for it to change. The caller is a user
// id that nobody else has.
#ifndef CPI_TESTS_LIVE_ACTUATOR_SITE_H_
#define CPI_TESTS_LIVE_ACTUATOR_SITE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "actuator/protocol.h"
#include "actuator_launch.h"

namespace cpi::live {

inline constexpr uid_t kCaller = 54321;
inline constexpr uid_t kStranger = 54322;
inline const std::string kPrefix = CPI_TEST_PREFIX;
inline const std::string kHelper = kPrefix + "/bin/cpi-actuator";

std::string read_file(const std::string& path);  // "" when it cannot
bool write_file(const std::string& path, const std::string& text);
void remove_tree(const std::string& path);  // files and directories

// A cgroup of the cpu hierarchy, v1 or v2, whichever this host has.
class CpuCgroup {
 public:
  // `name` is relative to the hierarchy's root.
  explicit CpuCgroup(const std::string& name);
  ~CpuCgroup();
  CpuCgroup(const CpuCgroup&) = delete;
  CpuCgroup& operator=(const CpuCgroup&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  // "QUOTA" in µs per period of 100 ms; −1 for none.
  [[nodiscard]] long quota() const;
  void set_quota(long quota_us);
  [[nodiscard]] long burst() const;
  void set_burst(long burst_us);
  void remove();
  void create();

  static const std::string& root();  // of the hierarchy
  static bool is_v1();

 private:
  std::string path_;
};

std::string unified_root();  // "" when v2 is not mounted

// The default configuration: alias "batch" stands for kParent, depth 3.
inline const std::string kParent =
    "cpi-live-" + kPrefix.substr(kPrefix.size() - 8);
std::string config_text(const std::string& more_of_alias = "",
                        const std::string& more = "");

class ActuatorSite : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // A sanitizer's runtime is not fit for a setuid program; tests of another
  // variant run with it all the same.
  [[nodiscard]] virtual bool needs_setuid() const { return true; }

  void configure(const std::string& text);
  void clear_state();
  [[nodiscard]] std::string journal() const;
  [[nodiscard]] std::size_t throttles() const;  // in the journal

  // By the caller, by root.
  Ending call(std::vector<std::string> arguments, uid_t uid = kCaller);
  Ending as_root(std::vector<std::string> arguments) {
    return call(std::move(arguments), 0);
  }
  Launch launch(std::vector<std::string> arguments, uid_t uid = kCaller);
};

// EXPECT_EQ(code(Exit::done), call(…).exit)
inline int code(actuator::Exit exit) { return static_cast<int>(exit); }

// Long matrices run whole when CPI_FULL is set, else every `step`th case.
int stride(int step);

}  // namespace cpi::live

#endif  // CPI_TESTS_LIVE_ACTUATOR_SITE_H_
