#include "actuator/report.h"

#include <unistd.h>

#include <csignal>
#include <cstdarg>
#include <cstdio>

namespace cpi::actuator {
namespace {

// A list of arguments is libc's way to format without allocating.
template <std::size_t N>
void append(Text<N>* text, const char* format, std::va_list arguments) {
  std::size_t room = N - text->size;
  // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is a builtin
  int length =
      std::vsnprintf(text->bytes + text->size, room + 1, format, arguments);
  if (length > 0 && static_cast<std::size_t>(length) <= room)
    text->size += static_cast<std::size_t>(length);
  text->bytes[text->size] = '\0';
}

// A reader who never reads shall not collect processes of root's that wait for
// him. All is done by now, so a signal may end this one; not one that the
// caller left pending, which being ignored for a moment discards.
void end_soon() {
  constexpr unsigned kSeconds = 2;
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, SIGALRM);
  if (::signal(SIGALRM, SIG_IGN) == SIG_ERR ||
      ::signal(SIGALRM, SIG_DFL) == SIG_ERR ||
      ::sigprocmask(SIG_UNBLOCK, &only, nullptr) != 0)
    return;
  ::alarm(kSeconds);
}

void write_once(int fd, std::string_view text) {
  if (!text.empty() && ::write(fd, text.data(), text.size()) < 0) return;
}

}  // namespace

// NOLINTNEXTLINE(cert-dcl50-cpp)
Exit Report::say(Exit exit, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  (void)words_.append("cpi-actuator: ");
  append(&words_, format, arguments);
  (void)words_.append("\n");
  va_end(arguments);
  return exit;
}

// NOLINTNEXTLINE(cert-dcl50-cpp)
void Report::add(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  append(&reply_, format, arguments);
  va_end(arguments);
}

void Report::publish(Exit exit) {
  static Text<kMaxReplyBytes> line;
  char last[128];
  std::string_view outcome = name_of(exit);
  int size = std::snprintf(last, sizeof last,
                           "\"v\":%d,\"exit\":%d,\"outcome\":\"%.*s\"}\n",
                           kReplyVersion, static_cast<int>(exit),
                           static_cast<int>(outcome.size()), outcome.data());
  end_soon();
  write_once(STDERR_FILENO, words_.view());
  if (line.assign("{") && line.append(reply_.view()) &&
      line.append({last, static_cast<std::size_t>(size)}))
    write_once(STDOUT_FILENO, line.view());
}

}  // namespace cpi::actuator
