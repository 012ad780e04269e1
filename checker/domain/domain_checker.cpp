#include "checker/domain/domain_checker.h"

#include "checker/linearizable/monitors/radix.h"

namespace sunder::domain {
namespace {

constexpr std::uint32_t no_call = UINT32_MAX;

}  // namespace

void DomainChecker::feed(const OpView& op) {
  if (!op.process.is_client()) return;
  if (op.phase == Phase::invoke) {
    invoke(op);
  } else if (op.pair != no_op) {
    complete(op);
  } else if (op.phase != Phase::fail) {
    refuse(op, -1, "completes without an invocation, so nobody knows when it began");
  }
}

void DomainChecker::invoke(const OpView& op) {
  call_of_.resize(op.index + 1, no_call);
  Call call{.invoked = static_cast<std::uint32_t>(op.index),
            .invoked_at = nanoseconds(op.time),
            .process = op.process.id,
            .lane = lanes_.of_integer(op.process.id)};
  ValueView value = op.value;
  if (!split_key(op, value, call.key)) return;
  std::size_t at = calls_.size();
  calls_.push_back(call);
  Reading reading = begin_call(at, op.verb, value);
  if (reading == Reading::understood) {
    call_of_[op.index] = static_cast<std::uint32_t>(at);
    return;
  }
  calls_.pop_back();
  if (reading == Reading::refused) {
    refuse(op, call.key, "is no operation of this check, which has " + expects());
  }
}

void DomainChecker::complete(const OpView& op) {
  std::uint32_t at = op.pair < call_of_.size() ? call_of_[op.pair] : no_call;
  if (at == no_call) return;  // its invocation was ignored or refused
  Call& call = calls_[at];
  call.completed = static_cast<std::uint32_t>(op.index);
  call.completed_at = nanoseconds(op.time);
  call.phase = op.phase;
  ValueView value = op.value;
  std::int32_t key = call.key;
  if (context_.keyed && !value.is_nil()) {
    bool pair = value.kind() == Value::Kind::list && value.size() == 2;
    if (op.phase != Phase::ok && !pair) {
      value = ValueView();
    } else if (!split_key(op, value, key)) {
      return;
    }
  }
  if (key != call.key) return refuse(op, call.key, "answers for another key than its invocation");
  if (end_call(at, value, op.error) == Reading::refused) {
    refuse(op, call.key, "does not fit its invocation; this check has " + expects());
  }
}

bool DomainChecker::split_key(const OpView& op, ValueView& value, std::int32_t& key) {
  if (!context_.keyed) return true;
  bool keyed = value.kind() == Value::Kind::list && value.size() == 2;
  Value::Kind kind = keyed ? value[0].kind() : Value::Kind::nil;
  if (!keyed || kind == Value::Kind::list || kind == Value::Kind::map) {
    refuse(op, -1, "has no [key value]");
    return false;
  }
  key = keys_.of(value[0]);
  value = value[1];
  return true;
}

void DomainChecker::refuse(const OpView& op, std::int32_t key, const std::string& what) {
  ++refused_;
  if (key >= 0) troubles_.resize(std::max(troubles_.size(), static_cast<std::size_t>(key) + 1));
  std::string& trouble = key < 0 ? trouble_ : troubles_[static_cast<std::size_t>(key)];
  if (!trouble.empty()) return;
  trouble = "Op " + std::to_string(op.index) + " (" + describe(op.op()) + ") " + what + ".";
}

Verdict DomainChecker::finish() {
  Verdict verdict;
  Findings findings;
  if (refused_ != 0) findings.figure("undecodable", refused_);
  if (!trouble_.empty()) {
    findings.unknown("The history cannot be judged. " + trouble_);
  } else if (calls_.empty() && troubles_.empty()) {
    findings.unknown("The history has no client operation, so there is nothing to judge.");
  } else {
    judge_keys(findings);
    findings.begin_key({});
    judge_rest(findings);
  }
  findings.conclude(verdict, passed(findings));
  return verdict;
}

void DomainChecker::judge_keys(Findings& findings) {
  std::vector<std::uint32_t> starts(keys_.size() + 1);
  for (const Call& one : calls_) ++starts[static_cast<std::size_t>(one.key) + 1];
  for (std::size_t key = 1; key < starts.size(); ++key) starts[key] += starts[key - 1];
  std::vector<std::uint32_t> sorted(calls_.size());
  std::vector<std::uint32_t> next = starts;
  for (std::uint32_t at = 0; at < calls_.size(); ++at) {
    sorted[next[static_cast<std::size_t>(calls_[at].key)]++] = at;
  }
  for (std::size_t key = 0; key < keys_.size(); ++key) {
    Calls mine(sorted.data() + starts[key], starts[key + 1] - starts[key]);
    bool refused = key < troubles_.size() && !troubles_[key].empty();
    if (mine.empty() && !refused) continue;
    findings.begin_key(context_.keyed ? keys_.value(static_cast<std::int32_t>(key)) : Value());
    if (refused) {
      findings.unknown("The history cannot be judged. " + troubles_[key]);
    } else if (context_.stop != nullptr && context_.stop->load()) {
      findings.unknown("The check was stopped.");
      break;
    } else {
      findings.figure("operations", mine.size());
      findings.figure("keys", 1);
      judge(mine, findings);
    }
  }
}

std::vector<std::uint32_t> DomainChecker::by_completion(Calls calls) const {
  std::vector<linearizable::Keyed> items;
  items.reserve(calls.size());
  for (std::uint32_t at : calls) items.push_back({calls_[at].completed, at});
  linearizable::sort_by_key(items);
  std::vector<std::uint32_t> sorted;
  sorted.reserve(items.size());
  for (const linearizable::Keyed& item : items) sorted.push_back(item.index);
  return sorted;
}

std::string DomainChecker::told(std::size_t at, const std::string& what) const {
  return "process " + std::to_string(calls_[at].process) + "'s " + what + " (" +
         op_name(calls_[at].invoked) + ")";
}

std::vector<std::uint64_t> DomainChecker::ops_of(std::initializer_list<std::size_t> calls) const {
  std::vector<std::uint64_t> ops;
  for (std::size_t at : calls) {
    ops.push_back(calls_[at].invoked);
    if (calls_[at].completed != open_end) ops.push_back(calls_[at].completed);
  }
  return ops;
}

CheckerEntry entry_of(std::string check, std::string datatype, std::string summary,
                      std::string datatype_summary, std::vector<OptionSpec> options,
                      std::function<std::unique_ptr<Checker>()> make) {
  return {.name = check + " " + datatype,
          .datatype = std::move(datatype),
          .consistency = std::move(check),
          .summary = std::move(summary),
          .datatype_summary = std::move(datatype_summary),
          .domain = true,
          .options = std::move(options),
          .make = std::move(make)};
}

}  // namespace sunder::domain
