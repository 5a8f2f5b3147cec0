// What the caller will be told. It is collected while the lock is held and
// written after the lock is gone, because nobody can be made to read a pipe.
#ifndef CPI_ACTUATOR_REPORT_H_
#define CPI_ACTUATOR_REPORT_H_

#include <jansson.h>

#include "actuator/fixed.h"
#include "actuator/protocol.h"

namespace cpi::actuator {

class Report {
 public:
  // Adds a line for standard error and returns `exit`, so that a refusal is
  // one statement. The text never holds raw input. Lines that do not fit are
  // cut.
  [[gnu::format(printf, 3, 4)]] Exit say(Exit exit, const char* format, ...);

  // Adds a field to the reply; takes over `value`, as json_object_set_new.
  // Without memory for it the reply shrinks to its first fields, which need
  // none.
  void set(const char* field, json_t* value);
  void set(const char* field, std::int64_t value) {
    set(field, json_integer(value));
  }

  // Writes both, each with one write(2); failures to write are the reader's.
  void publish(Exit exit);

 private:
  Text<2048> words_{};
  json_t* reply_ = nullptr;
  bool short_of_memory_ = false;
};

// A string of known-good characters as JSON.
json_t* json_text(std::string_view text);

}  // namespace cpi::actuator

#endif  // CPI_ACTUATOR_REPORT_H_
