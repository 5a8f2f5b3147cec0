#include "counters/selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cpi {
namespace {

using testing::HasSubstr;

bool matches(Selector::Kind kind, const std::string& text,
             const std::string& path, const std::vector<Pod>& pods = {}) {
  const auto matcher = Matcher::compile({kind, text});
  EXPECT_TRUE(matcher) << matcher.error().message();
  return matcher && matcher->matches(path, pods);
}

bool glob(const std::string& text, const std::string& path) {
  return matches(Selector::Kind::glob, text, path);
}

bool regex(const std::string& text, const std::string& path) {
  return matches(Selector::Kind::regex, text, path);
}

TEST(GlobTest, AStarStaysWithinItsComponent) {
  EXPECT_TRUE(glob("/a/*", "/a/b"));
  EXPECT_FALSE(glob("/a/*", "/a/b/c"));
  EXPECT_FALSE(glob("/a/*", "/a"));
  EXPECT_TRUE(glob("/a/*.slice/x", "/a/b-c.slice/x"));
}

TEST(GlobTest, TwoStarsAreAnyNumberOfComponentsAlsoNone) {
  EXPECT_TRUE(glob("/a/**/z", "/a/z"));
  EXPECT_TRUE(glob("/a/**/z", "/a/b/c/z"));
  EXPECT_FALSE(glob("/a/**/z", "/a/b/c"));
  EXPECT_TRUE(glob("/**", "/anything/at/all"));
  EXPECT_TRUE(glob("/a/**", "/a"));
  EXPECT_TRUE(glob("/**/b/**/d", "/a/b/c/b/c/d"));
  EXPECT_FALSE(glob("/**/b/**/d", "/a/b/c/b/c/e"));
}

TEST(GlobTest, KnowsQuestionMarksAndClasses) {
  EXPECT_TRUE(glob("/web-?", "/web-1"));
  EXPECT_FALSE(glob("/web-?", "/web-10"));
  EXPECT_TRUE(glob("/web-[0-3]", "/web-2"));
  EXPECT_FALSE(glob("/web-[!0-3]", "/web-2"));
}

TEST(GlobTest, MatchesTheWholePath) {
  EXPECT_FALSE(glob("/a", "/a/b"));
  EXPECT_FALSE(glob("/b", "/a/b"));
  EXPECT_TRUE(glob("/a/", "/a"));
}

TEST(GlobTest, ManyStarsDoNotTakeForEver) {
  std::string path;
  std::string pattern;
  for (int i = 0; i < 60; ++i) {
    path += "/a";
    pattern += "/**/a";
  }
  EXPECT_FALSE(glob(pattern + "/b", path));
}

TEST(MatcherTest, TheRootIsNeverAWorkload) {
  EXPECT_FALSE(glob("/**", "/"));
  EXPECT_FALSE(regex(".*", "/"));
}

TEST(RegexTest, IsSearchedInThePath) {
  EXPECT_TRUE(regex("^/docker/[0-9a-f]{12}", "/docker/0123456789abcdef"));
  EXPECT_TRUE(regex("nginx", "/system.slice/nginx.service"));
  EXPECT_FALSE(regex("^nginx", "/system.slice/nginx.service"));
}

// The limit of the test stands for "for ever".
TEST(RegexTest, NeitherPatternNorPathCanMakeItTakeForEver) {
  const std::string path = "/" + std::string(4000, 'a');
  EXPECT_FALSE(regex("(a*)*b", path));
  EXPECT_FALSE(regex("^/(a|aa)+$", path + "!"));
  EXPECT_FALSE(regex("(.*)(.*)(.*)(.*)(.*)x", path));
  EXPECT_TRUE(regex("^/(a*)*$", path));
}

TEST(RegexTest, KnowsEscapedSlashesAndClasses) {
  EXPECT_TRUE(regex(R"(^\/docker\/[0-9a-f]+$)", "/docker/12ab"));
  EXPECT_TRUE(regex(R"(\.(slice|scope)$)", "/a/b.scope"));
  EXPECT_FALSE(regex(R"(\.(slice|scope)$)", "/a/b-scope"));
}

TEST(RegexTest, AnyByteOfANameIsACharacter) {
  EXPECT_TRUE(regex("^/a.b$",
                    "/a\xff"
                    "b"));
  EXPECT_TRUE(regex("^/[^x]$", "/\xc3"));
}

TEST(RegexTest, WhatWouldNeedBacktrackingIsRefusedByName) {
  for (const char* text : {R"((a)\1)", "a(?=b)", "(?<!a)b"}) {
    const auto matcher = Matcher::compile({Selector::Kind::regex, text});
    ASSERT_FALSE(matcher) << text;
    EXPECT_THAT(matcher.error().what, HasSubstr("invalid")) << text;
    EXPECT_THAT(matcher.error().remedy, HasSubstr("back-references"));
  }
}

TEST(RegexTest, AnExpressionThatWouldTakeMuchMemoryIsRefused) {
  const auto matcher =
      Matcher::compile({Selector::Kind::regex, "((a{100}){100}){10}"});
  ASSERT_FALSE(matcher);
  EXPECT_EQ(matcher.error().code, 0);
}

TEST(MatcherTest, WhatCanNeverMatchIsRefusedWithWhatWasExpected) {
  struct Bad {
    Selector selector;
    const char* expected;
  };
  using Kind = Selector::Kind;
  const std::vector<Bad> all = {
      {{Kind::glob, ""}, "path from the root"},
      {{Kind::glob, "/"}, "path from the root"},
      {{Kind::glob, "nginx.service"}, "path from the root"},
      {{Kind::regex, ""}, "1 to 512"},
      {{Kind::regex, std::string(513, 'a')}, "1 to 512"},
      {{Kind::regex, "(unclosed"}, "RE2"},
      {{Kind::deployment, "name-without-namespace"}, "NAMESPACE/NAME"},
      {{Kind::deployment, "ns/"}, "NAMESPACE/NAME"},
      {{Kind::deployment, "Shop/Cart"}, "lower case"},
      {{Kind::deployment, "a/b/c"}, "NAMESPACE/NAME"}};
  for (const auto& [selector, expected] : all) {
    const auto matcher = Matcher::compile(selector);
    ASSERT_FALSE(matcher) << selector.text;
    EXPECT_THAT(matcher.error().remedy, HasSubstr(expected)) << selector.text;
  }
}

TEST(PodFolderTest, IsNamespaceNameAndUid) {
  const auto pod = parse_pod_folder(
      "shop_cart-5d59d67564-abcde_0a1b2c3d-1111-2222-3333-444455556666");
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod->name_space, "shop");
  EXPECT_EQ(pod->name, "cart-5d59d67564-abcde");
  EXPECT_EQ(pod->uid, "0a1b2c3d-1111-2222-3333-444455556666");
}

