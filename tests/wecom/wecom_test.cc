#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jansson.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "actuator/handlers/wecom/deliver.h"
#include "base/unique_fd.h"
#include "support/temporary_directory.h"

namespace cpi::wecom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Outcome = Delivery::Outcome;

constexpr char kKey[] = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa";
constexpr char kOkay[] = R"({"errcode":0,"errmsg":"ok"})";

std::string alarm(const std::string& service = "web") {
  return "Severity: FAILURE\nTime: 1763773200.000\nHost: node1\nPlugin: cpi\n"
         "PluginInstance: service_" +
         service +
         "\nType: gauge\nTypeInstance: restarts\nservice: " + service +
         "\nCurrentValue: 2.000000e+00\nthreshold: 2.000000e+00\n"
         "owner: zhang, li\n\n" +
         service + ": restarts: restarted 2 times\n";
}

TEST(WecomNotificationTest, ReadsWhatTheExecPluginWrites) {
  const Notification told = parse_notification(alarm());
  EXPECT_EQ(told.field("Severity"), "FAILURE");
  EXPECT_EQ(told.field("owner"), "zhang, li");
  EXPECT_EQ(told.field("nothing"), "");
  EXPECT_EQ(told.message, "web: restarts: restarted 2 times");
}

TEST(WecomNotificationTest, SurvivesAnyBytes) {
  for (const std::string& text :
       {std::string(), std::string("\n"),
        std::string("\0\xff: \x01\n\n\x7f", 9), std::string(100'000, '['),
        std::string("a:b\n\n\n\n")}) {
    const Notification told = parse_notification(text);
    EXPECT_LE(markdown_of(told, {{"*", "x"}}).size(), kMaxContent);
    EXPECT_NE(json_of(markdown_of(told, {})), "");
  }
}

TEST(WecomNotificationTest, TheMessageSaysServiceThresholdOwnersAndTime) {
  const std::string text = markdown_of(parse_notification(alarm()), {});
  EXPECT_THAT(text, HasSubstr("FAILURE"));
  EXPECT_THAT(text, HasSubstr("> service: web\n"));
  EXPECT_THAT(text, HasSubstr("> threshold: 2.0"));
  EXPECT_THAT(text, HasSubstr("> owners: zhang, li\n"));
  EXPECT_THAT(text, HasSubstr("> host: node1\n"));
  EXPECT_THAT(text, HasSubstr("> time: 2025-11-2"));
}

TEST(WecomNotificationTest, OnlyConfiguredPeopleAreMentioned) {
  const std::vector<Mention> mentions = {
      {"li", "lisi"}, {"zhan", "nobody"}, {"*", "oncall"}};
  std::string hostile = alarm();
  hostile += "<@all> [click](http://evil)";
  const std::string text = markdown_of(parse_notification(hostile), mentions);
  EXPECT_THAT(text, HasSubstr("<@lisi><@oncall>"));
  EXPECT_THAT(text, Not(HasSubstr("nobody")));
  EXPECT_THAT(text, Not(HasSubstr("<@all>")));
  EXPECT_THAT(text, Not(HasSubstr("[click]")));
}

TEST(WecomNotificationTest, ForgedHeadersDoNotWin) {
  const Notification told =
      parse_notification("Severity: OKAY\nowner: li\nowner: evil\n\nx\n");
  EXPECT_EQ(told.field("owner"), "li");
}

TEST(WecomNotificationTest, ALongMessageEndsBetweenTwoCharacters) {
  std::string text = "Severity: WARNING\n\n";
  for (int i = 0; i < 5000; ++i) text += "推";
  const std::string markdown =
      markdown_of(parse_notification(text), {{"*", "oncall"}});
  EXPECT_LE(markdown.size(), kMaxContent);
  EXPECT_THAT(markdown, testing::EndsWith("…<@oncall>"));
  EXPECT_NE(json_of(markdown), "");
}

TEST(WecomSettingsTest, AFileThatOthersMayReadIsRefused) {
  const TemporaryDirectory directory;
  const std::string path = directory / "wecom.conf";
  std::ofstream(path) << "url https://h/send?key=" << kKey << "\n";
  ::chmod(path.c_str(), 0644);
  const auto refused = read_settings(path);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("chmod 0640"));
  ::chmod(path.c_str(), 0640);
  EXPECT_TRUE(read_settings(path));
}

TEST(WecomSettingsTest, ErrorsNameTheLineAndNeverTheKey) {
  const TemporaryDirectory directory;
  const std::string path = directory / "wecom.conf";
  for (const std::string& wrong :
       {std::string("ulr https://h/?key=") + kKey,
        std::string("url ftp://h/?key=") + kKey, std::string("rate 0"),
        std::string("mention li"), std::string("spool here")}) {
    std::ofstream(path) << "# a comment\n" << wrong << "\n";
    ::chmod(path.c_str(), 0600);
    const auto settings = read_settings(path);
    ASSERT_FALSE(settings) << wrong;
    EXPECT_THAT(settings.error().message(), HasSubstr(":2: "));
    EXPECT_THAT(settings.error().message(), Not(HasSubstr(kKey)));
  }
}

TEST(WecomAnswerTest, TellsWhatHelpsFromWhatDoesNot) {
  EXPECT_EQ(judge_answer(200, kOkay).outcome, Outcome::sent);
  EXPECT_EQ(judge_answer(200, R"({"errcode":45009})").outcome, Outcome::later);
  EXPECT_EQ(judge_answer(200, R"({"errcode":-1})").outcome, Outcome::later);
  EXPECT_EQ(judge_answer(200, R"({"errcode":93000})").outcome,
            Outcome::refused);
  EXPECT_EQ(judge_answer(404, "").outcome, Outcome::refused);
  EXPECT_EQ(judge_answer(429, "").outcome, Outcome::later);
  EXPECT_EQ(judge_answer(503, "").outcome, Outcome::later);
  EXPECT_EQ(judge_answer(302, kOkay).outcome, Outcome::later);
  EXPECT_EQ(judge_answer(200, "<html>a portal</html>").outcome, Outcome::later);
}

// A world without a network, in which sleeping takes no time.
class DeliverTest : public testing::Test {
 protected:
  DeliverTest() : spool_(*Spool::open(directory_ / "spool")) {
    settings_.patience = 1e6;
    world_.post = [this](const std::string& body) {
      ++tries_;
      if (failures_ != 0) {
        --failures_;
        return Delivery{outcome_, "no network"};
      }
      bodies_.push_back(body);
      times_.push_back(now_);
      return Delivery{Outcome::sent, ""};
    };
    world_.now = [this] { return now_; };
    world_.sleep = [this](double seconds) {
      sleeps_.push_back(seconds);
      now_ += seconds;
    };
    world_.log = [this](const std::string& text) { log_.push_back(text); };
  }

  bool go() { return deliver(spool_, settings_, world_); }

  TemporaryDirectory directory_;
  Spool spool_;
  Settings settings_;
  World world_;
  double now_ = 1e9;
  int failures_ = 0;
  int tries_ = 0;
  Outcome outcome_ = Outcome::later;
  std::vector<std::string> bodies_;
  std::vector<double> times_;
  std::vector<double> sleeps_;
  std::vector<std::string> log_;
};

TEST_F(DeliverTest, SendsWhatWaitsInItsOrder) {
  ASSERT_TRUE(spool_.add(alarm("one")));
  ASSERT_TRUE(spool_.add(alarm("two")));
  EXPECT_TRUE(go());
  ASSERT_THAT(bodies_, SizeIs(2));
  EXPECT_THAT(bodies_[0], HasSubstr("one"));
  EXPECT_THAT(bodies_[1], HasSubstr("two"));
  EXPECT_THAT(spool_.waiting(), IsEmpty());
}

TEST_F(DeliverTest, TriesAgainWithLongerAndLongerPauses) {
  ASSERT_TRUE(spool_.add(alarm()));
  failures_ = 4;
  EXPECT_TRUE(go());
  EXPECT_THAT(sleeps_, ElementsAre(1, 2, 4, 8));
  EXPECT_THAT(bodies_, SizeIs(1));
}

TEST_F(DeliverTest, WhatCannotBeSentWaitsForTheNextCall) {
  settings_.patience = 10;
  failures_ = -1;
  ASSERT_TRUE(spool_.add(alarm()));
  EXPECT_FALSE(go());
  EXPECT_THAT(spool_.waiting(), SizeIs(1));
  failures_ = 0;
  EXPECT_TRUE(go());
  EXPECT_THAT(bodies_, SizeIs(1));
}

TEST_F(DeliverTest, ARefusedMessageIsNotTriedAgainAndAgain) {
  outcome_ = Outcome::refused;
  failures_ = -1;
  ASSERT_TRUE(spool_.add(alarm()));
  EXPECT_FALSE(go());
  EXPECT_EQ(tries_, 1);
  EXPECT_THAT(spool_.waiting(), SizeIs(1));
}

TEST_F(DeliverTest, BeyondTheRateADigestCountsWhatIsHeldBack) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(spool_.add(alarm()));
  EXPECT_TRUE(go());
  ASSERT_THAT(bodies_, SizeIs(20));
  EXPECT_THAT(bodies_.back(),
              HasSubstr("31 more notifications were held back"));
  EXPECT_THAT(sleeps_, IsEmpty());
  ASSERT_TRUE(spool_.add(alarm()));
  EXPECT_TRUE(go());  // by another process: the rate is on disk
  EXPECT_THAT(bodies_, SizeIs(21));
  EXPECT_EQ(times_.back() - times_.front(), 60);
  int held = 0;
  for ([[maybe_unused]] const auto& file :
       std::filesystem::directory_iterator(directory_ / "spool/held")) {
    ++held;
  }
  EXPECT_EQ(held, 31);
}

