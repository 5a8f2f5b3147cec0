#include "support/cmocka_listener.h"

#include <fmt/format.h>
#include <strings.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace cpi {
namespace {

using testing::TestInfo;
using testing::TestPartResult;
using testing::TestSuite;
using testing::UnitTest;

// Flushed at once: a test that crashes must not take its own line with it.
template <class... Args>
void say(std::FILE* file, fmt::format_string<Args...> format, Args&&... args) {
  fmt::print(file, format, std::forward<Args>(args)...);
  std::fflush(file);
}

double seconds(testing::TimeInMillis milliseconds) {
  return static_cast<double>(milliseconds) / 1e3;
}

std::string place(const TestPartResult& result) {
  const char* file = result.file_name();
  return fmt::format("{}:{}: error: Failure!",
                     file == nullptr ? "unknown" : file, result.line_number());
}

// Every failed assertion of a test: its message, then where it stands.
// `mark` precedes the place.
std::string failures(const TestInfo& test, std::string_view mark = "") {
  std::string text;
  for (int i = 0; i < test.result()->total_part_count(); ++i) {
    const TestPartResult& part = test.result()->GetTestPartResult(i);
    if (!part.failed()) continue;
    if (!text.empty()) text += '\n';
    text += fmt::format("{}\n{}{}", part.message(), mark, place(part));
  }
  return text;
}

// What CMocka reports of a group's fixture; GoogleTest has no event for it.
// Keeps its own account of what runs: a listener that asks UnitTest while an
// assertion is being reported waits for itself.
class GroupFixture {
 public:
  void enter() { *this = {}; }
  void test_starts() { in_test_ = tests_started_ = true; }
  void test_ends() { in_test_ = false; }
  void part(const TestPartResult& result) {
    if (!result.failed() || in_test_) return;
    failed_ = tests_started_ ? "GROUP TEARDOWN" : "GROUP SETUP";
    say(stderr, "{}\n{}\n", result.message(), place(result));
  }
  // The part of the fixture that failed; null when all is well.
  [[nodiscard]] const char* failed() const { return failed_; }

 private:
  bool in_test_ = false;
  bool tests_started_ = false;
  const char* failed_ = nullptr;
};

class Listener : public testing::EmptyTestEventListener {
 public:
  void OnTestSuiteStart(const TestSuite& suite) override {
    fixture_.enter();
    group_start(suite);
  }
  void OnTestStart(const TestInfo& test) override {
    fixture_.test_starts();
    test_start(test);
  }
  void OnTestEnd(const TestInfo& test) override {
    fixture_.test_ends();
    test_end(test);
  }
  void OnTestPartResult(const TestPartResult& result) override {
    fixture_.part(result);
  }
  void OnTestSuiteEnd(const TestSuite& suite) override {
    group_end(suite, fixture_.failed());
  }

 protected:
  virtual void group_start(const TestSuite& /*suite*/) {}
  virtual void test_start(const TestInfo& /*test*/) {}
  virtual void test_end(const TestInfo& /*test*/) {}
  virtual void group_end(const TestSuite& suite, const char* fixture) = 0;

 private:
  GroupFixture fixture_;
};

class StandardListener : public Listener {
  void group_start(const TestSuite& suite) override {
    say(stdout, "[==========] Running {} test(s).\n",
        suite.test_to_run_count());
  }

  void test_start(const TestInfo& test) override {
    say(stdout, "[ RUN      ] {}\n", test.name());
  }

  void test_end(const TestInfo& test) override {
    if (test.result()->Skipped()) {
      say(stdout, "[  SKIPPED ] {}\n", test.name());
    } else if (test.result()->Failed()) {
      say(stderr, "[  ERROR   ] --- {}\n", failures(test, "[   LINE   ] --- "));
      say(stdout, "[  FAILED  ] {}\n", test.name());
    } else {
      say(stdout, "[       OK ] {}\n", test.name());
    }
  }

  void group_end(const TestSuite& suite, const char* fixture) override {
    if (fixture != nullptr) {
      say(stderr, "[  FAILED  ] {}\n[  ERROR   ] {}\n", fixture, suite.name());
    }
    say(stdout, "[==========] {} test(s) run.\n", suite.test_to_run_count());
    say(stderr, "[  PASSED  ] {} test(s).\n", suite.successful_test_count());
    list(suite, "SKIPPED", suite.skipped_test_count(),
         [](const TestInfo& test) { return test.result()->Skipped(); });
    list(suite, "FAILED", suite.failed_test_count(),
         [](const TestInfo& test) { return test.result()->Failed(); });
  }

  template <class Predicate>
  static void list(const TestSuite& suite, const char* what, int count,
                   Predicate has_it) {
    if (count == 0) return;
    say(stderr, "[  {:<8}] {} test(s), listed below:\n", what, count);
    for (int i = 0; i < suite.total_test_count(); ++i) {
      const TestInfo& test = *suite.GetTestInfo(i);
      if (test.should_run() && has_it(test)) {
        say(stderr, "[  {:<8}] {}\n", what, test.name());
      }
    }
    say(stderr, "\n {} {} TEST(S)\n", count, what);
  }
};

class TapListener : public Listener {
  void OnTestIterationStart(const UnitTest& program, int) override {
    number_ = 0;
    say(stdout, "1..{}\n", program.test_to_run_count());
  }

