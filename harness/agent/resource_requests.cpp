// What an agent is asked about its node's resources.

#include <fcntl.h>
#include <unistd.h>

#include "harness/agent/agent.h"
#include "harness/agent/fields.h"
#include "harness/faultkit/system_error.h"

namespace sunder {

Result<Agent::Answer> Agent::carry_out_on_resources(const std::string& act, const Value& request) {
  if (!limits_) {
    return Error{Error::Code::refused, "this node has no control group: nothing can be limited"};
  }
  std::string resource = text_of(request, "resource");
  if (act == "limit") return limit(request);
  if (act == "gauge") return gauge(request);
  Status done = act == "unlimit" ? limits_->lift(resource)
                                 : limits_->begin_trial(resource, text_of(request, "data"));
  if (!done) return done.error();
  return Answer{};
}

Result<Agent::Answer> Agent::limit(const Value& request) {
  if (host_ && !lease_end_) return no_lease_error();
  reap();
  if (child_ == 0 || exit_) return Error{Error::Code::refused, "the node does not run"};
  Status done = limits_->impose(text_of(request, "resource"), integer_of(request, "amount"),
                                text_of(request, "data"));
  if (!done) return done.error();
  return Answer{};
}

Result<Agent::Answer> Agent::gauge(const Value& request) {
  Result<Limit::Reading> reading = limits_->read(text_of(request, "resource"));
  if (!reading) return reading.error();
  Answer answer;
  answer.fields["limit"] = reading->limit;
  answer.fields["used"] = reading->used;
  answer.fields["refused"] = reading->refused;
  answer.fields["refusal"] = reading->refusal;
  answer.fields["at_ns"] = std::int64_t{Clock::now().time_since_epoch().count()};
  return answer;
}

Status Agent::freeze() {
  if (limits_) return limits_->group().freeze(true);
  return Error{Error::Code::refused, "this node has no control group that could be frozen"};
}

void Agent::thaw() {
  if (limits_ && limits_->group().is_freezing()) (void)limits_->group().freeze(false);
}

/// Of a host's agent: what it starts from now on belongs to a group of its own.
Status Agent::make_group() {
  if (limits_) return Done{};
  if (host_->journal.has(UndoJournal::group)) {
    return Error{Error::Code::environment, "an earlier agent's control group cannot be removed"};
  }
  Result<ControlGroupPlaces> places = find_control_groups();
  if (!places) return places.error();
  std::string name = ControlGroup::name_for(::getpid());
  Status noted = host_->journal.will(UndoJournal::group, ControlGroup::whereabouts(*places, name));
  if (!noted) return noted;
  Result<ControlGroup> group = ControlGroup::make(*places, name);
  if (!group) {
    (void)host_->journal.undone(UndoJournal::group);
    return group.error();
  }
  Descriptor proc(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  Status tried = proc ? group->try_all() : system_error("open /proc");
  limits_.emplace(*std::move(group), std::move(proc), &host_->journal);
  if (!tried) leave_group();
  return tried;
}

/// Whoever is in there ends. What cannot be removed stays in the journal, for the next agent.
void Agent::leave_group() {
  if (!host_ || !limits_) return;
  limits_->lift_all();
  if (limits_->group().remove()) (void)host_->journal.undone(UndoJournal::group);
  limits_.reset();
}

}  // namespace sunder
