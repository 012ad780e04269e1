// What an agent is asked about its node's resources.

#include "harness/agent/agent.h"
#include "harness/agent/fields.h"

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

}  // namespace sunder
