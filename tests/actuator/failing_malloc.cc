// malloc that fails once, at the allocation that the environment numbers, or
// reports how many there were. It replaces libc's for jansson as well.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
}

namespace {

long allocations = 0;
long failing = 0;

// Before main, which clears the environment.
[[gnu::constructor]] void read_plan() {
  const char* plan = std::getenv("CPI_FAIL_ALLOCATION");
  if (plan != nullptr) failing = std::atol(plan);
  allocations = 0;
}

// The count leaves through descriptor 2 after everything else was said.
[[gnu::destructor]] void report_count() {
  if (failing != 0) return;
  char line[32];
  int size = std::snprintf(line, sizeof line, "%ld", allocations);
  if (::write(STDERR_FILENO, line, static_cast<std::size_t>(size)) < 0) return;
}

bool fails_now() {
  if (++allocations != failing) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) void* malloc(std::size_t size) {
  return fails_now() ? nullptr : __libc_malloc(size);
}
__attribute__((visibility("default"))) void* calloc(std::size_t count,
                                                    std::size_t size) {
  return fails_now() ? nullptr : __libc_calloc(count, size);
}
__attribute__((visibility("default"))) void* realloc(void* block,
                                                     std::size_t size) {
  return fails_now() ? nullptr : __libc_realloc(block, size);
}
}
