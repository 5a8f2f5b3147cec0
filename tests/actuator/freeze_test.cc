// Pod UIDs in cgroup names, as each driver writes them, and when a freeze ends.
#include "actuator/freeze.h"

#include <gtest/gtest.h>

namespace cpi::actuator {
namespace {

std::string_view uid_in(std::string_view path) {
  static PodUid uid;
  uid = {};
  return find_pod_uid(path, &uid) ? uid.view() : "";
}

constexpr std::string_view kUid = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

TEST(PodUid, IsFoundInTheNamesOfBothDrivers) {
  EXPECT_EQ(kUid, uid_in("kubepods/besteffort/pod0a1b2c3d-4e5f-6071-8293-"
                         "a4b5c6d7e8f9/0123456789abcdef"));
  EXPECT_EQ(kUid,
            uid_in("kubepods.slice/kubepods-besteffort.slice/kubepods-"
                   "besteffort-pod0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f9.slice/"
                   "cri-containerd-01234567.scope"));
}

TEST(PodUid, OfAStaticPodIsItsHash) {
  EXPECT_EQ("0123456789abcdef0123456789abcdef",
            uid_in("kubepods/burstable/pod0123456789abcdef0123456789abcdef"));
}

TEST(PodUid, IsNotSeenWhereThereIsNone) {
  for (std::string_view path : {"", "pod", "kubepods.slice", "kubepods/podlike",
                                "docker/0123456789abcdef0123456789abcdef",
                                "pod0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f",
                                "pod0a1b2c3d-4e5f-6071-8293+a4b5c6d7e8f9",
                                "pod0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"})
    EXPECT_EQ("", uid_in(path)) << path;
}

TEST(Freeze, EndsWithItsDeadlineThoughNobodyThaws) {
  Freeze freeze{};
  EXPECT_FALSE(is_frozen(freeze, 0));
  freeze.on = true;
  freeze.deadline = 100;
  EXPECT_TRUE(is_frozen(freeze, 99));
  EXPECT_FALSE(is_frozen(freeze, 100));
}

}  // namespace
}  // namespace cpi::actuator
