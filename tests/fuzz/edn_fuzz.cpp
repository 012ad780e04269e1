#include "tests/fuzz/support/reader_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return sunder::fuzz::read_input(data, size, sunder::Format::edn);
}
