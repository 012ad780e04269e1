// The table of the vDSO's functions, read from the image that the kernel has given to this process.

#include <gtest/gtest.h>
#include <sys/auxv.h>

#include <fstream>
#include <sstream>

#include "harness/faultkit/clock/hook.h"
#include "harness/faultkit/clock/vdso.h"

namespace sunder {
namespace {

std::span<const std::byte> own_image() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (!line.ends_with("[vdso]")) continue;
    std::istringstream range(line);
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    range >> std::hex >> begin >> dash >> end;
    return {reinterpret_cast<const std::byte*>(begin), end - begin};
  }
  return {};
}

TEST(Vdso, ItsFunctionsAreThoseThatTheProcessCalls) {
  std::span<const std::byte> image = own_image();
  std::optional<Vdso> vdso = read_vdso(image);
  ASSERT_TRUE(vdso);
  ASSERT_TRUE(vdso->symbols.contains("__vdso_clock_gettime"));
  const Vdso::Symbol& symbol = vdso->symbols.at("__vdso_clock_gettime");
  using Function = long (*)(clockid_t, timespec*);
  auto function = reinterpret_cast<Function>(
      const_cast<std::byte*>(image.data()) + symbol.function);
  timespec by_vdso{};
  timespec by_library{};
  EXPECT_EQ(function(CLOCK_MONOTONIC, &by_vdso), 0);
  ::clock_gettime(CLOCK_MONOTONIC, &by_library);
  EXPECT_LT(nanoseconds_of(by_library) - nanoseconds_of(by_vdso), clock_second);
  EXPECT_LE(nanoseconds_of(by_vdso), nanoseconds_of(by_library));
  EXPECT_EQ(image[vdso->gate], std::byte{0x0f});
  EXPECT_EQ(image[vdso->gate + 1], std::byte{0x05});
}

TEST(Vdso, AnImageThatIsCutShortOrBrokenIsNone) {
  std::span<const std::byte> image = own_image();
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < image.size(); size += 8) {
    accepted += read_vdso(image.first(size)) ? 1u : 0u;  // of zeros at its end nobody knows
  }
  EXPECT_LT(accepted, image.size() / 8);
  EXPECT_FALSE(read_vdso(image.first(64)));
  std::vector<std::byte> broken(image.begin(), image.end());
  for (std::size_t i = 0; i < 0x600 && i < broken.size(); ++i) {
    std::byte kept = std::exchange(broken[i], std::byte{0xff});
    (void)read_vdso(broken);
    broken[i] = kept;
  }
}

TEST(Hook, FitsIntoItsPage) {
  EXPECT_GT(hook_code().size(), 100u);
  EXPECT_LE(hook_code().size(), hook_slots_offset);
  EXPECT_LT(hook_entries().hooks.time, hook_code().size());
}

}  // namespace
}  // namespace sunder
