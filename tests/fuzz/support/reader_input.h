#pragma once
// What every reader must do with any bytes at all.

#include <cstddef>
#include <cstdint>

#include "harness/formats/formats.h"

namespace sunder::fuzz {

/// Reads the bytes as the format. They make a history or an error with its place; a history that is
/// written as EDN comes back as it was. Aborts otherwise. Returns 0.
int read_input(const std::uint8_t* data, std::size_t size, Format format);

}  // namespace sunder::fuzz
