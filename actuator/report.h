// What the caller will be told. It is collected while the lock is held and
// written after the lock is gone, because nobody can be made to read a pipe.
#ifndef CPI_ACTUATOR_REPORT_H_
#define CPI_ACTUATOR_REPORT_H_

#include "actuator/fixed.h"
#include "actuator/protocol.h"

namespace cpi::actuator {

// Too large for a stack; a static one needs no initialiser. What does not fit
// is left out, which the limits in protocol.h see to.
class Report {
 public:
  // Adds a line for standard error and returns `exit`, so that a refusal is
  // one statement. The text never holds raw input.
  [[gnu::format(printf, 3, 4)]] Exit say(Exit exit, const char* format, ...);

  // Adds JSON to the reply: fields, each with a comma after it. Nothing is
  // escaped: only characters that need no escape have passed our parsers.
  [[gnu::format(printf, 2, 3)]] void add(const char* format, ...);

  // Writes both, each with one write(2); failures to write are the reader's.
  void publish(Exit exit);

 private:
  Text<2048> words_{};
  Text<kMaxReplyBytes - 128> reply_{};  // room for what every reply has
};

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_REPORT_H_
