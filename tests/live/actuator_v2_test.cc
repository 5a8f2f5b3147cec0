// The cgroup v2 table, on plain files that look like a pure v2 host: which file
// gets which bytes. What the kernel makes of them is for a host that has them.
#include <filesystem>

#include "actuator_site.h"

namespace cpi::live {
namespace {

using actuator::Exit;

class V2Files : public ActuatorSite {
 protected:
  void SetUp() override {
    ActuatorSite::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    std::filesystem::create_directories(pod_);
    std::filesystem::copy_file(CPI_ACTUATOR_FAKE, kPrefix + "/bin/fake");
    write_file(pod_ + "/cpu.max", "max 100000\n");
    write_file(pod_ + "/cpu.max.burst", "0\n");
    write_file(parent_ + "/cgroup.max.descendants", "max\n");
    configure(config_text(R"(, "exclusive": true)"));
  }
  [[nodiscard]] bool needs_setuid() const override { return false; }
  Ending fake(const std::vector<std::string>& arguments) {
    Launch launch;
    // A program of one call frees nothing.
    launch.environment = {"ASAN_OPTIONS=detect_leaks=0"};
    launch.program = kPrefix + "/bin/fake";
    launch.arguments = arguments;
    return run(launch);
  }
  static std::string first_line(const std::string& path) {
    std::string text = read_file(path);
    return text.substr(0, text.find('\n'));
  }
  const std::string parent_ = kPrefix + "/fake/" + kParent;
  const std::string pod_ = parent_ + "/pod";
};

TEST_F(V2Files, LowerWritesQuotaAndPeriodAndReleaseWritesMax) {
  Ending ending = fake({"lower", "batch/pod", "400", "--lease", "60"});
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ("40000 100000", first_line(pod_ + "/cpu.max"));
  ending = fake({"release", "batch/pod"});
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ("max 100000", first_line(pod_ + "/cpu.max"));
}

TEST_F(V2Files, ThePeriodIsTheFilesOwn) {
  write_file(pod_ + "/cpu.max", "50000 50000\n");
  EXPECT_EQ(code(Exit::done),
            fake({"lower", "batch/pod", "400", "--lease", "60"}).exit);
  EXPECT_EQ("20000 50000", first_line(pod_ + "/cpu.max"));
  EXPECT_EQ(code(Exit::done), fake({"raise", "batch/pod", "600"}).exit);
  EXPECT_EQ("30000 50000", first_line(pod_ + "/cpu.max"));
  EXPECT_EQ(code(Exit::done), fake({"restore"}).exit);
  EXPECT_EQ("50000 50000", first_line(pod_ + "/cpu.max"));
}

TEST_F(V2Files, BurstFollowsTheQuota) {
  write_file(pod_ + "/cpu.max", "90000 100000\n");
  write_file(pod_ + "/cpu.max.burst", "60000\n");
  fake({"lower", "batch/pod", "400", "--lease", "60"});
  EXPECT_EQ("40000", first_line(pod_ + "/cpu.max.burst"));
  fake({"release", "--all"});
  EXPECT_EQ("60000", first_line(pod_ + "/cpu.max.burst"));
}

TEST_F(V2Files, AKernelWithoutBurstIsNoObstacle) {
  std::filesystem::remove(pod_ + "/cpu.max.burst");
  EXPECT_EQ(code(Exit::done),
            fake({"lower", "batch/pod", "400", "--lease", "60"}).exit);
  EXPECT_EQ(code(Exit::done), fake({"release", "--all"}).exit);
}

TEST_F(V2Files, DescendantsStayAsTheyAre) {
  std::string child = pod_ + "/c0";
  std::filesystem::create_directories(child);
  write_file(child + "/cpu.max", "80000 100000\n");
  configure(config_text(R"(, "recursive": true)"));
  EXPECT_EQ(code(Exit::done),
            fake({"lower", "batch/pod", "400", "--lease", "60"}).exit);
  EXPECT_EQ("80000 100000", first_line(child + "/cpu.max"));
}

TEST_F(V2Files, AFreezeIsEnforcedByTheKernelToo) {
  Ending ending = fake({"freeze", "60", "--reason", "noisy"});
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ("0", first_line(parent_ + "/cgroup.max.descendants"));
  EXPECT_NE(std::string::npos, ending.out.find("\"enforced\":\"kernel+hook\""))
      << ending.out;
  EXPECT_EQ(code(Exit::done), fake({"thaw"}).exit);
  EXPECT_EQ("max", first_line(parent_ + "/cgroup.max.descendants"));
}

TEST_F(V2Files, AFileThatIsNoCpuMaxIsNotTouched) {
  for (const char* text : {"max\n", "10\n", "x 100000\n", "1 2 3\n", "\n", "",
                           "-5 100000\n", "0 100000\n", "90000 0\n"}) {
    write_file(pod_ + "/cpu.max", text);
    Ending ending = fake({"lower", "batch/pod", "400", "--lease", "60"});
    EXPECT_EQ(code(Exit::unavailable), ending.exit) << text;
    EXPECT_EQ(text, read_file(pod_ + "/cpu.max"));
  }
}

}  // namespace
}  // namespace cpi::live
