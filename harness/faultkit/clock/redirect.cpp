#include "harness/faultkit/clock/redirect.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "harness/faultkit/clock/held_process.h"
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
  auto text = std::as_bytes(std::span(file.c_str(), file.size() + 1));
  Result<std::uintptr_t> name = tracee.scratch(text.size());
  if (!name) return name;
  // Below the small stacks of Go there may be anything: it is put back.
  std::vector<std::byte> before(text.size());
  if (!tracee.read(*name, before) || !tracee.write(*name, text)) {
    return unlike("its stack cannot be written");
  }
  auto opened = tracee.call(gate, SYS_openat,
                            {static_cast<std::uintptr_t>(AT_FDCWD), *name, O_RDONLY | O_CLOEXEC});
  if (!tracee.write(*name, before)) return unlike("its stack cannot be written");
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

/// What both ways need: where the vDSO is, and our code beside it.
struct Ground {
  Tracee tracee;
  std::uintptr_t begin = 0;  // of the vDSO
  Vdso vdso;
  std::uintptr_t code = 0;
};

Result<Ground> prepare(pid_t pid, const std::filesystem::path& file) {
  if (hook_code().empty()) return unlike("that is known for x86-64 only");
  Result<Tracee> tracee = Tracee::of(pid);
  if (!tracee) return tracee.error();
  Result<Loaded> loaded = find_vdso(pid, *tracee);
  if (!loaded) return loaded.error();
  std::optional<Vdso> vdso = read_vdso(loaded->image);
  if (!vdso) return unlike("its vDSO is of another kind, as that of a 32-bit program");
  Result<std::uintptr_t> code = map_file(*tracee, loaded->begin + vdso->gate, file.string());
  if (!code) return code.error();
  return Ground{*std::move(tracee), loaded->begin, *std::move(vdso), *code};
}

constexpr std::array<const char*, 3> function_names = {"clock_gettime", "gettimeofday", "time"};
std::array<std::uintptr_t, 3> listed(const HookEntries& entries) {
  return {entries.clock_gettime, entries.gettimeofday, entries.time};
}

/// Tells our code what to call in the end, in the order of the names.
Status write_slots(const Ground& ground, const std::array<std::uintptr_t, 3>& functions) {
  static_assert(sizeof functions == sizeof(HookSlots));
  if (ground.tracee.write(ground.code + hook_slots_offset, bytes_of(functions))) return Done{};
  return unlike("the code that reads the clock cannot be written");
}

// movabs $address, %rax; jmp *%rax
constexpr std::size_t jump_size = 12;
std::array<std::byte, jump_size> jump_to(std::uintptr_t address) {
  std::array<std::byte, jump_size> code{std::byte{0x48}, std::byte{0xb8}};
  std::memcpy(code.data() + 2, &address, sizeof address);
  code[10] = std::byte{0xff};
  code[11] = std::byte{0xe0};
  return code;
}

/// None: a thread stands where the jumps would go.
std::optional<Status> overwrite(const HeldProcess& held, const Ground& ground) {
  std::array<std::uintptr_t, 3> hooks = listed(hook_entries().hooks);
  std::array<std::uintptr_t, 3> functions{};
  for (std::size_t i = 0; i < functions.size(); ++i) {
    auto symbol = ground.vdso.symbols.find("__vdso_" + std::string(function_names[i]));
    if (symbol == ground.vdso.symbols.end()) return unlike("its vDSO lacks a function");
    functions[i] = ground.begin + symbol->second.function;
    for (std::uintptr_t place : held.places()) {
      if (place >= functions[i] && place < functions[i] + jump_size) return {};
    }
  }
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (!ground.tracee.write(functions[i], jump_to(ground.code + hooks[i]))) {
      return unlike("the kernel does not let its vDSO be written");
    }
  }
  return Done{};
}

}  // namespace

Status redirect_clock(pid_t held, const std::filesystem::path& file) {
  Result<Ground> ground = prepare(held, file);
  if (!ground) return ground.error();
  std::array<std::uintptr_t, 3> hooks = listed(hook_entries().hooks);
  std::array<std::uintptr_t, 3> functions{};
  for (std::size_t i = 0; i < functions.size(); ++i) {
    std::string plain = function_names[i];
    for (const std::string& name : {plain, "__vdso_" + plain}) {
      auto symbol = ground->vdso.symbols.find(name);
      if (symbol == ground->vdso.symbols.end()) return unlike("its vDSO has no " + name);
      functions[i] = ground->begin + symbol->second.function;
      // Readers add where the image lies to the value, which wraps around.
      std::uint64_t value = ground->code + hooks[i] - ground->begin + ground->vdso.bias;
      if (!ground->tracee.write(ground->begin + symbol->second.entry, bytes_of(value))) {
        return unlike("the kernel does not let its vDSO be written");
      }
    }
  }
  return write_slots(*ground, functions);
}

Status redirect_running(pid_t pid, const std::filesystem::path& file) {
  constexpr int attempts = 50;  // a thread leaves those few bytes within nanoseconds
  std::optional<Ground> ground;
  for (int i = 0; i < attempts; ++i) {
    Result<HeldProcess> held = HeldProcess::hold(pid);
    if (!held) return held.error();
    if (held->places().empty()) return unlike("where its threads are cannot be told");
    if (!ground) {
      Result<Ground> prepared = prepare(pid, file);
      if (!prepared) return prepared.error();
      ground.emplace(*std::move(prepared));
      std::array<std::uintptr_t, 3> calls = listed(hook_entries().calls);
      for (std::uintptr_t& call : calls) call += ground->code;
      if (Status written = write_slots(*ground, calls); !written) return written;
    }
    if (std::optional<Status> done = overwrite(*held, *ground)) return *done;
  }
  return unlike("its threads read clocks all the time");
}

bool reads_clock(pid_t pid, const std::filesystem::path& file) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  bool any = false;
  for (std::string line; std::getline(maps, line);) {
    any = true;
    bool is_code = line.find(" r-xp ") != std::string::npos;
    if (is_code && line.ends_with(" " + file.string())) return true;
  }
  return !any;
}

}  // namespace sunder
