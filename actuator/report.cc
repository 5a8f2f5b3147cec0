#include "actuator/report.h"

#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace cpi::actuator {
namespace {

void write_once(int fd, const char* bytes, std::size_t size) {
  if (size != 0 && ::write(fd, bytes, size) < 0) return;
}

}  // namespace

json_t* json_text(std::string_view text) {
  return json_stringn(text.data(), text.size());
}

// The list of arguments is libc's way to format without allocating.
// NOLINTNEXTLINE(cert-dcl50-cpp)
Exit Report::say(Exit exit, const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is a builtin
  int length = std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  std::size_t size =
      std::min<std::size_t>(std::max(length, 0), sizeof line - 1);
  if (words_.append("cpi-actuator: ") && words_.append({line, size}))
    (void)words_.append("\n");
  return exit;
}

void Report::set(const char* field, json_t* value) {
  if (reply_ == nullptr) reply_ = json_object();
  if (json_object_set_new(reply_, field, value) != 0) short_of_memory_ = true;
}

void Report::publish(Exit exit) {
  static char line[kMaxReplyBytes];
  std::string_view outcome = name_of(exit);
  set("v", kReplyVersion);
  set("exit", static_cast<int>(exit));
  set("outcome", json_text(outcome));
  std::size_t size =
      short_of_memory_
          ? 0
          : json_dumpb(reply_, line, sizeof line - 1, JSON_COMPACT);
  if (size == 0 || size >= sizeof line) {
    int length = std::snprintf(
        line, sizeof line - 1, "{\"v\":%d,\"exit\":%d,\"outcome\":\"%.*s\"}",
        kReplyVersion, static_cast<int>(exit), static_cast<int>(outcome.size()),
        outcome.data());
    size = static_cast<std::size_t>(length);
  }
  line[size] = '\n';
  write_once(STDERR_FILENO, words_.bytes, words_.size);
  write_once(STDOUT_FILENO, line, size + 1);
}

}  // namespace cpi::actuator
