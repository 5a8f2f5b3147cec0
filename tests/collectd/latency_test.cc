#include "collectd/latency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpi {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class LatencyTest : public testing::Test {
 protected:
  LatencyTest() {
    ServiceConfig web;
    web.name = "web";
    web.latency_metric = "curl_json-web/gauge-p99";
    ServiceConfig api = web;
    api.name = "api";
    ServiceConfig deaf;
    deaf.name = "deaf";
    latency_.listen({web, api, deaf});
  }
  Latency latency_;
};

TEST_F(LatencyTest, EveryServiceThatListensHears) {
  latency_.hear("curl_json-web/gauge-p99", 20);
  EXPECT_THAT(latency_.take(),
              ElementsAre(Pair("web", 20.0), Pair("api", 20.0)));
}

TEST_F(LatencyTest, WhatNobodyListensForIsDropped) {
  latency_.hear("curl_json-web/gauge-p50", 20);
  latency_.hear("", 20);
  EXPECT_THAT(latency_.take(), IsEmpty());
}

TEST_F(LatencyTest, WhatWasTakenIsGone) {
  latency_.hear("curl_json-web/gauge-p99", 20);
  latency_.take();
  EXPECT_THAT(latency_.take(), IsEmpty());
}

TEST_F(LatencyTest, AFloodIsBounded) {
  for (int i = 0; i < 100'000; ++i) {
    latency_.hear("curl_json-web/gauge-p99", i);
  }
  EXPECT_LE(latency_.take().size(), 10'002u);
}

}  // namespace
}  // namespace cpi
