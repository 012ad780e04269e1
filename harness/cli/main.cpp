#include "harness/cli/command_line.h"

int main(int argc, char** argv) { return sunder::command_line(argc, argv); }
