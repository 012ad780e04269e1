#include "harness/agent/host_place.h"

#include <fcntl.h>
#include <signal.h>

#include "harness/agent/link_shaper.h"
#include "harness/agent/pretended_clock.h"
#include "harness/agent/right_time.h"
#include "harness/faultkit/control_group.h"
#include "harness/faultkit/cuts.h"
#include "harness/faultkit/family.h"
#include "harness/faultkit/local_ports.h"
#include "harness/faultkit/queueing.h"

namespace sunder {
namespace {

Status restore_ports(const std::string& range) {
  Descriptor proc(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  Result<LocalPorts> ports = LocalPorts::open(proc.get());
  return ports ? ports->write(range) : ports.error();
}

}  // namespace

void undo_what_is_left(const HostFolder& folder) {
  UndoJournal journal(folder.journal());
  // First: nobody dies whom a frozen group holds.
  if (journal.has(UndoJournal::group) &&
      ControlGroup::remove_left(journal.detail(UndoJournal::group))) {
    (void)journal.undone(UndoJournal::group);
  }
  if (journal.has(UndoJournal::node)) {
    signal_all(SIGKILL, [&] { return marked_with(folder.mark()); });
    (void)journal.undone(UndoJournal::node);
  }
  // An entry that cannot be undone stays, for the next agent to try again.
  if (journal.has(UndoJournal::cuts) && remove_cuts()) (void)journal.undone(UndoJournal::cuts);
  if (journal.has(UndoJournal::bends) && remove_queueing() && end_shaping()) {
    (void)journal.undone(UndoJournal::bends);
  }
  if (journal.has(UndoJournal::ports) && restore_ports(journal.detail(UndoJournal::ports))) {
    (void)journal.undone(UndoJournal::ports);
  }
  if (journal.has(UndoJournal::clock)) {
    std::optional<RightTime> right = RightTime::from_text(journal.detail(UndoJournal::clock));
    if (right && right->restore(*folder.clock())) (void)journal.undone(UndoJournal::clock);
  }
}

std::unique_ptr<HostClock> HostFolder::clock() const {
  return pretends_clock ? pretended_clock(path / "clock") : own_clock();
}

Error no_lease_error() {
  return Error{Error::Code::refused, "there is no lease, and no fault may be without one"};
}

std::optional<std::string> Replies::find(std::int64_t id) const {
  auto found = kept_.find(id);
  if (found != kept_.end()) return found->second;
  return id <= highest_ ? std::optional(std::string()) : std::nullopt;
}

void Replies::keep(std::int64_t id, std::string reply) {
  kept_[id] = std::move(reply);
  highest_ = std::max(highest_, id);
  if (kept_.size() > kept_max) kept_.erase(kept_.begin());
}

void Replies::clear() {
  kept_.clear();
  highest_ = 0;
}

}  // namespace sunder
