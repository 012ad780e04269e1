#include "harness/faultkit/clock/redirect.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "harness/faultkit/clock/hook.h"
#include "harness/faultkit/clock/tracee.h"
#include "harness/faultkit/clock/vdso.h"

namespace sunder {
namespace {

Error unlike(std::string what) {
  return Error{Error::Code::environment, "cannot bend a process's clock: " + std::move(what)};
}

/// Where the vDSO of a process lies, and its bytes.
struct Loaded {
  std::uintptr_t begin = 0;
  std::vector<std::byte> image;
};

Result<Loaded> find_vdso(pid_t pid, const Tracee& tracee) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    if (!line.ends_with("[vdso]")) continue;
    std::istringstream range(line);
    std::uintptr_t end = 0;
    char dash = 0;
    Loaded loaded;
    if (!(range >> std::hex >> loaded.begin >> dash >> end) || end <= loaded.begin) break;
    loaded.image.resize(end - loaded.begin);
    if (tracee.read(loaded.begin, loaded.image)) return loaded;
    break;
  }
  return unlike("it has no vDSO to be read");
}

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

/// Maps the clock file into the process: the code for itself, the clock shared.
Result<std::uintptr_t> map_file(const Tracee& tracee, std::uintptr_t gate,
                                const std::string& file) {
  Result<std::uintptr_t> name = tracee.scratch(file.size() + 1);
  if (!name) return name;
  if (!tracee.write(*name, std::as_bytes(std::span(file.c_str(), file.size() + 1)))) {
    return unlike("its stack cannot be written");
  }
  auto opened = tracee.call(gate, SYS_openat,
                            {static_cast<std::uintptr_t>(AT_FDCWD), *name, O_RDONLY | O_CLOEXEC});
  if (!opened) return opened;
  auto code = tracee.call(gate, SYS_mmap, {0, clock_file_size, PROT_READ | PROT_EXEC, MAP_PRIVATE,
                                           *opened, 0});
  if (!code) return code;
  auto clock = tracee.call(gate, SYS_mmap,
                           {*code + clock_file_page, clock_file_page, PROT_READ,
                            MAP_SHARED | MAP_FIXED, *opened, clock_file_page});
  if (!clock) return clock;
  auto closed = tracee.call(gate, SYS_close, {*opened});
  if (!closed) return closed;
  return code;
}

}  // namespace

Status redirect_clock(pid_t held, const std::filesystem::path& file) {
  if (hook_code().empty()) return unlike("that is known for x86-64 only");
  Result<Tracee> tracee = Tracee::of(held);
  if (!tracee) return tracee.error();
  Result<Loaded> loaded = find_vdso(held, *tracee);
  if (!loaded) return loaded.error();
  std::optional<Vdso> vdso = read_vdso(loaded->image);
  if (!vdso) return unlike("its vDSO is of another kind, as that of a 32-bit program");
  Result<std::uintptr_t> code = map_file(*tracee, loaded->begin + vdso->gate, file.string());
  if (!code) return code.error();

  HookSlots slots;
  HookEntries entries = hook_entries();
  struct Way {
    const char* name;
    std::uintptr_t entry;
    void* slot;
  };
  for (const Way& way : {Way{"clock_gettime", entries.clock_gettime, &slots.clock_gettime},
                         Way{"gettimeofday", entries.gettimeofday, &slots.gettimeofday},
                         Way{"time", entries.time, &slots.time}}) {
    for (const std::string& name : {std::string(way.name), "__vdso_" + std::string(way.name)}) {
      auto symbol = vdso->symbols.find(name);
      if (symbol == vdso->symbols.end()) return unlike("its vDSO has no " + name);
      std::uintptr_t function = loaded->begin + symbol->second.function;
      static_assert(sizeof function == sizeof slots.time);
      std::memcpy(way.slot, &function, sizeof function);
      // Readers add where the image lies to the value, which wraps around.
      std::uint64_t value = *code + way.entry - loaded->begin + vdso->bias;
      if (!tracee->write(loaded->begin + symbol->second.entry, bytes_of(value))) {
        return unlike("the kernel does not let its vDSO be written");
      }
    }
  }
  if (!tracee->write(*code + hook_slots_offset, bytes_of(slots))) {
    return unlike("the code that reads the clock cannot be written");
  }
  return Done{};
}

bool sees_clock(pid_t pid, const std::filesystem::path& file) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  bool any = false;
  for (std::string line; std::getline(maps, line);) {
    any = true;
    if (line.ends_with(" " + file.string())) return true;
  }
  return !any;
}

}  // namespace sunder
