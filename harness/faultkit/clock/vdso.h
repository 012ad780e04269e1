#pragma once
// The vDSO as an ELF image: where its functions' addresses stand, and where it calls the kernel.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sunder {

/// All offsets are from the image's begin, where it is also loaded.
struct Vdso {
  struct Symbol {
    std::uint64_t entry = 0;     // of the 8 bytes that hold its value
    std::uint64_t function = 0;  // the value
  };
  std::map<std::string, Symbol> symbols;  // of functions
  std::uint64_t gate = 0;                 // an instruction that calls the kernel
  std::uint64_t bias = 0;                 // a value of the table minus the offset that it means
};

/// None if the bytes are no image of a 64-bit vDSO with its table of names.
std::optional<Vdso> read_vdso(std::span<const std::byte> image);

}  // namespace sunder