  void test_end(const TestInfo& test) override {
    ++number_;
    if (test.result()->Skipped()) {
      say(stdout, "ok {} # SKIP {}\n", number_, test.name());
    } else if (test.result()->Failed()) {
      say(stdout, "not ok {} - {}\n{}", number_, test.name(),
          diagnostics(failures(test)));
    } else {
      say(stdout, "ok {} - {}\n", number_, test.name());
    }
  }

  void group_end(const TestSuite& suite, const char* fixture) override {
    if (fixture != nullptr) {
      say(stdout, "not ok 0 - {} [  FAILED  ] {}\n", suite.name(), fixture);
    }
    say(stdout, "# {} - {}\n", suite.Passed() ? "ok" : "not ok", suite.name());
  }

  // Each line of `text` as a TAP diagnostic.
  static std::string diagnostics(const std::string& text) {
    std::string lines = "# ";
    for (const char c : text) {
      lines += c;
      if (c == '\n') lines += "# ";
    }
    return lines + '\n';
  }

  int number_ = 0;
};

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

// "]]>" would end the section early; control characters have no place in XML.
std::string cdata(std::string_view text) {
  std::string result = "<![CDATA[";
  for (const char c : text) {
    if (c == '>' && result.ends_with("]]")) result += "]]><![CDATA[";
    const bool control = c >= 0 && c < ' ' && c != '\n' && c != '\t';
    result += control ? '?' : c;
  }
  return result + "]]>";
}

std::string xml_of(const TestInfo& test) {
  std::string outcome;
  if (test.result()->Failed()) {
    outcome = "      <failure>" + cdata(failures(test)) + "</failure>\n";
  } else if (test.result()->Skipped()) {
    outcome = "      <skipped/>\n";
  }
  return fmt::format(
      "    <testcase name=\"{}\" time=\"{:.3f}\" >\n{}    </testcase>\n",
      escaped(test.name()), seconds(test.result()->elapsed_time()), outcome);
}

std::string xml_of(const TestSuite& suite, bool fixture_failed) {
  std::string xml = fmt::format(
      "  <testsuite name=\"{}\" time=\"{:.3f}\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\" skipped=\"{}\" >\n",
      escaped(suite.name()), seconds(suite.elapsed_time()),
      suite.test_to_run_count(), suite.failed_test_count(),
      fixture_failed ? 1 : 0, suite.skipped_test_count());
  for (int i = 0; i < suite.total_test_count(); ++i) {
    const TestInfo& test = *suite.GetTestInfo(i);
    if (test.should_run()) xml += xml_of(test);
  }
  return xml + "  </testsuite>\n";
}

class XmlListener : public Listener {
 public:
  explicit XmlListener(std::string file)
      : file_(std::move(file)), group_(file_.find("%g")) {}

 private:
  static constexpr const char* kOpen =
      "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<testsuites>\n";
  static constexpr const char* kClose = "</testsuites>\n";

  void group_end(const TestSuite& suite, const char* fixture) override {
    const std::string xml = xml_of(suite, fixture != nullptr);
    std::FILE* own = nullptr;
    if (group_ != std::string::npos) {
      own = create(std::string(file_).replace(group_, 2, suite.name()));
    }
    if (own != nullptr) {
      fmt::print(own, "{}{}{}", kOpen, xml, kClose);
      std::fclose(own);
    } else {
      say(shared(), "{}", xml);
    }
  }

  void OnTestProgramEnd(const UnitTest& /*program*/) override {
    if (shared_ == nullptr) return;
    say(shared_, "{}", kClose);
    if (shared_ != stdout && shared_ != stderr) std::fclose(shared_);
    shared_ = nullptr;
  }

  // Never writes over a file.
  static std::FILE* create(const std::string& path) {
    return std::fopen(path.c_str(), "wxe");
  }

  // The document of all groups that have none of their own.
  std::FILE* shared() {
    if (shared_ == nullptr) {
      if (group_ == std::string::npos) {
        shared_ = file_.empty() ? stdout : create(file_);
      }
      if (shared_ == nullptr) shared_ = stderr;
      say(shared_, "{}", kOpen);
    }
    return shared_;
  }

  std::string file_;
  std::size_t group_;  // where "%g" stands in it
  std::FILE* shared_ = nullptr;
};

}  // namespace

std::optional<CmockaFormat> cmocka_format(const char* value) {
  if (value == nullptr) return std::nullopt;
  if (strcasecmp(value, "TAP") == 0) return CmockaFormat::tap;
  if (strcasecmp(value, "XML") == 0) return CmockaFormat::xml;
  return CmockaFormat::standard;
}

std::unique_ptr<testing::TestEventListener> make_cmocka_listener(
    CmockaFormat format, const std::string& xml_file) {
  switch (format) {
    case CmockaFormat::tap:
      return std::make_unique<TapListener>();
    case CmockaFormat::xml:
      return std::make_unique<XmlListener>(xml_file);
    case CmockaFormat::standard:
      break;
  }
  return std::make_unique<StandardListener>();
}

void speak_cmocka_if_asked() {
  const auto format = cmocka_format(std::getenv("CMOCKA_MESSAGE_OUTPUT"));
  if (!format) return;
  const char* file = std::getenv("CMOCKA_XML_FILE");
  auto& listeners = UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(
      make_cmocka_listener(*format, file == nullptr ? "" : file).release());
}

}  // namespace cpi
