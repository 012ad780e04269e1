#pragma once
// Beside a controller that switches machines off: whatever ends it, they are started again.

#include <string>
#include <vector>

namespace sunder {

/// Reads lines from standard input until its end, which is that of the controller: "off MACHINE"
/// before a machine is switched off, "on MACHINE" once it is started. Then runs `command` with the
/// name of each machine that is still off as its last argument. Signals do not end it. The exit
/// code: 0 when every command had success.
int keep_power(const std::vector<std::string>& command);

}  // namespace sunder
