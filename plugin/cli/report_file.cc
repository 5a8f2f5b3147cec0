#include "cli/report_file.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <system_error>

#include "cli/progress.h"
#include "report/page.h"
#include "store/atomic_file.h"

namespace cpi {
namespace {

std::string fresh_nonce() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(),
                     random());
}

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A rename would put a file in place of /dev/stdout.
Result<> write(const std::string& path, const std::string& page) {
  if (path == "-") {
    std::fwrite(page.data(), 1, page.size(), stdout);
    return {};
  }
  const auto absolute = std::filesystem::absolute(path);
  std::error_code ignored;
  const auto status = std::filesystem::symlink_status(absolute, ignored);
  if (std::filesystem::exists(status) &&
      !std::filesystem::is_regular_file(status)) {
    return fail(0, path + " is there and no file", "\"-\" is standard output");
  }
  return write_atomically(absolute, page);
}

}  // namespace

void ReportOptions::add_to(CLI::App& command) {
  command.add_option("-o,--output", output,
                     "write the report, one HTML page, to this file; - is "
                     "standard output");
  command.add_option("--lang", language, "language of the report: en or zh")
      ->check(CLI::IsMember({"en", "zh"}));
  command.add_option("--tz", zone,
                     "time zone of the report, like Asia/Hong_Kong; default: "
                     "this host's");
}

Result<> write_report(Story story, const ReportOptions& options) {
  const auto zone = Zone::named(options.zone);
  if (!zone) return fail(zone);
  const Words* words = words_in(options.language);
  if (!words) return fail(0, options.language + ": expected en or zh");
  story.made_ms = wall_clock_ms();
  cut(story);
  Progress progress("report");
  const auto page = page_of(story, {*words, *zone}, fresh_nonce(),
                            [&](double done) { progress.show(done); });
  if (!page) return fail(page);
  return write(options.output, *page);
}

}  // namespace cpi
