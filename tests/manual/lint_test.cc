// The pages are good mdoc(7), as mandoc judges it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <sstream>

namespace cpi {
namespace {

namespace fs = std::filesystem;

// What a command prints.
std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::array<char, 4096> buffer{};
  while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), size);
  }
  ::pclose(pipe);
  return text;
}

bool exists_here(const std::string& page) {
  return fs::exists(fs::path(CPI_MANUAL) / page);
}

TEST(ManualTest, MandocHasNothingToSay) {
  if (output_of("mandoc -T lint /dev/null").find("not found") !=
      std::string::npos) {
    GTEST_SKIP() << "mandoc is not installed";
  }
  int pages = 0;
  for (const auto& page : fs::directory_iterator(CPI_MANUAL)) {
    ++pages;
    std::istringstream lines(
        output_of("mandoc -T lint '" + page.path().string() + "'"));
    for (std::string line; std::getline(lines, line);) {
      // Which other pages there are is this host's affair.
      if (line.find("referenced manual not found") != std::string::npos ||
          line.find("outdated mandoc.db") != std::string::npos) {
        continue;
      }
      ADD_FAILURE() << line;
    }
  }
  EXPECT_EQ(pages, 6);
}

TEST(ManualTest, OurPagesReferToPagesThatAreThere) {
  for (const auto& page : fs::directory_iterator(CPI_MANUAL)) {
    std::istringstream references(output_of(
        "grep -hE '^.Xr (cpi|collectd-cpi)' '" + page.path().string() + "'"));
    std::string macro, name, section, rest;
    for (std::string line; std::getline(references, line);) {
      std::istringstream words(line);
      words >> macro >> name >> section;
      EXPECT_TRUE(exists_here(name + "." + section)) << page << ": " << line;
    }
  }
}

}  // namespace
}  // namespace cpi