TEST(PodFolderTest, AnythingElseIsNot) {
  for (const char* folder :
       {"", "shop", "shop_cart", "_cart_uid", "shop__uid", "shop_cart_",
        "shop_cart_uid_more", "Shop_cart_uid"}) {
    EXPECT_FALSE(parse_pod_folder(folder)) << folder;
  }
}

TEST(DeploymentTest, APodIsNamedAfterItsDeploymentAHashAndASuffix) {
  EXPECT_TRUE(belongs_to_deployment("cart-5d59d67564-zx2kq", "cart"));
  EXPECT_TRUE(belongs_to_deployment("cart-6b7-zx2kq", "cart"));
  EXPECT_TRUE(belongs_to_deployment("a-b-c-5d59d67564-zx2kq", "a-b-c"));
}

TEST(DeploymentTest, NamesThatOnlyBeginAlikeAreOthers) {
  // Another deployment, a stateful set, a daemon set, a job, a bare pod.
  for (const char* pod :
       {"cart-db-5d59d67564-zx2kq", "cart-0", "cart-zx2kq", "cart",
        "cart-27921240-zx2kq", "cart-5d59d67564-abcde", "cartx-5d5-zx2kq",
        "cart-5d59d67564-zx2k", "cart--zx2kq", "cart-5d59d675642-zx2kq", ""}) {
    EXPECT_FALSE(belongs_to_deployment(pod, "cart")) << pod;
  }
  EXPECT_FALSE(belongs_to_deployment("cart-5d59d67564-zx2kq", "car"));
}

TEST(DeploymentTest, ALongNameIsCutBeforeTheSuffix) {
  const std::string name(50, 'n');
  // 58 characters are left of "NAME-5d59d67564-".
  EXPECT_TRUE(belongs_to_deployment(name + "-5d59d67" + "zx2kq", name));
  EXPECT_FALSE(belongs_to_deployment(name + "x5d59d67" + "zx2kq", name));
  EXPECT_FALSE(belongs_to_deployment(name + "-aaaaaaa" + "zx2kq", name));
  const std::string longer(60, 'n');
  EXPECT_TRUE(belongs_to_deployment(std::string(58, 'n') + "zx2kq", longer));
  EXPECT_FALSE(belongs_to_deployment(std::string(58, 'm') + "zx2kq", longer));
}

// Names as the container runtimes write them. Every line is a cgroup on some
// real host; the first string says whose.
struct Golden {
  const char* host;
  const char* selector;
  const char* path;
};

class GoldenNamesTest : public testing::TestWithParam<Golden> {};

TEST_P(GoldenNamesTest, AreMatchedByTheGlobOfTheDocumentation) {
  EXPECT_TRUE(glob(GetParam().selector, GetParam().path)) << GetParam().host;
}

#define ID "4f5c0e3b8a1d2c6e7f9081a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6"
#define UID "0a1b2c3d-1111-2222-3333-444455556666"
#define UID_ "0a1b2c3d_1111_2222_3333_444455556666"
#define SLICES "/kubepods.slice/kubepods-burstable.slice/"

