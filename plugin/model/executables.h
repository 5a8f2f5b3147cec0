// Which programs a service is known to run. A new one makes what was learned a
// guess: another version of the service may need other cycles for its work.
#ifndef CPI_MODEL_EXECUTABLES_H_
#define CPI_MODEL_EXECUTABLES_H_

#include <string>
#include <vector>

namespace cpi {

// Several, because the replicas of a service are not replaced all at once, and
// because a rollback brings back what was known before. Not thread-safe.
class Executables {
 public:
  // Older ones are forgotten.
  static constexpr std::size_t kMost = 8;

  // A replica runs this; empty: not known. True if it is the first sign of a
  // new program: there are known ones, and it is none of them.
  bool meet(const std::string& executable);

  // The latest met last. For those who save and restore them; of more than
  // kMost the last ones are taken.
  [[nodiscard]] const std::vector<std::string>& known() const { return known_; }
  void restore(std::vector<std::string> known);

 private:
  std::vector<std::string> known_;
};

}  // namespace cpi

#endif  // CPI_MODEL_EXECUTABLES_H_
