// The helper opens what is on its list and nothing else, and no trick with
// names, mounts or namespaces makes it write elsewhere.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <regex>

#include "actuator_site.h"

namespace cpi::live {
namespace {

using actuator::Exit;
namespace fs = std::filesystem;

const std::vector<std::string> kLower = {"lower", "batch/pod", "400", "--lease",
                                         "60"};

class Paths : public ActuatorSite {
 protected:
  void SetUp() override {
    ActuatorSite::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    parent.emplace(kParent);
    pod.emplace(kParent + "/pod");
    pod->set_quota(90000);
  }
  void TearDown() override {
    pod.reset();
    parent.reset();
    ActuatorSite::TearDown();
  }
  // `during` is called before the call number `at` of a lower.
  Ending lower_while(int at, const std::function<void()>& during) {
    Launch traced = launch(kLower);
    traced.at_call = [&](const Call& call) {
      if (call.index == at) during();
      return 0;
    };
    return run(traced);
  }
  Ending lower_in(const std::function<void()>& prepare_as_root) {
    Launch prepared = launch(kLower);
    prepared.prepare_as_root = prepare_as_root;
    return run(prepared);
  }
  std::optional<CpuCgroup> parent, pod;
};

// A mount namespace of its own, whose mounts nobody else sees.
void private_mounts() {
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    ::_exit(125);
}

void bind_mount(const std::string& from, const std::string& to,
                unsigned long flags = 0) {
  if (::mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) != 0)
    ::_exit(125);
  if (flags != 0 && ::mount("none", to.c_str(), nullptr,
                            MS_REMOUNT | MS_BIND | flags, nullptr) != 0)
    ::_exit(125);
}

// SECURITY.md lists the same.
TEST_F(Paths, EveryFileOpenedIsOnTheList) {
  const std::string cpu = CpuCgroup::root();
  const std::string unified = unified_root();
  const std::regex readable(
      "/|/opt|/sys/fs/cgroup|/etc/ld.so.cache|/usr/lib/.*/lib(c|jansson)\\.so.*"
      "|/proc/sys/kernel/random/boot_id|(" +
      kPrefix + ")(/etc|/etc/actuator.json|/run|/run/journal.json)?|" + cpu +
      "(/" + kParent +
      "(/pod)?(/cpu\\.(cfs_(quota|period|burst)_us|max|"
      "max\\.burst))?)?|" +
      unified + "(/" + kParent + "(/cgroup.max.descendants)?)?");
  const std::regex writable(
      kPrefix + "/run/(lock|journal.json.new)|" + cpu + "/" + kParent +
      "(/pod)?/cpu\\.(cfs_(quota|burst)_us|max|max\\.burst)|" + unified + "/" +
      kParent + "/cgroup.max.descendants");
  ::mkdir((unified + "/" + kParent).c_str(), 0755);
  pod->set_burst(50000);
  configure(config_text(R"(, "recursive": true, "exclusive": true)"));
  std::map<std::string, int> opened;
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"selftest"},
                                             kLower,
                                             {"raise", "batch/pod", "500"},
                                             {"freeze", "9", "--reason", "x"},
                                             {"status"},
                                             {"thaw"},
                                             {"release", "batch/pod"},
                                             kLower,
                                             {"restore", "--expired"},
                                             {"restore"}}) {
    Launch traced = launch(arguments);
    traced.at_call = [](const Call&) { return 0; };
    traced.at_open = [&](const std::string& path, unsigned long flags) {
      ++opened[path];
      bool writes = (flags & O_ACCMODE) != O_RDONLY && (flags & O_PATH) == 0;
      EXPECT_TRUE(std::regex_match(path, writes ? writable : readable))
          << path << " flags " << std::oct << flags;
    };
    EXPECT_EQ(code(Exit::done), run(traced).exit) << arguments[0];
  }
  for (const auto& [path, times] : opened)
    std::printf("opened %s\n", path.c_str());
  EXPECT_GT(opened.size(), 15U);
  ::rmdir((unified + "/" + kParent).c_str());
}

