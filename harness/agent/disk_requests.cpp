// What a host's agent is asked about its node's disk.

#include "harness/agent/agent.h"
#include "harness/agent/fields.h"
#include "harness/faultkit/namespaces.h"

namespace sunder {
namespace {

/// Which acts of crashfs break something.
bool breaks(const std::string& act) {
  return act == "fault" || act == "crash" || act == "rot" || act == "cut-short" ||
         act == "restore";
}

}  // namespace

/// What the agent mounts from then on is for its node's eyes only, and ends with the two of them.
Status Agent::leave_mounts() {
  if (std::exchange(has_own_mounts_, true)) return Done{};
  Status left = hide_own_mounts();
  has_own_mounts_ = static_cast<bool>(left);
  return left;
}

/// Over the node's empty data folder.
Status Agent::mount_disk(const Value& wanted) {
  std::filesystem::path folder = host_->folder.node();
  Result<std::unique_ptr<HostDisk>> disk =
      HostDisk::mount({.program = text_of(wanted, "program"),
                       .folder = folder / "data",
                       .log = folder / "disk.jsonl",
                       .seed = static_cast<std::uint64_t>(integer_of(wanted, "seed"))});
  if (!disk) return disk.error();
  disk_ = *std::move(disk);
  return Done{};
}

Result<Agent::Answer> Agent::ask_disk(const Value& request) {
  if (!disk_) return Error{Error::Code::refused, "this node has no disk of ours"};
  const Value* act = request.find("act");
  if (act == nullptr || !act->is_map()) {
    return Error{Error::Code::malformed, "a disk is asked for an act"};
  }
  if (!lease_end_ && breaks(text_of(*act, "do"))) return no_lease_error();
  Result<Map> told = disk_->ask(*act);
  if (!told) return told.error();
  Answer answer;
  answer.fields = *std::move(told);
  return answer;
}

}  // namespace sunder
