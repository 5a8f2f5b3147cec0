// Which program a cgroup is there for: of all that its processes run, the one
// that used the most CPU. What was learned of a service is about that program.
#ifndef CPI_COUNTERS_MAIN_PROGRAM_H_
#define CPI_COUNTERS_MAIN_PROGRAM_H_

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/units.h"

namespace cpi {

// Not thread-safe.
class MainProgram {
 public:
  // A program that used less CPU time is not named: what starts a container
  // (a runtime, a shell) is soon gone.
  static constexpr Duration kNotable = std::chrono::seconds(1);
  // Another one has to use so many times as much to take its place.
  static constexpr int kDominance = 4;
  // Processes beyond so many are not looked at.
  static constexpr std::size_t kMost = 512;

  // `proc` is where proc is mounted.
  explicit MainProgram(std::string proc) : proc_(std::move(proc)) {}

  // Looks at the processes of the cgroup at `directory` and its descendants.
  // Costs some ten microseconds for each of them, so it is for now and then.
  void look(const std::string& directory);

  // "nginx 6f0c2a91d3e4b587": the file's name and a fingerprint of its size and
  // first page, which holds the build ID; equal for equal files wherever they
  // lie, so that a container that is only started again runs the same one.
  // Empty while nothing is known, or where the processes are not ours to see.
  // An interpreter's is the interpreter.
  [[nodiscard]] const std::string& executable() const { return executable_; }

 private:
  using FileId = std::pair<dev_t, ino_t>;
  struct Program {
    Duration used{};
    int pid = 0;  // one that runs it
  };
  using Programs = std::map<FileId, Program>;

  [[nodiscard]] Programs programs_in(const std::string& directory) const;
  [[nodiscard]] std::string name_of(int pid) const;

  std::string proc_;
  std::optional<FileId> main_;
  std::string executable_;
};

}  // namespace cpi

#endif  // CPI_COUNTERS_MAIN_PROGRAM_H_
