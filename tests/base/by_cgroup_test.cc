#include "base/by_cgroup.h"

#include <gtest/gtest.h>

#include <string>

namespace cpi {
namespace {

struct Item {
  CgroupId cgroup;
  int value = 0;
};

CgroupId cgroup(ino_t inode, dev_t device = 1) {
  return {device, inode, "/batch/" + std::to_string(inode)};
}

std::string values(const ByCgroup<Item>& items) {
  std::string text;
  for (const Item& item : items) text += std::to_string(item.value);
  return text;
}

class ByCgroupTest : public testing::Test {
 protected:
  ByCgroup<Item> items_{{cgroup(30), 1}, {cgroup(10), 2}, {cgroup(20), 3}};
};

TEST_F(ByCgroupTest, FindsEachItemByTheIdentityOfItsCgroup) {
  EXPECT_EQ(items_.find(cgroup(10))->value, 2);
  EXPECT_EQ(items_.find({1, 20, "/renamed"})->value, 3);
  EXPECT_FALSE(items_.find(cgroup(10, 2)));
  EXPECT_FALSE(items_.find(cgroup(40)));
}

TEST_F(ByCgroupTest, KeepsTheOrderInWhichItemsWereAdded) {
  EXPECT_EQ(values(items_), "123");
  items_.add({cgroup(5), 4});
  EXPECT_EQ(values(items_), "1234");
  EXPECT_EQ(items_[3].value, 4);
}

TEST_F(ByCgroupTest, OfACgroupThatHasAnItemThatOneStays) {
  EXPECT_EQ(items_.add({cgroup(10), 7}).value, 2);
  EXPECT_EQ(values(items_), "123");
}

TEST_F(ByCgroupTest, WhatIsErasedIsNotFoundAndAllElseIs) {
  items_.erase(cgroup(30));
  items_.erase(cgroup(40));  // not there
  EXPECT_EQ(values(items_), "23");
  EXPECT_FALSE(items_.find(cgroup(30)));
  EXPECT_EQ(items_.find(cgroup(10))->value, 2);
  EXPECT_EQ(items_.find(cgroup(20))->value, 3);
  items_.add({cgroup(30), 5});
  EXPECT_EQ(values(items_), "235");
  EXPECT_EQ(items_.find(cgroup(30))->value, 5);
}

TEST_F(ByCgroupTest, AsksOfEachWhetherItIsOver) {
  std::string asked;
  items_.erase_if([&](const Item& item) {
    asked += std::to_string(item.value);
    return item.value != 2;
  });
  EXPECT_EQ(asked, "123");
  EXPECT_EQ(values(items_), "2");
  EXPECT_EQ(items_.find(cgroup(10))->value, 2);
  EXPECT_FALSE(items_.find(cgroup(20)));
}

TEST_F(ByCgroupTest, ACopyIsIndependent) {
  ByCgroup<Item> copy = items_;
  copy.erase(cgroup(30));
  copy.find(cgroup(10))->value = 9;
  EXPECT_EQ(values(copy), "93");
  EXPECT_EQ(values(items_), "123");
  EXPECT_EQ(items_.find(cgroup(20))->value, 3);
}

TEST_F(ByCgroupTest, ClearedItIsEmpty) {
  items_.clear();
  EXPECT_TRUE(items_.empty());
  EXPECT_EQ(items_.size(), 0u);
  EXPECT_FALSE(items_.find(cgroup(10)));
}

struct Named {
  CgroupId owner;
};

TEST(ByCgroupKeyTest, TheMemberThatSaysWhoseItIsMayBeCalledAnything) {
  const ByCgroup<Named, &Named::owner> items{{cgroup(10)}};
  EXPECT_TRUE(items.find(cgroup(10)));
}

}  // namespace
}  // namespace cpi
