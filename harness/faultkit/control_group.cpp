#include "harness/faultkit/control_group.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <limits>
#include <set>
#include <sstream>

#include "harness/faultkit/file_at.h"
#include "harness/faultkit/handed_controllers.h"
#include "harness/faultkit/process.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr char between_words = '\t';  // of a group's whereabouts
constexpr std::int64_t cpu_period_us = 20'000;  // short, so that a node is slow rather than jerky
constexpr int remove_attempts = 200;            // 10 ms apart: the dying take a moment

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The number behind a word at the beginning of a line: "oom_kill 3".
std::int64_t number_after(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(std::string(key) + " ")) return number_of(line.substr(key.size() + 1));
  }
  return 0;
}

std::vector<pid_t> processes_in(int folder) {
  std::vector<pid_t> pids;
  std::istringstream lines(read_at(folder, "cgroup.procs"));
  for (pid_t pid; lines >> pid;) pids.push_back(pid);
  return pids;
}

void thaw(int folder) {
  (void)(write_at(folder, "freezer.state", "THAWED") || write_at(folder, "cgroup.freeze", "0"));
}

/// Lifts the limits of writing in force: who waits for a throttled disk does not die of SIGKILL
/// before the disk has let it go on.
void let_write(int folder) {
  for (auto [file, free] : {std::pair{"blkio.throttle.write_bps_device", " 0"},
                            std::pair{"io.max", " wbps=max"}}) {
    std::istringstream lines(read_at(folder, file));
    for (std::string line; std::getline(lines, line);) {
      (void)write_at(folder, file, line.substr(0, line.find(' ')) + free);
    }
  }
}

/// True when the group is gone.
bool remove_at(int parent, const std::string& name) {
  Descriptor folder(::openat(parent, name.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
  for (int attempt = 0; folder && attempt < remove_attempts; ++attempt) {
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return true;
    thaw(folder.get());
    let_write(folder.get());
    for (pid_t pid : processes_in(folder.get())) {
      if (pid > 0) ::kill(pid, SIGKILL);
    }
    ::poll(nullptr, 0, 10);
  }
  return !folder;
}

/// Whether a group is one of name_for() whose owner is dead.
bool is_orphaned(const std::string& name) {
  if (!name.starts_with(control_group_prefix)) return false;
  std::size_t dash = name.find('-', control_group_prefix.size());
  if (dash == name.npos) return false;
  auto pid = static_cast<pid_t>(number_of(name.substr(control_group_prefix.size())));
  std::optional<ProcessInfo> info = process_info(pid);
  auto started = static_cast<std::uint64_t>(number_of(name.substr(dash + 1)));
  return !info || info->start_ticks != started;
}

void remove_orphans(const std::filesystem::path& place, int parent) {
  std::error_code ignored;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(place, ignored)) {
    if (is_orphaned(entry.path().filename())) names.push_back(entry.path().filename());
  }
  for (const std::string& name : names) remove_at(parent, name);
}

std::string to_text(std::optional<std::int64_t> number, std::string_view without) {
  return number ? std::to_string(*number) : std::string(without);
}

}  // namespace

std::string ControlGroup::name_for(pid_t owner) {
  std::optional<ProcessInfo> info = process_info(owner);
  return std::string(control_group_prefix) + std::to_string(owner) + "-" +
         std::to_string(info ? info->start_ticks : 0);
}