TEST_F(DeliverTest, WhileAnotherSendsNothingIsSentTwice) {
  Spool other = *Spool::open(directory_ / "spool");
  ASSERT_TRUE(other.lock());
  ASSERT_TRUE(spool_.add(alarm()));
  EXPECT_TRUE(go());
  EXPECT_THAT(bodies_, IsEmpty());
  other.unlock();
  EXPECT_TRUE(go());
  EXPECT_THAT(bodies_, SizeIs(1));
}

TEST_F(DeliverTest, AClockPutBackDoesNotStopEverything) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(spool_.add(alarm()));
    EXPECT_TRUE(go());
  }
  now_ -= 1e6;
  ASSERT_TRUE(spool_.add(alarm()));
  EXPECT_TRUE(go());
  EXPECT_THAT(sleeps_, IsEmpty());
}

// An HTTP server on the loopback, one answer per connection.
class Stub {
 public:
  explicit Stub(std::vector<std::string> answers)
      : answers_(std::move(answers)),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ::bind(listener_.get(), generic, size);
    ::listen(listener_.get(), 8);
    ::getsockname(listener_.get(), generic, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Stub() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) +
           "/cgi-bin/webhook/send?key=" + kKey;
  }
  [[nodiscard]] std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (const std::string& answer : answers_) {
      const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      if (!client.valid()) return;
      std::string request = read_request(client.get());
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(request));
      }
      ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }
  static std::string read_request(int fd) {
    std::string text;
    char part[4096];
    while (true) {
      const auto head = text.find("\r\n\r\n");
      const auto length = text.find("Content-Length: ");
      if (head != std::string::npos && length != std::string::npos &&
          text.size() >= head + 4 + std::stoul(text.substr(length + 16))) {
        return text;
      }
      const ssize_t size = ::recv(fd, part, sizeof part, 0);
      if (size <= 0) return text;
      text.append(part, static_cast<std::size_t>(size));
    }
  }

  std::vector<std::string> answers_;
  UniqueFd listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;  // guarded
  std::thread thread_;
};

