#include "store/records_json.h"

#include <gtest/gtest.h>

namespace cpi {
namespace {

TEST(RecordsToJsonTest, KeepsTheOrderOfRecordsAndKeys) {
  const auto json = records_to_json({{{"b", "1"}, {"a", "2"}}, {}});
  ASSERT_TRUE(json);
  EXPECT_EQ(*json,
            "[\n  {\n    \"b\": \"1\",\n    \"a\": \"2\"\n  },\n  {}\n]\n");
}

TEST(RecordsToJsonTest, EscapesWhatJsonWouldMisread) {
  const auto json = records_to_json({{{"k", "a \"b\"\n\x01"}}});
  ASSERT_TRUE(json);
  EXPECT_NE(json->find(R"("a \"b\"\n\u0001")"), std::string::npos);
}

TEST(RecordsToJsonTest, RefusesWhatIsNotUtf8) {
  EXPECT_FALSE(records_to_json({{{"k", "\xff"}}}));
}

}  // namespace
}  // namespace cpi
