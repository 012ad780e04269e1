#pragma once
// Small files of the kernel's, in a folder that is held open: they work wherever the file tree is
// looked at from.

#include <string>

namespace sunder {

/// The whole text; empty when it cannot be read.
std::string read_at(int folder, const char* file);
/// Whether the kernel took all of it.
bool write_at(int folder, const char* file, const std::string& text);

}  // namespace sunder