INSTANTIATE_TEST_SUITE_P(
    Runtimes, GoldenNamesTest,
    testing::Values(
        Golden{"containerd, systemd driver",
               "/kubepods.slice/**/cri-containerd-*.scope",
               SLICES "kubepods-burstable-pod" UID_ ".slice/cri-containerd-" ID
                      ".scope"},
        Golden{"CRI-O, systemd driver", "/kubepods.slice/**/crio-*.scope",
               "/kubepods.slice/kubepods-besteffort.slice/"
               "kubepods-besteffort-pod" UID_ ".slice/crio-" ID ".scope"},
        Golden{"CRI-O's monitor", "/kubepods.slice/**/crio-conmon-*.scope",
               "/kubepods.slice/kubepods-pod" UID_ ".slice/crio-conmon-" ID
               ".scope"},
        Golden{
            "dockershim, systemd driver", "/kubepods.slice/**/docker-*.scope",
            SLICES "kubepods-burstable-pod" UID_ ".slice/docker-" ID ".scope"},
        Golden{"Docker, systemd driver", "/system.slice/docker-*.scope",
               "/system.slice/docker-" ID ".scope"},
        Golden{"Docker, cgroupfs driver", "/docker/*", "/docker/" ID},
        Golden{"containerd, cgroupfs driver", "/kubepods/besteffort/*/*",
               "/kubepods/besteffort/pod" UID "/" ID},
        Golden{"guaranteed pod, cgroupfs driver", "/kubepods/pod*/*",
               "/kubepods/pod" UID "/" ID},
        Golden{"kind: kubelet below its own slice", "/**/cri-containerd-*",
               "/kubelet.slice/kubelet-kubepods.slice/"
               "kubelet-kubepods-burstable.slice/"
               "kubelet-kubepods-burstable-pod" UID_ ".slice/cri-containerd-" ID
               ".scope"},
        Golden{"nerdctl, systemd driver", "/system.slice/nerdctl-*.scope",
               "/system.slice/nerdctl-" ID ".scope"},
        Golden{"podman", "/machine.slice/libpod-*.scope/**",
               "/machine.slice/libpod-" ID ".scope/container"},
        Golden{"systemd service", "/system.slice/nginx.service",
               "/system.slice/nginx.service"},
        Golden{"systemd template", "/system.slice/system-web.slice/web@*",
               "/system.slice/system-web.slice/web@1.service"},
        Golden{"systemd user session", "/user.slice/**/batch.service",
               "/user.slice/user-1000.slice/user@1000.service/app.slice/"
               "batch.service"}));

const std::vector<Pod> kPods = {{"shop", "cart-5d59d67564-zx2kq", UID}};

TEST(PodCgroupTest, IsFoundWithEveryDriverAndQualityOfService) {
  for (const char* path : {"/kubepods.slice/kubepods-pod" UID_ ".slice",
                           SLICES "kubepods-burstable-pod" UID_ ".slice",
                           "/kubepods.slice/kubepods-besteffort.slice/"
                           "kubepods-besteffort-pod" UID_ ".slice",
                           "/kubelet.slice/kubelet-kubepods.slice/"
                           "kubelet-kubepods-pod" UID_ ".slice",
                           "/kubepods/pod" UID, "/kubepods/burstable/pod" UID,
                           "/kubelet/kubepods/besteffort/pod" UID}) {
    EXPECT_TRUE(matches(Selector::Kind::deployment, "shop/cart", path, kPods))
        << path;
  }
}

TEST(PodCgroupTest, ContainersAndOtherPodsAreNotThePod) {
  for (const char* path :
       {SLICES "kubepods-burstable-pod" UID_ ".slice/cri-containerd-" ID
               ".scope",
        "/kubepods/pod" UID "/" ID, "/kubepods/pod" UID "0",
        "/kubepods.slice/kubepods-pod" UID ".slice", "/kubepods.slice"}) {
    EXPECT_FALSE(matches(Selector::Kind::deployment, "shop/cart", path, kPods))
        << path;
  }
  const char* pod = "/kubepods/pod" UID;
  EXPECT_FALSE(matches(Selector::Kind::deployment, "other/cart", pod, kPods));
  EXPECT_FALSE(matches(Selector::Kind::deployment, "shop/other", pod, kPods));
  EXPECT_FALSE(matches(Selector::Kind::deployment, "shop/cart", pod, {}));
}

TEST(MatcherTest, OnlyDeploymentsNeedPods) {
  using Kind = Selector::Kind;
  EXPECT_TRUE(Matcher::compile({Kind::deployment, "a/b"})->needs_pods());
  EXPECT_FALSE(Matcher::compile({Kind::glob, "/a"})->needs_pods());
  EXPECT_FALSE(Matcher::compile({Kind::regex, "a"})->needs_pods());
}

}  // namespace
}  // namespace cpi
