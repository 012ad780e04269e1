// What an agent is asked about the resolver that its node asks for names.

#include "harness/agent/agent.h"
#include "harness/agent/fields.h"

namespace sunder {
namespace {

std::optional<Resolver::Manner> manner_named(const std::string& name) {
  if (name == "right") return Resolver::Manner::right;
  if (name == "missing") return Resolver::Manner::missing;
  if (name == "slow") return Resolver::Manner::slow;
  if (name == "wrong") return Resolver::Manner::wrong;
  return {};
}

}  // namespace

bool Agent::speaks_of_names(const std::string& act) {
  return act == "bend-names" || act == "ask-names" || act == "heard-names";
}

Result<Agent::Answer> Agent::carry_out_on_names(const std::string& act, const Value& request) {
  if (!resolver_) return Error{Error::Code::refused, "this node asks no resolver of ours"};
  Answer answer;
  if (act == "bend-names") {
    std::optional<Resolver::Manner> manner = manner_named(text_of(request, "manner"));
    if (!manner) return Error{Error::Code::malformed, "a resolver knows no such manner"};
    resolver_->behave(*manner, Duration{integer_of(request, "delay_ns")});
  } else if (act == "ask-names") {
    resolver_->ask();
  } else {
    resolver_->serve();
    List heard;  // flat, three entries each
    for (const Resolver::Heard& one : resolver_->heard()) {
      heard.emplace_back(std::int64_t{one.node});
      heard.emplace_back(one.address);
      heard.emplace_back(std::int64_t{one.took.count()});
    }
    answer.fields["heard"] = std::move(heard);
    answer.fields["asked"] = resolver_->asked();
  }
  return answer;
}

}  // namespace sunder
