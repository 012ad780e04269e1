#pragma once
// One control group of the kernel: processes whose share of the machine can be limited.

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/faultkit/control_group_places.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// Holds its folders open, so that it works wherever the file tree is looked at from. Needs root.
/// Not thread-safe.
class ControlGroup {
 public:
  /// Makes the group in all places. Groups that dead processes made by name_for() and nobody
  /// removed are removed first.
  static Result<ControlGroup> make(const ControlGroupPlaces& places, const std::string& name);
  /// A name by which others see whether this process, which makes the group, still lives.
  static std::string name_for(pid_t owner);

  /// Descriptors of the files into which a process writes "0" to belong to the group.
  std::vector<int> doors() const;
  std::vector<pid_t> processes() const;

  // Without a number the limit is lifted.
  Status limit_cpu(std::optional<std::int64_t> percent_of_one);
  Status limit_memory(std::optional<std::int64_t> bytes);
  Status limit_pids(std::optional<std::int64_t> count);
  /// `device` is "major:minor" of a whole block device.
  Status limit_writes(const std::string& device, std::optional<std::int64_t> bytes_a_second);
  /// Freezes or thaws. Frozen processes take no signal, not even SIGKILL in version 1.
  Status freeze(bool on);
  bool is_frozen() const;   // every process stands still
  bool is_freezing() const; // told to

  // What the kernel counts; 0 where it does not say.
  std::int64_t cpu_nanoseconds() const;
  std::int64_t throttled_periods() const;
  std::int64_t memory_bytes() const;
  std::int64_t oom_kills() const;
  std::int64_t pids() const;
  std::int64_t refused_forks() const;

  /// Whether everything of the above can be asked for, with no limit set: a machine may keep a
  /// controller to itself.
  Status try_all();

  /// Thaws and kills whoever is in the group, and removes it. Asking twice is no error.
  Status remove();
  /// One line by which another process finds the group that make() makes, to remove it as remove()
  /// does. Of a group that is gone: nothing.
  static std::string whereabouts(const ControlGroupPlaces& places, const std::string& name);
  static Status remove_left(const std::string& whereabouts);

 private:
  struct Part {
    int version = 1;
    Descriptor parent;
    Descriptor folder;
    Descriptor door;
  };
  static Result<Part> make_part(const ControllerPlace& place, const std::string& name);
  std::string read(Controller controller, const char* file) const;
  Status write(Controller controller, const char* file, const std::string& text) const;
  bool is_version_2(Controller controller) const { return places_.at(controller).version == 2; }
  const std::filesystem::path& part_of(Controller controller) const {
    return places_.at(controller).folder;
  }

  std::string name_;
  ControlGroupPlaces places_;
  std::map<std::filesystem::path, Part> parts_;  // by the folder in which the group is
};

}  // namespace sunder
