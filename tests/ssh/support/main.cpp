// The tests' own main: inside namespaces where the machine allows them.

#include <gtest/gtest.h>

#include "tests/ssh/support/sshd.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sunder::no_sshd_here();  // before any test has made a thread
  return RUN_ALL_TESTS();
}
