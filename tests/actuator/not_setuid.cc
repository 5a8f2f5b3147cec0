// Linked into helpers that must never be installed: they take paths or faults
// from the tests, so they refuse to run with anybody else's rights.
#include <sys/auxv.h>

#include <cstdlib>

[[gnu::constructor]] static void refuse_setuid() {
  if (::getauxval(AT_SECURE) != 0) std::abort();
}
