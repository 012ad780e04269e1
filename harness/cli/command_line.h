#pragma once

namespace sunder {

/// The whole program behind `sunder`: parses the command line, runs the subcommand, returns the
/// exit code. Exceptions end here, as exit code 70.
int command_line(int argc, char** argv);

}  // namespace sunder
