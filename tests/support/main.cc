// The main of every test binary.
#include <gmock/gmock.h>

#include "support/cmocka_listener.h"

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  cpi::speak_cmocka_if_asked();
  return RUN_ALL_TESTS();
}
