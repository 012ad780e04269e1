#include "nodes/pbft/invariants.h"

#include <algorithm>
#include <utility>

namespace sunder::pbft {
namespace {

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name, std::int64_t otherwise = 0) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return otherwise;
}

std::string text(std::int64_t number) { return std::to_string(number); }

constexpr std::size_t cited_max = 5;  // ops of one number and of one broken invariant

}  // namespace

std::optional<BrokenInvariant> PbftInvariants::observe(NodeId node, Instant, const Event& event) {
  std::string_view kind = event.kind;
  if (kind == "accepted") return on_accepted(node, event);
  if (kind == "prepared") return on_prepared(node, event);
  if (kind == "ran") return on_ran(node, event);
  if (kind == "executed") return on_executed(node, event);
  if (kind == "boot" || kind == "installed") return on_state(node, event);
  return {};
}

void PbftInvariants::cite(BrokenInvariant& broken, std::int64_t sequence) const {
  auto found = ops_.find(sequence);
  if (found == ops_.end()) return;
  for (const auto& [op, node] : found->second) {
    if (broken.ops.size() == cited_max) {
      ++broken.ops_left_out;
      continue;
    }
    broken.ops.push_back(
        {op, to_string(node) + " executed it with the sequence number " + text(sequence)});
  }
}

PbftInvariants::Broken PbftInvariants::on_accepted(NodeId node, const Event& event) {
  std::int64_t sequence = number(event, "sequence");
  std::int64_t view = number(event, "view");
  std::int64_t digest = number(event, "digest");
  auto [at, fresh] = replicas_[node].accepted.try_emplace({view, sequence}, digest);
  if (fresh || at->second == digest) return {};
  at->second = digest;
  return BrokenInvariant{"one request a sequence number: " + to_string(node) +
                         " accepted two batches for number " + text(sequence) + " of view " +
                         text(view)};
}

PbftInvariants::Broken PbftInvariants::on_prepared(NodeId node, const Event& event) {
  std::int64_t sequence = number(event, "sequence");
  std::int64_t view = number(event, "view");
  Voted own{number(event, "digest"), node};
  auto [at, fresh] = prepared_.try_emplace({view, sequence}, own);
  if (fresh || at->second.digest == own.digest) return {};
  BrokenInvariant broken{"one request a sequence number: " + to_string(at->second.node) + " and " +
                         to_string(node) + " prepared different batches for number " +
                         text(sequence) + " of view " + text(view)};
  cite(broken, sequence);
  return broken;
}

PbftInvariants::Broken PbftInvariants::on_ran(NodeId node, const Event& event) {
  std::int64_t sequence = number(event, "sequence");
  std::int64_t client = number(event, "client");
  std::int64_t timestamp = number(event, "timestamp");
  std::int64_t op = number(event, "op", -1);
  auto& ops = ops_[sequence];
  bool cited =
      std::any_of(ops.begin(), ops.end(), [&](const auto& own) { return own.first == op; });
  if (!cited && ops.size() < cited_max && op >= 0) ops.push_back({op, node});
  if (number(event, "signed", 1) == 0) {
    return BrokenInvariant{"validity: " + to_string(node) + " executed, with the sequence number " +
                           text(sequence) + ", a request that its client did not sign"};
  }
  auto [at, fresh] = runs_.try_emplace({client, timestamp}, Run{sequence, node});
  if (fresh || at->second.sequence == sequence) return {};
  BrokenInvariant broken{"each request once: " + to_string(node) + " executed with the number " +
                         text(sequence) + " what " + to_string(at->second.node) +
                         " had executed with the number " + text(at->second.sequence)};
  if (op >= 0) broken.ops.push_back({op, "it ran twice"});
  return broken;
}

PbftInvariants::Broken PbftInvariants::on_executed(NodeId node, const Event& event) {
  std::int64_t sequence = number(event, "sequence");
  std::int64_t digest = number(event, "digest");
  std::int64_t state = number(event, "state");
  Replica& own = replicas_[node];
  std::int64_t before = std::exchange(own.executed, sequence);
  if (before + 1 != sequence) {
    BrokenInvariant broken{"executed prefix: " + to_string(node) + " executed number " +
                           text(sequence) + " after number " + text(before)};
    cite(broken, sequence);
    return broken;
  }
  Executed& first = executed_.try_emplace(sequence, Executed{digest, state, node}).first->second;
  if (first.digest == 0) first.digest = digest;
  if (first.digest != digest) {
    own.diverged = true;
    BrokenInvariant broken{"agreement: " + to_string(first.node) + " and " + to_string(node) +
                           " executed different batches with the number " + text(sequence)};
    cite(broken, sequence);
    return broken;
  }
  return same_state(node, sequence, state);
}

PbftInvariants::Broken PbftInvariants::same_state(NodeId node, std::int64_t sequence,
                                                  std::int64_t state) {
  Replica& own = replicas_[node];
  if (own.diverged) return {};
  const Executed& first =
      executed_.try_emplace(sequence, Executed{0, state, node}).first->second;
  if (first.state == state) return {};
  own.diverged = true;
  BrokenInvariant broken{"agreement: after number " + text(sequence) + " the state of " +
                         to_string(node) + " is not that of " + to_string(first.node)};
  cite(broken, sequence);
  return broken;
}

PbftInvariants::Broken PbftInvariants::on_state(NodeId node, const Event& event) {
  Replica& own = replicas_[node];
  own.executed = number(event, "sequence");
  own.diverged = false;
  if (event.kind == "boot") own.accepted.clear();
  if (own.executed == 0) return {};
  return same_state(node, own.executed, number(event, "state"));
}

}  // namespace sunder::pbft
