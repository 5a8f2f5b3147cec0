// Runs another program to its end.
#ifndef CPI_CLI_CHILD_H_
#define CPI_CLI_CHILD_H_

#include <string>
#include <vector>

#include "base/result.h"

namespace cpi {

struct ChildResult {
  int status = 0;      // exit status; −1: ended by a signal
  std::string output;  // stdout and stderr together
};

// Starts `arguments` (the first is the program's path, no shell, no search)
// without stdin, with its output in the file `log`, and waits for it.
// Fails only where it cannot be started.
Result<ChildResult> run_child(const std::vector<std::string>& arguments,
                              const std::string& log);

}  // namespace cpi

#endif  // CPI_CLI_CHILD_H_