std::string http(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nConnection: close\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string file_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The shipped program, as the exec plugin runs it.
class ProgramTest : public testing::Test {
 protected:
  int run(const std::string& url, const std::string& arguments = "") {
    const std::string settings = directory_ / "wecom.conf";
    std::ofstream(settings) << "url " << url << "\nspool "
                            << (directory_ / "spool") << "\npatience 5\n";
    ::chmod(settings.c_str(), 0600);
    std::ofstream(directory_ / "input") << alarm();
    const std::string command = std::string(CPI_WECOM) + " " + settings + " " +
                                arguments + " <" + (directory_ / "input") +
                                " >" + (directory_ / "log") + " 2>&1";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  TemporaryDirectory directory_;
};

TEST_F(ProgramTest, TellsTheRobotOfAnAlarm) {
  Stub stub({http(200, kOkay)});
  EXPECT_EQ(run(stub.url()), 0) << file_text(directory_ / "log");
  ASSERT_THAT(stub.requests(), SizeIs(1));
  EXPECT_THAT(stub.requests()[0],
              HasSubstr(std::string("POST /cgi-bin/webhook/send?key=") + kKey));
  EXPECT_THAT(stub.requests()[0], HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(stub.requests()[0], HasSubstr(R"("msgtype":"markdown")"));
  EXPECT_THAT(stub.requests()[0], HasSubstr("restarted 2 times"));
  EXPECT_EQ(file_text(directory_ / "log"), "");
}

TEST_F(ProgramTest, TriesAgainAndNeverSaysTheKey) {
  Stub stub(
      {http(503, kKey),
       http(200, std::string(R"({"errcode":45009,"errmsg":")") + kKey + "\"}"),
       http(200, kOkay)});
  EXPECT_EQ(run(stub.url()), 0);
  EXPECT_THAT(stub.requests(), SizeIs(3));
  const std::string log = file_text(directory_ / "log");
  EXPECT_THAT(log, HasSubstr("503"));
  EXPECT_THAT(log, HasSubstr("errcode 45009"));
  EXPECT_THAT(log, Not(HasSubstr(kKey)));
}

TEST_F(ProgramTest, WithoutANetworkItWaitsAndIsFlushedLater) {
  EXPECT_EQ(run(std::string("http://127.0.0.1:1/send?key=") + kKey), 75);
  const std::string log = file_text(directory_ / "log");
  EXPECT_THAT(log, HasSubstr("1 notifications wait"));
  EXPECT_THAT(log, Not(HasSubstr(kKey)));
  Stub stub({http(200, kOkay)});
  EXPECT_EQ(run(stub.url(), "--flush"), 0);
  EXPECT_THAT(stub.requests(), SizeIs(1));
}

}  // namespace
}  // namespace cpi::wecom
