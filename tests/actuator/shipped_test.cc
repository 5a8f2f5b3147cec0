// The program as it is shipped: what it links to, how it is hardened, and what
// runs before its main.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <regex>
#include <string>

namespace cpi::actuator {
namespace {

std::string output_of(const std::string& command) {
  std::string text;
  FILE* stream = ::popen(command.c_str(), "r");
  std::array<char, 4096> bytes;
  while (std::size_t got = std::fread(bytes.data(), 1, bytes.size(), stream))
    text.append(bytes.data(), got);
  ::pclose(stream);
  return text;
}

class Shipped : public testing::Test {
 protected:
  void SetUp() override {
    if (CPI_SANITIZED) GTEST_SKIP() << "a sanitizer links its own runtime";
    if (output_of("readelf --version 2>/dev/null").empty())
      GTEST_SKIP() << "readelf is not installed";
  }
};

TEST_F(Shipped, NeedsLibcAndJanssonAndNothingElse) {
  std::string dynamic = output_of("readelf -dW " CPI_SHIPPED);
  std::regex needed("\\(NEEDED\\).*\\[([^\\]]*)\\]");
  std::sregex_iterator at(dynamic.begin(), dynamic.end(), needed);
  int libraries = 0;
  for (; at != std::sregex_iterator(); ++at, ++libraries)
    EXPECT_TRUE(std::regex_match((*at)[1].str(),
                                 std::regex("lib(c|jansson)\\.so\\.\\d+")))
        << (*at)[1];
  EXPECT_EQ(2, libraries);
  EXPECT_EQ(std::string::npos, dynamic.find("RUNPATH"));
  EXPECT_EQ(std::string::npos, dynamic.find("RPATH"));
}

TEST_F(Shipped, IsPositionIndependentWithItsTablesReadOnly) {
  EXPECT_NE(std::string::npos,
            output_of("readelf -hW " CPI_SHIPPED).find("DYN"));
  std::string dynamic = output_of("readelf -dW " CPI_SHIPPED);
  EXPECT_NE(std::string::npos, dynamic.find("BIND_NOW")) << dynamic;
  EXPECT_NE(std::string::npos,
            output_of("readelf -lW " CPI_SHIPPED).find("GNU_RELRO"));
  std::string stack = output_of("readelf -lW " CPI_SHIPPED " | grep GNU_STACK");
  EXPECT_EQ(std::string::npos, stack.find("RWE")) << stack;
}

TEST_F(Shipped, HasNoInitialiserOfItsOwn) {
  std::string symbols = output_of("nm " CPI_SHIPPED);
  ASSERT_NE(std::string::npos, symbols.find(" main")) << "stripped?";
  EXPECT_EQ(std::string::npos, symbols.find("_GLOBAL__sub_I"));
  EXPECT_EQ(std::string::npos, symbols.find("__cxa_atexit"));
}

TEST_F(Shipped, HoldsOnlyTheShippedPaths) {
  std::string text = output_of("strings -n 5 " CPI_SHIPPED " | grep '^/'");
  EXPECT_NE(std::string::npos, text.find("/etc/collectd-cpi\n"));
  EXPECT_NE(std::string::npos, text.find("/run/collectd-cpi\n"));
  EXPECT_EQ(std::string::npos, text.find(CPI_TEST_PREFIX));
}

}  // namespace
}  // namespace cpi::actuator
