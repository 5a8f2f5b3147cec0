// The manual of the configuration says what the code does: the same options,
// the same defaults, the same ranges.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/options.h"
#include "manual/page.h"

namespace cpi {
namespace {

using testing::StartsWith;

// What the page has to say first about an option.
struct Facts {
  const Domain& domain;

  std::string operator()(bool* flag) const {
    return fmt::format("Default {}.", *flag);
  }
  std::string operator()(std::string* text) const {
    return fmt::format("Default \"{}\"; {}.", *text, domain.expected);
  }
  std::string operator()(double* number) const {
    return fmt::format("Default {:.16g}; {}.", *number, range());
  }
  std::string operator()(std::uint64_t* number) const {
    return fmt::format("Default {}; {}.", *number, range());
  }
  std::string operator()(Duration* time) const {
    return fmt::format("Default {:.16g}; {}.", to_seconds(*time), range());
  }
  // Says itself what it takes, and whether it has a value from the beginning.
  std::string operator()(const DeclaredField& field) const {
    const auto given = field.give(field.member);
    std::string value;
    if (!given.empty()) {
      const auto* text = std::get_if<std::string>(&given[0][0]);
      value = text != nullptr ? fmt::format("Default \"{}\"; ", *text)
                              : fmt::format("Default {:.16g}; ",
                                            std::get<double>(given[0][0]));
    }
    const auto expected = field.take(field.member, {});
    std::string facts =
        fmt::format("{}{}{}.", field.repeatable ? "May be repeated; " : "",
                    value, expected.value_or(""));
    if (facts[0] >= 'a') facts[0] = static_cast<char>(facts[0] - 'a' + 'A');
    return facts;
  }
  // Repeatable ones.
  template <class List>
  std::string operator()(const List&) const {
    return fmt::format("May be repeated; {}.", domain.expected);
  }

  [[nodiscard]] std::string range() const {
    return fmt::format("{:.16g} to {:.16g}{}{}", domain.min, domain.max,
                       domain.unit.empty() ? "" : " ", domain.unit);
  }
};

template <class Block>
void expect_the_same(const std::string& heading) {
  auto items = Page("collectd-cpi.5").items(heading);
  Block defaults{};
  for (const auto& option : options<Block>()) {
    const auto item = items.extract(std::string(option.name));
    const std::string facts =
        std::visit(Facts{option.domain}, option.field(defaults));
    if (item.empty()) {
      ADD_FAILURE() << "packaging/man/collectd-cpi.5 lacks, below \"" << heading
                    << "\":\n.It Ic " << option.name << " Ar VALUE\n"
                    << facts << "\nwhat it does, and what follows from more\n";
      continue;
    }
    EXPECT_THAT(item.mapped(), StartsWith(facts)) << option.name;
    EXPECT_GT(item.mapped().size() + 1, facts.size() + 1)
        << option.name << ": what does it do?";
  }
  for (const auto& [name, text] : items) {
    ADD_FAILURE() << name << " stands below \"" << heading
                  << "\" and is no option";
  }
}

TEST(ManualTest, EveryGlobalOptionStandsInThePageAsItIs) {
  expect_the_same<Config>("Global options");
}

TEST(ManualTest, EveryOptionOfAServiceStandsInThePageAsItIs) {
  expect_the_same<ServiceConfig>("Options of a service");
}

TEST(ManualTest, EveryOptionOfBatchWorkStandsInThePageAsItIs) {
  expect_the_same<BatchConfig>("Options of batch work");
}

}  // namespace
}  // namespace cpi
