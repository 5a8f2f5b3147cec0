// What each verb does on the real kernel, asked by an unprivileged user.
#include "actuator_site.h"

namespace cpi::live {
namespace {

using actuator::Exit;

class Verbs : public ActuatorSite {
 protected:
  void SetUp() override {
    ActuatorSite::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    parent.emplace(kParent);
    pod.emplace(kParent + "/pod");
    pod->set_quota(90000);
  }
  std::optional<CpuCgroup> parent, pod;
};

TEST_F(Verbs, LowerThenReleaseRestoresTheOriginal) {
  Ending ending = call({"lower", "batch/pod", "400", "--lease", "60"});
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ(40000, pod->quota());
  EXPECT_EQ(1U, throttles());
  ending = call({"release", "batch/pod"});
  EXPECT_EQ(code(Exit::done), ending.exit) << ending.err;
  EXPECT_EQ(90000, pod->quota());
  EXPECT_EQ(0U, throttles());
}

}  // namespace
}  // namespace cpi::live
