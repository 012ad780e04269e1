// sunder-node: one node of a reference system as a real process.

#include "catalogue/nodes.h"
#include "harness/real/node_command.h"

int main(int argc, char** argv) {
  sunder::Registry<sunder::System> systems;
  sunder::add_all_nodes(systems);
  return sunder::node_command(argc, argv, systems);
}