TEST_F(Paths, NamesThatWouldLeaveTheParentAreNoRequests) {
  CpuCgroup outside(kParent + "-outside");
  outside.set_quota(90000);
  for (const char* target :
       {"batch/../outside", "/outside", "batch//pod", "../outside",
        "batch/pod/../../outside", "batch/./pod", "batch/pod\n", "batch/"})
    EXPECT_EQ(code(Exit::usage),
              call({"lower", target, "400", "--lease", "9"}).exit)
        << target;
  EXPECT_EQ(90000, outside.quota());
}

TEST_F(Paths, ALookAlikeOfTheFileSystemIsNotWritten) {
  std::string fake = kPrefix + "/fake/" + kParent + "/pod";
  fs::create_directories(fake);
  for (const char* file : {"cpu.cfs_quota_us", "cpu.max"})
    write_file(fake + "/" + file, "90000 100000\n");
  write_file(fake + "/cpu.cfs_period_us", "100000\n");
  Ending ending = lower_in([&] {
    private_mounts();
    bind_mount(kPrefix + "/fake", CpuCgroup::root());
  });
  EXPECT_EQ(code(Exit::unavailable), ending.exit) << ending.err;
  EXPECT_EQ("90000 100000\n", read_file(fake + "/cpu.cfs_quota_us"));
  EXPECT_EQ("90000 100000\n", read_file(fake + "/cpu.max"));
}

TEST_F(Paths, AnotherHierarchyInThePlaceOfOursIsNotWritten) {
  if (!CpuCgroup::is_v1()) GTEST_SKIP() << "cgroup v2 has but one hierarchy";
  std::string memory = "/sys/fs/cgroup/memory/" + kParent;
  ::mkdir(memory.c_str(), 0755);
  ::mkdir((memory + "/pod").c_str(), 0755);
  Ending ending = lower_in([&] {
    private_mounts();
    bind_mount("/sys/fs/cgroup/memory", CpuCgroup::root());
  });
  EXPECT_EQ(code(Exit::gone), ending.exit) << ending.err;
  EXPECT_EQ(0U, throttles());
  ::rmdir((memory + "/pod").c_str());
  ::rmdir(memory.c_str());
}

TEST_F(Paths, AMountBelowTheHierarchyIsNotEntered) {
  CpuCgroup outside(kParent + "-outside");
  outside.set_quota(90000);
  Ending ending = lower_in([&] {
    private_mounts();
    bind_mount(outside.path(), pod->path());
  });
  EXPECT_EQ(code(Exit::unavailable), ending.exit) << ending.err;
  EXPECT_EQ(90000, outside.quota());
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Paths, ASymbolicLinkIsNotFollowed) {
  std::string victim = kPrefix + "/victim";
  std::string parent_directory = kPrefix + "/fake/" + kParent;
  fs::create_directories(victim);
  fs::create_directories(parent_directory + "/real");
  write_file(victim + "/cpu.max", "90000 100000\n");
  write_file(parent_directory + "/real/cpu.max", "90000 100000\n");
  fs::create_directory_symlink(victim, parent_directory + "/pod");
  fs::create_symlink(victim + "/cpu.max", parent_directory + "/real/cpu.link");
  fs::copy_file(CPI_ACTUATOR_FAKE, kPrefix + "/bin/fake");
  Launch fake = launch(kLower, 0);
  fake.program = kPrefix + "/bin/fake";
  Ending ending = run(fake);
  EXPECT_NE(code(Exit::done), ending.exit);
  EXPECT_EQ("90000 100000\n", read_file(victim + "/cpu.max"));
  fs::remove(parent_directory + "/real/cpu.max");
  fs::create_symlink(victim + "/cpu.max", parent_directory + "/real/cpu.max");
  fake.arguments[1] = "batch/real";
  EXPECT_NE(code(Exit::done), run(fake).exit);
  EXPECT_EQ("90000 100000\n", read_file(victim + "/cpu.max"));
}

