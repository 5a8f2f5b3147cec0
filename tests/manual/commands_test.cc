// The manual pages of the programs name what the programs take and answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actuator/config.h"
#include "actuator/protocol.h"
#include "cli/commands.h"
#include "manual/page.h"

namespace cpi {
namespace {

using actuator::Exit;
using testing::HasSubstr;

// ".Fl Fl config" of "--config".
std::string macro_of(const CLI::Option& option) {
  return "Fl Fl " + option.get_lnames().front();
}

void expect_described(const Page& page, const CLI::App& command,
                      const std::string& name) {
  if (!command.get_subcommands({}).empty()) {
    for (const CLI::App* sub : command.get_subcommands({})) {
      expect_described(page, *sub, name + " " + sub->get_name());
    }
    return;
  }
  EXPECT_THAT(page.section("SYNOPSIS"), HasSubstr("\n.Cm " + name + "\n"));
  EXPECT_THAT(page.section("cpictl " + name), HasSubstr("\n"));
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_lnames().empty() || option == command.get_help_ptr())
      continue;
    EXPECT_THAT(page.text(), HasSubstr("\n.It " + macro_of(*option)))
        << "of " << name;
  }
}

TEST(ManualTest, EveryCommandOfCpictlAndItsOptionsStandInThePage) {
  CLI::App app;
  int status = 0;
  for (const auto add : {add_doctor, add_config, add_replay, add_train,
                         add_model, add_evaluate}) {
    add(app, status);
  }
  const Page page("cpictl.1");
  for (const CLI::App* command : app.get_subcommands({})) {
    expect_described(page, *command, command->get_name());
  }
}

TEST(ManualTest, EveryVerbOfTheHelperStandsInThePage) {
  const Page page("cpi-actuator.8");
  const Page::Items verbs = page.items("DESCRIPTION");
  for (const std::string_view verb : actuator::kVerbNames) {
    EXPECT_EQ(verbs.count(std::string(verb)), 1u) << verb;
    EXPECT_THAT(page.section("SYNOPSIS"),
                HasSubstr("\n.Cm " + std::string(verb) + "\n"));
  }
  EXPECT_EQ(verbs.size(), std::size(actuator::kVerbNames));
}

TEST(ManualTest, EveryExitStatusOfTheHelperStandsInThePage) {
  Page::Items statuses = Page("cpi-actuator.8").items("EXIT STATUS");
  for (int status = 1; status < 256; ++status) {
    const std::string name(name_of(static_cast<Exit>(status)));
    if (name.empty()) continue;
    const auto item = statuses.extract(std::to_string(status));
    ASSERT_FALSE(item.empty()) << status << ' ' << name;
    EXPECT_THAT(item.mapped(), testing::StartsWith(name + ":")) << status;
  }
  EXPECT_EQ(statuses.size(), 1u) << "0 and no other is left";
}

TEST(ManualTest, TheExampleOfTheHelpersConfigurationIsOne) {
  const std::string example = Page("cpi-actuator.8").display("CONFIGURATION");
  static actuator::Config config;
  EXPECT_STREQ(actuator::parse_config(example, &config), nullptr) << example;
  EXPECT_EQ(config.rules.size, 2u);
  // Every key of the example is explained, and none is missing there: what is
  // no key in it is an error.
  for (const auto& [key, text] : Page("cpi-actuator.8").items("CONFIGURATION"))
    EXPECT_THAT(example, HasSubstr('"' + key + "\": "));
}

}  // namespace
}  // namespace cpi
