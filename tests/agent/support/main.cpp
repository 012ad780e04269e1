// Enters namespaces before any test, where the machine allows them.

#include <gtest/gtest.h>

#include "tests/real/support/lab_place.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sunder::lab_place();
  return RUN_ALL_TESTS();
}