TEST_F(Paths, AReadOnlyHierarchyIsSaidToBeUnavailableAndNothingStays) {
  Ending ending = lower_in([&] {
    private_mounts();
    bind_mount(CpuCgroup::root(), CpuCgroup::root(), MS_RDONLY);
  });
  EXPECT_EQ(code(Exit::unavailable), ending.exit) << ending.err;
  EXPECT_EQ(90000, pod->quota());
  EXPECT_EQ(0U, throttles());
  Launch self = launch({"selftest"});
  self.prepare_as_root = [&] {
    private_mounts();
    bind_mount(CpuCgroup::root(), CpuCgroup::root(), MS_RDONLY);
  };
  EXPECT_EQ(code(Exit::unavailable), run(self).exit);
}

TEST_F(Paths, RemovedAndMadeAnewAtAnyStepTheNewCgroupKeepsItsOwn) {
  int points = 0;
  for (bool reached = true; reached; ++points) {
    pod->set_quota(90000);
    reached = false;
    lower_while(points, [&] {
      reached = true;
      pod->remove();
      pod->create();
      pod->set_quota(70000);
    });
    long own = reached ? 70000 : 90000;
    long quota = pod->quota();
    EXPECT_TRUE(quota == own || (quota == 40000 && throttles() == 1)) << points;
    as_root({"restore"});
    EXPECT_EQ(own, pod->quota()) << points;
    EXPECT_EQ(0U, throttles()) << points;
  }
  EXPECT_GT(points, 50);
  std::printf("remove+recreate points %d\n", points);
}

TEST_F(Paths, RenamedAtAnyStepOnlyTheSameCgroupIsWritten) {
  if (!CpuCgroup::is_v1()) GTEST_SKIP() << "cgroup v2 renames nothing";
  CpuCgroup other(kParent + "/other");
  const std::string away = parent->path() + "/away";
  auto swap = [&] {
    ASSERT_EQ(0, ::rename(pod->path().c_str(), away.c_str()));
    ASSERT_EQ(0, ::rename(other.path().c_str(), pod->path().c_str()));
    ASSERT_EQ(0, ::rename(away.c_str(), other.path().c_str()));
  };
  int points = 0;
  for (bool reached = true; reached; ++points) {
    other.set_quota(80000);
    reached = false;
    lower_while(points, [&] {
      reached = true;
      swap();
    });
    // What bears the name now may be what was lowered, or the other may.
    EXPECT_TRUE(other.quota() != 40000 || pod->quota() == 80000) << points;
    bool first = other.quota() == 40000;  // before it lost its name
    if (reached && first) swap();
    EXPECT_EQ(code(Exit::done), as_root({"restore"}).exit) << points;
    if (reached && !first) swap();
    EXPECT_EQ(90000, pod->quota()) << points;
    EXPECT_EQ(80000, other.quota()) << points;
  }
  EXPECT_GT(points, 50);
  std::printf("rename points %d\n", points);
}

TEST_F(Paths, AForeignNamespaceIsRefused) {
  Ending cgroup = lower_in([] {
    if (::unshare(CLONE_NEWCGROUP) != 0) ::_exit(125);
  });
  EXPECT_EQ(code(Exit::unavailable), cgroup.exit) << cgroup.err;
  Launch user = launch(kLower);
  user.prepare = [] {
    if (::unshare(CLONE_NEWUSER) != 0) ::_exit(125);
  };
  EXPECT_EQ(code(Exit::unavailable), run(user).exit);
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Paths, RootOfAUserNamespaceIsNotRoot) {
  Launch user = launch(kLower);
  user.prepare = [] {
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // or /proc/self is root's
    if (::unshare(CLONE_NEWUSER) != 0) ::_exit(125);
    write_file("/proc/self/setgroups", "deny");
    if (!write_file("/proc/self/uid_map", "0 54321 1")) ::_exit(125);
  };
  Ending ending = run(user);
  EXPECT_EQ(code(Exit::unavailable), ending.exit) << ending.err;
  EXPECT_EQ(90000, pod->quota());
}

