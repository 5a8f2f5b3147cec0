#include "cli/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

namespace cpi {
namespace {

// posix_spawn(3) wants pointers it may write through; it does not.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Result<ChildResult> run_child(const std::vector<std::string>& arguments,
                              const std::string& log) {
  std::vector<std::string> words = arguments;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY,
                                   0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, words.front().c_str(), &files, nullptr,
                                pointers(words).data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) {
    return fail(error, "start " + arguments.front(),
                "is it installed? Debian: apt-get install collectd-core");
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return fail(errno, "wait for " + arguments.front());
  }
  std::ostringstream output;
  output << std::ifstream(log).rdbuf();
  return ChildResult{WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                     output.str()};
}

}  // namespace cpi