Result<ControlGroup::Part> ControlGroup::make_part(const ControllerPlace& place,
                                                   const std::string& name) {
  Part part{.version = place.version};
  part.parent = Descriptor(::open(place.folder.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
  if (!part.parent) return system_error("open " + place.folder.string());
  remove_orphans(place.folder, part.parent.get());
  Descriptor lock = lock_control_groups(part.parent.get());
  if (place.version == 2) hand_controllers_on(part.parent.get());
  if (::mkdirat(part.parent.get(), name.c_str(), 0755) != 0 && errno != EEXIST) {
    return system_error("make a control group in " + place.folder.string(),
                        "limits of resources need root");
  }
  part.folder =
      Descriptor(::openat(part.parent.get(), name.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
  part.door = Descriptor(::openat(part.folder.get(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
  if (part.door) return part;
  Error error = system_error("open the control group in " + place.folder.string());
  (void)remove_at(part.parent.get(), name);
  return error;
}

Result<ControlGroup> ControlGroup::make(const ControlGroupPlaces& places, const std::string& name) {
  ControlGroup group;
  group.name_ = name;
  group.places_ = places;
  for (const auto& [controller, place] : places) {
    if (group.parts_.contains(place.folder)) continue;
    Result<Part> part = make_part(place, name);
    if (!part) {
      (void)group.remove();
      return part.error();
    }
    group.parts_.emplace(place.folder, *std::move(part));
  }
  return group;
}

std::string ControlGroup::read(Controller controller, const char* file) const {
  return read_at(parts_.at(part_of(controller)).folder.get(), file);
}

Status ControlGroup::write(Controller controller, const char* file,
                           const std::string& text) const {
  if (write_at(parts_.at(part_of(controller)).folder.get(), file, text)) return Done{};
  return system_error("write '" + text + "' to " + (part_of(controller) / name_ / file).string());
}

std::vector<int> ControlGroup::doors() const {
  std::vector<int> doors;
  for (const auto& [folder, part] : parts_) doors.push_back(part.door.get());
  return doors;
}

std::vector<pid_t> ControlGroup::processes() const {
  return parts_.empty() ? std::vector<pid_t>() : processes_in(parts_.begin()->second.folder.get());
}

Status ControlGroup::limit_cpu(std::optional<std::int64_t> percent_of_one) {
  std::optional<std::int64_t> quota;
  if (percent_of_one) quota = std::max<std::int64_t>(1000, *percent_of_one * cpu_period_us / 100);
  if (is_version_2(Controller::cpu)) {
    return write(Controller::cpu, "cpu.max",
                 to_text(quota, "max") + " " + std::to_string(cpu_period_us));
  }
  if (Status set = write(Controller::cpu, "cpu.cfs_period_us", std::to_string(cpu_period_us));
      !set) {
    return set;
  }
  return write(Controller::cpu, "cpu.cfs_quota_us", to_text(quota, "-1"));
}

Status ControlGroup::limit_memory(std::optional<std::int64_t> bytes) {
  if (is_version_2(Controller::memory)) {
    if (Status set = write(Controller::memory, "memory.max", to_text(bytes, "max")); !set) {
      return set;
    }
    // Without it the kernel would swap the node out instead. Not every kernel counts swap.
    (void)write(Controller::memory, "memory.swap.max", bytes ? "0" : "max");
    return Done{};
  }
  // Memory with swap must never be less than memory: the order of the two writes matters.
  const char* whole = "memory.memsw.limit_in_bytes";
  std::string text = to_text(bytes, "-1");
  if (!bytes) (void)write(Controller::memory, whole, text);
  if (Status set = write(Controller::memory, "memory.limit_in_bytes", text); !set) return set;
  if (bytes) (void)write(Controller::memory, whole, text);
  return Done{};
}

Status ControlGroup::limit_pids(std::optional<std::int64_t> count) {
  return write(Controller::pids, "pids.max", to_text(count, "max"));
}

Status ControlGroup::limit_writes(const std::string& device,
                                  std::optional<std::int64_t> bytes_a_second) {
  if (is_version_2(Controller::disk)) {
    return write(Controller::disk, "io.max", device + " wbps=" + to_text(bytes_a_second, "max"));
  }
  return write(Controller::disk, "blkio.throttle.write_bps_device",
               device + " " + to_text(bytes_a_second, "0"));
}

Status ControlGroup::freeze(bool on) {
  if (is_version_2(Controller::freezer)) {
    return write(Controller::freezer, "cgroup.freeze", on ? "1" : "0");
  }
  return write(Controller::freezer, "freezer.state", on ? "FROZEN" : "THAWED");
}

bool ControlGroup::is_frozen() const {
  if (is_version_2(Controller::freezer)) {
    return number_after(read(Controller::freezer, "cgroup.events"), "frozen") == 1;
  }
  return read(Controller::freezer, "freezer.state") == "FROZEN\n";
}

bool ControlGroup::is_freezing() const {
  if (is_version_2(Controller::freezer)) {
    return number_of(read(Controller::freezer, "cgroup.freeze")) == 1;
  }
  return read(Controller::freezer, "freezer.state") != "THAWED\n";
}

std::int64_t ControlGroup::cpu_nanoseconds() const {
  if (!is_version_2(Controller::accounting)) {
    return number_of(read(Controller::accounting, "cpuacct.usage"));
  }
  return 1000 * number_after(read(Controller::accounting, "cpu.stat"), "usage_usec");
}

std::int64_t ControlGroup::throttled_periods() const {
  return number_after(read(Controller::cpu, "cpu.stat"), "nr_throttled");
}

std::int64_t ControlGroup::memory_bytes() const {
  const char* file =
      is_version_2(Controller::memory) ? "memory.current" : "memory.usage_in_bytes";
  return number_of(read(Controller::memory, file));
}

std::int64_t ControlGroup::oom_kills() const {
  const char* file = is_version_2(Controller::memory) ? "memory.events" : "memory.oom_control";
  return number_after(read(Controller::memory, file), "oom_kill");
}

std::int64_t ControlGroup::pids() const {
  return number_of(read(Controller::pids, "pids.current"));
}

std::int64_t ControlGroup::refused_forks() const {
  return number_after(read(Controller::pids, "pids.events"), "max");
}

std::string ControlGroup::whereabouts(const ControlGroupPlaces& places, const std::string& name) {
  std::set<std::string> folders;
  for (const auto& [controller, place] : places) folders.insert(place.folder.string());
  std::string line = name;
  for (const std::string& folder : folders) line += between_words + folder;
  return line;
}

Status ControlGroup::remove_left(const std::string& whereabouts) {
  ControlGroup group;
  std::istringstream words(whereabouts);
  std::getline(words, group.name_, between_words);
  for (std::string folder; std::getline(words, folder, between_words);) {
    Part part;
    part.parent = Descriptor(::open(folder.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
    part.folder = Descriptor(
        ::openat(part.parent.get(), group.name_.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
    if (part.parent) group.parts_.emplace(folder, std::move(part));
  }
  return group.remove();
}

Status ControlGroup::try_all() {
  Status tried = limit_cpu({});
  if (tried) tried = limit_memory({});
  if (tried) tried = limit_pids({});
  if (tried) tried = freeze(false);
  if (!tried) return tried;
  const char* file =
      is_version_2(Controller::disk) ? "io.max" : "blkio.throttle.write_bps_device";
  int folder = parts_.at(part_of(Controller::disk)).folder.get();
  if (::faccessat(folder, file, W_OK, 0) == 0) return Done{};
  return system_error("write to " + (part_of(Controller::disk) / name_ / file).string());
}

Status ControlGroup::remove() {
  // In version 1 each controller has a group of its own, and nobody dies whom one of them holds.
  for (const auto& [folder, part] : parts_) {
    thaw(part.folder.get());
    let_write(part.folder.get());
  }
  std::string left;
  for (const auto& [folder, part] : parts_) {
    if (!remove_at(part.parent.get(), name_)) left += " " + (folder / name_).string();
    Descriptor lock = lock_control_groups(part.parent.get());
    take_controllers_back(part.parent.get());
  }
  if (left.empty()) return Done{};
  return Error{Error::Code::environment, "control groups are left behind:" + left};
}

}  // namespace sunder