TEST_F(Paths, WithoutPrivilegeItSaysWhichSettingTookIt) {
  Launch bound = launch(kLower);
  bound.prepare = [] { ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); };
  Ending ending = run(bound);
  EXPECT_EQ(code(Exit::unavailable), ending.exit);
  EXPECT_NE(std::string::npos, ending.err.find("NoNewPrivileges"))
      << ending.err;
  ending = lower_in([] {
    private_mounts();
    bind_mount(kPrefix + "/bin", kPrefix + "/bin", MS_NOSUID);
  });
  EXPECT_EQ(code(Exit::unavailable), ending.exit);
  EXPECT_NE(std::string::npos, ending.err.find("nosuid")) << ending.err;
  ASSERT_EQ(0, ::chmod(kHelper.c_str(), 0755));
  ending = call(kLower);
  EXPECT_EQ(code(Exit::unavailable), ending.exit);
  EXPECT_NE(std::string::npos, ending.err.find("4750")) << ending.err;
}

TEST_F(Paths, AConfigurationThatOthersCouldWriteIsNotRead) {
  std::string file = kPrefix + "/etc/actuator.json";
  auto refused = [&](const char* what) {
    EXPECT_EQ(code(Exit::config), call(kLower).exit) << what;
    EXPECT_EQ(90000, pod->quota());
    ::unlink(file.c_str());
    configure(config_text());
  };
  ::chmod(file.c_str(), 0620);
  refused("group-writable");
  ASSERT_EQ(0, ::chown(file.c_str(), kCaller, 0));
  refused("the caller's");
  fs::rename(file, kPrefix + "/elsewhere");
  fs::create_symlink(kPrefix + "/elsewhere", file);
  refused("a symbolic link");
  ::unlink(file.c_str());
  ASSERT_EQ(0, ::mkfifo(file.c_str(), 0600));
  refused("a FIFO");
  ::unlink(file.c_str());
  ASSERT_EQ(0, ::mkdir(file.c_str(), 0700));
  EXPECT_EQ(code(Exit::config), call(kLower).exit) << "a directory";
  ::rmdir(file.c_str());
  configure(config_text() + std::string(70000, ' '));
  refused("too long");
  ::chmod((kPrefix + "/etc").c_str(), 0777);
  EXPECT_EQ(code(Exit::config), call(kLower).exit) << "a writable directory";
  ::chmod((kPrefix + "/etc").c_str(), 0755);
  EXPECT_EQ(code(Exit::done), call(kLower).exit);
}

TEST_F(Paths, StateThatOthersCouldWriteStopsEverything) {
  std::string state = kPrefix + "/run";
  ::chmod(state.c_str(), 0755);
  EXPECT_EQ(code(Exit::io), call(kLower).exit);
  ::chmod(state.c_str(), 0700);
  fs::create_symlink(kPrefix + "/elsewhere", state + "/lock");
  EXPECT_EQ(code(Exit::io), call(kLower).exit);
  EXPECT_FALSE(fs::exists(kPrefix + "/elsewhere"));
  ::unlink((state + "/lock").c_str());
  fs::create_symlink(kPrefix + "/elsewhere", state + "/journal.json");
  EXPECT_EQ(code(Exit::journal), call(kLower).exit);
  ::unlink((state + "/journal.json").c_str());
  fs::create_symlink(kPrefix + "/elsewhere", state + "/journal.json.new");
  EXPECT_EQ(code(Exit::done), call(kLower).exit);
  EXPECT_FALSE(fs::exists(kPrefix + "/elsewhere"));
  struct stat found {};
  ASSERT_EQ(0, ::stat((state + "/journal.json").c_str(), &found));
  EXPECT_EQ(0600U, found.st_mode & 0777);
  EXPECT_EQ(0U, found.st_uid);
  EXPECT_EQ(0U, found.st_gid);
}

}  // namespace
}  // namespace cpi::live
