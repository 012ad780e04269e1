// The tests' own main: as a node of the tiny system when a lab starts it so, else inside namespaces
// where the machine allows them.

#include <gtest/gtest.h>

#include <string_view>

#include "harness/real/node_command.h"
#include "tests/real/support/lab_place.h"
#include "tests/real/support/tiny_system.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--system") {
    sunder::Registry<sunder::System> systems;
    systems.add(sunder::tiny_system());
    return sunder::node_command(argc, argv, systems);
  }
  testing::InitGoogleTest(&argc, argv);
  sunder::lab_place();  // before any test has made a thread
  return RUN_ALL_TESTS();
}
