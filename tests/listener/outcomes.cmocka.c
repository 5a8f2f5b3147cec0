/* The CMocka side of the comparison: the suite "Outcomes" of
 * outcomes.gtest.cc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Exported by the library, missing from its header. */
void cm_print_error(const char *format, ...);

static void passes(void **state) { (void)state; }

static void fails(void **state) {
  (void)state;
  cm_print_error("Failed\n1 is not 2\n");
  _fail("outcomes", 6);
}

static void skips(void **state) {
  (void)state;
  skip();
}

static void explains_in_two_lines(void **state) {
  (void)state;
  cm_print_error("Failed\nfirst <line>\nsecond \"line\"\n");
  _fail("outcomes", 7);
}

int main(void) {
  const struct CMUnitTest Outcomes[] = {
      cmocka_unit_test(passes),
      cmocka_unit_test(fails),
      cmocka_unit_test(skips),
      cmocka_unit_test(explains_in_two_lines),
  };
  return cmocka_run_group_tests(Outcomes, NULL, NULL);
}
