#include "base/declared.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cpi {
namespace {

using testing::ElementsAre;

std::optional<std::string> set(ServiceConfig& service, std::string_view name,
                               std::vector<Scalar> values) {
  const auto* option = find_option<ServiceConfig>(name);
  EXPECT_NE(option, nullptr) << name;
  return assign(option->field(service), option->domain, values);
}

TEST(DeclaredTest, AFieldThatIsNotRepeatableIsTakenOnce) {
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, Scalar>>{{"CPU", 4.0},
                                                   {"Machines", 40.0},
                                                   {"Memory", "80GB"},
                                                   {"GPUUtilization", "70%"},
                                                   {"Business", "推荐"},
                                                   {"RequestsMetric", "a/b"}}) {
    ServiceConfig service;
    EXPECT_EQ(set(service, name, {value}), std::nullopt) << name;
    const ServiceConfig before = service;
    EXPECT_EQ(set(service, name, {value}), kOnlyOnce) << name;
    EXPECT_EQ(service, before);
  }
}

TEST(DeclaredTest, NumbersAreFiniteAndAboveZero) {
  for (const double number : {0.0, -1.0, std::nan(""),
                              std::numeric_limits<double>::infinity(), 1e13}) {
    ServiceConfig service;
    EXPECT_TRUE(set(service, "CPU", {number})) << number;
    EXPECT_TRUE(set(service, "Machines", {number})) << number;
    EXPECT_TRUE(set(service, "Region", {"HK", number})) << number;
    EXPECT_TRUE(set(service, "RestartThreshold", {number, "5min"})) << number;
    EXPECT_EQ(service, ServiceConfig{});
  }
}

TEST(DeclaredTest, MachinesAreWhole) {
  ServiceConfig service;
  EXPECT_EQ(set(service, "Machines", {2.5}),
            "one whole number from 1, without quotes");
}

TEST(DeclaredTest, TextsArePrintableUtf8AndNotEmpty) {
  for (const char* text : {"", "a\nb", "\xff", "a\x7f"}) {
    ServiceConfig service;
    EXPECT_TRUE(set(service, "Owner", {text}));
    EXPECT_TRUE(set(service, "Remark", {text}));
    EXPECT_TRUE(set(service, "Field", {"name", text}));
    EXPECT_TRUE(set(service, "Field", {text, "value"}));
    EXPECT_TRUE(set(service, "Region", {text, 1.0}));
    EXPECT_TRUE(set(service, "RequestsMetric", {text}));
    EXPECT_EQ(service, ServiceConfig{});
  }
  ServiceConfig service;
  EXPECT_TRUE(set(service, "Remark", {std::string(1025, 'a')}));
}

TEST(DeclaredTest, SeveralValuesOnlyWhereTheyAreExpected) {
  ServiceConfig service;
  EXPECT_TRUE(set(service, "CPU", {4.0, 5.0}));
  EXPECT_TRUE(set(service, "CPU", {}));
  EXPECT_TRUE(set(service, "Owner", {"a", "b"}));
  EXPECT_TRUE(set(service, "Region", {"HK"}));
  EXPECT_TRUE(set(service, "RestartThreshold", {2.0, "5min", "x"}));
  EXPECT_TRUE(set(service, "RestartThreshold", {"5min", 2.0}));
  EXPECT_TRUE(set(service, "MinRequests", {1.0, 2.0}));
  EXPECT_EQ(service, ServiceConfig{});
}

TEST(DeclaredTest, ARegionIsNamedOnce) {
  ServiceConfig service;
  EXPECT_FALSE(set(service, "Region", {"HK", 3.0}));
  EXPECT_EQ(set(service, "Region", {"HK", 2.0}), "each region once");
  EXPECT_THAT(service.declaration.regions, ElementsAre(Region{"HK", 3}));
}

TEST(DeclaredTest, AMetricHasNoHost) {
  ServiceConfig service;
  EXPECT_TRUE(set(service, "RequestsMetric", {"host/nginx/requests"}));
  EXPECT_FALSE(set(service, "RequestsMetric", {"nginx/nginx_requests"}));
}

// What a field gives is what it takes.
TEST(DeclaredTest, EveryFieldIsReadBackAsItWas) {
  ServiceConfig service;
  EXPECT_FALSE(set(service, "CPU", {0.1}));
  EXPECT_FALSE(set(service, "Machines", {40.0}));
  EXPECT_FALSE(set(service, "Memory", {"80GiB"}));
  EXPECT_FALSE(set(service, "SuccessRateThreshold", {"99.95%"}));
  EXPECT_FALSE(set(service, "RestartThreshold", {2.0, "5min"}));
  EXPECT_FALSE(set(service, "Owner", {"张三"}));
  EXPECT_FALSE(set(service, "Owner", {"李四"}));
  EXPECT_FALSE(set(service, "Region", {"HK", 3.0}));
  EXPECT_FALSE(set(service, "Field", {"SLA", "99.9%"}));
  EXPECT_FALSE(set(service, "FailuresMetric", {"a/b"}));
  ServiceConfig again;
  for (const auto& option : options<ServiceConfig>()) {
    const Field from = option.field(service);
    const Field to = option.field(again);
    const auto* field = std::get_if<DeclaredField>(&from);
    if (field == nullptr) continue;
    for (const auto& values : field->give(field->member)) {
      EXPECT_FALSE(assign(to, option.domain, values)) << option.name;
    }
  }
  EXPECT_EQ(again, service);
}

}  // namespace
}  // namespace cpi
