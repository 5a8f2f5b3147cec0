// The manual pages of the programs name what the programs take and answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "actuator/config.h"
#include "actuator/protocol.h"
#include "cli/commands.h"
#include "manual/page.h"

namespace cpi {
namespace {

using actuator::Exit;
using testing::HasSubstr;

// What the synopsis says of a command: "Fl Fl json" of options, "Ar trace" of
// what is no option.
std::string synopsis_of(const Page& page, const std::string& command) {
  const std::string all = page.section("SYNOPSIS") + ".Nm\n";
  const auto begin = all.find("\n.Cm " + command + "\n");
  if (begin == std::string::npos) return {};
  return all.substr(begin, all.find("\n.Nm", begin) - begin + 1);
}

std::set<std::string> options_in(const std::string& synopsis) {
  static const std::regex option("Fl Fl ([a-z-]+)");
  std::set<std::string> names;
  for (std::sregex_iterator match(synopsis.begin(), synopsis.end(), option);
       match != std::sregex_iterator(); ++match) {
    names.insert((*match)[1]);
  }
  return names;
}

// Whether a list below that heading has an item of that option.
bool explains(const Page& page, const std::string& heading,
              const std::string& option) {
  const std::regex item("\n\\.It (Fl [a-z] , )?Fl Fl " + option + "[ \n]");
  return std::regex_search(page.section(heading), item);
}

// Those that do something: "model show", and not "model".
void add_leaves(const CLI::App& app, const std::string& prefix,
                std::map<std::string, const CLI::App*>& leaves) {
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string name = prefix + command->get_name();
    if (command->get_subcommands({}).empty()) leaves[name] = command;
    add_leaves(*command, name + " ", leaves);
  }
}

// cpictl as it is.
struct Program {
  CLI::App app;
  int status = 0;
  std::map<std::string, const CLI::App*> commands;

  Program() {
    add_commands(app, status);
    add_leaves(app, "", commands);
  }
};

void expect_described(const Page& page, const CLI::App& command,
                      const std::string& name) {
  const std::string synopsis = synopsis_of(page, name);
  std::set<std::string> options;
  for (const CLI::Option* option : command.get_options()) {
    if (option == command.get_help_ptr()) continue;
    if (option->get_positional()) {
      const std::string argument =
          CLI::detail::to_lower(option->get_name(true));
      EXPECT_THAT(synopsis, HasSubstr("Ar " + argument)) << "of " << name;
      continue;
    }
    const std::string option_name = option->get_lnames().front();
    options.insert(option_name);
    EXPECT_TRUE(explains(page, "cpictl " + name, option_name) ||
                explains(page, "Options of several commands", option_name))
        << "--" << option_name << " of " << name;
  }
  EXPECT_EQ(options_in(synopsis), options) << "in the synopsis of " << name;
}

TEST(ManualTest, EveryCommandOfCpictlAndItsOptionsStandInThePage) {
  const Program cpictl;
  ASSERT_FALSE(cpictl.commands.empty());
  const Page page("cpictl.1");
  for (const auto& [name, command] : cpictl.commands) {
    expect_described(page, *command, name);
  }
}

TEST(ManualTest, EveryCommandInThePageIsOne) {
  const Program cpictl;
  const std::string text = Page("cpictl.1").text();
  const std::regex heading("\n\\.Ss cpictl ([^\n]+)");
  for (std::sregex_iterator match(text.begin(), text.end(), heading);
       match != std::sregex_iterator(); ++match) {
    EXPECT_EQ(cpictl.commands.count((*match)[1]), 1u) << (*match)[1];
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
