#include "actuate/actuator.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_directory.h"

namespace cpi {
namespace {

TEST(ActuatorTest, AFileBesideTheConfigurationSwitchesActingOff) {
  const TemporaryDirectory directory;
  const std::string configuration = directory.path() + "/actuator.json";
  EXPECT_FALSE(is_switched_off(configuration));
  std::ofstream(directory.path() + "/disabled").put('\n');
  EXPECT_TRUE(is_switched_off(configuration));
  std::filesystem::remove(directory.path() + "/disabled");
  EXPECT_FALSE(is_switched_off(configuration));
}

}  // namespace
}  // namespace cpi
