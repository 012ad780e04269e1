#include "nodes/pbft/decision.h"

#include <algorithm>
#include <set>

namespace sunder::pbft {
namespace {

using Proofs = std::vector<Sealed<ViewChange>>;

template <class Test>
std::size_t count(const Proofs& proofs, Test test) {
  auto of_body = [&](const Sealed<ViewChange>& proof) { return test(proof.body); };
  return static_cast<std::size_t>(std::count_if(proofs.begin(), proofs.end(), of_body));
}

// A correct replica has it, and a quorum can go on from there.
std::optional<Checkpoint> highest_start(const Proofs& proofs, const QuorumRules& rules) {
  std::set<Checkpoint> known;
  for (const Sealed<ViewChange>& proof : proofs) {
    known.insert(proof.body.checkpoints.begin(), proof.body.checkpoints.end());
  }
  for (auto at = known.rbegin(); at != known.rend(); ++at) {
    std::size_t having = count(proofs, [&](const ViewChange& message) {
      const auto& own = message.checkpoints;
      return std::find(own.begin(), own.end(), *at) != own.end();
    });
    std::size_t behind =
        count(proofs, [&](const ViewChange& message) { return message.stable <= at->sequence; });
    if (having > rules.faults && behind >= rules.quorum) return *at;
  }
  return {};
}

const Certificate* prepared_at(const ViewChange& message, std::int64_t sequence) {
  for (const Certificate& own : message.prepared) {
    if (own.sequence == sequence) return &own;
  }
  return nullptr;
}

// Conditions A1 and A2: nothing newer can have been committed, and it was not made up.
bool may_be_chosen(const Proofs& proofs, const Certificate& candidate, const QuorumRules& rules) {
  std::size_t agreeing = count(proofs, [&](const ViewChange& message) {
    if (message.stable >= candidate.sequence) return false;
    const Certificate* own = prepared_at(message, candidate.sequence);
    return own == nullptr || own->view < candidate.view ||
           (own->view == candidate.view && own->digest == candidate.digest);
  });
  std::size_t witnesses = count(proofs, [&](const ViewChange& message) {
    const auto& seen = message.pre_prepared;
    return std::any_of(seen.begin(), seen.end(), [&](const Certificate& own) {
      return own.sequence == candidate.sequence && own.digest == candidate.digest &&
             own.view >= candidate.view;
    });
  });
  return agreeing >= rules.quorum && (witnesses > rules.faults || rules.need_no_witness);
}

std::optional<std::int64_t> choose(const Proofs& proofs, std::int64_t sequence,
                                   const QuorumRules& rules, std::int64_t null_digest) {
  for (const Sealed<ViewChange>& proof : proofs) {
    const Certificate* candidate = prepared_at(proof.body, sequence);
    if (candidate != nullptr && may_be_chosen(proofs, *candidate, rules)) return candidate->digest;
  }
  // Condition B: nothing can have been committed.
  std::size_t without = count(proofs, [&](const ViewChange& message) {
    return message.stable < sequence && prepared_at(message, sequence) == nullptr;
  });
  if (without >= rules.quorum) return null_digest;
  return {};
}

}  // namespace

std::optional<Decision> decide(const Proofs& proofs, const QuorumRules& rules,
                               std::int64_t null_digest) {
  if (proofs.size() < rules.quorum) return {};
  std::optional<Checkpoint> start = highest_start(proofs, rules);
  if (!start) return {};
  Decision decision{*start, {}};
  if (rules.drop_prepared) return decision;
  std::int64_t last = start->sequence;
  for (const Sealed<ViewChange>& proof : proofs) {
    for (const Certificate& own : proof.body.prepared) {
      if (own.sequence - rules.window <= start->sequence) last = std::max(last, own.sequence);
    }
  }
  for (std::int64_t sequence = start->sequence + 1; sequence <= last; ++sequence) {
    std::optional<std::int64_t> digest = choose(proofs, sequence, rules, null_digest);
    if (!digest) return {};
    decision.chosen.push_back({sequence, *digest});
  }
  return decision;
}

bool is_plausible(const ViewChange& message, std::int64_t window) {
  constexpr std::size_t entries_max = 4096;
  constexpr std::int64_t sequence_max = std::int64_t{1} << 60;  // sums must not overflow
  bool bounded = message.stable >= 0 && message.stable <= sequence_max &&
                 message.checkpoints.size() <= entries_max &&
                 message.prepared.size() <= entries_max &&
                 message.pre_prepared.size() <= entries_max;
  if (!bounded) return false;
  auto fits = [&](const Certificate& own) {
    return own.sequence > message.stable && own.sequence <= message.stable + window &&
           own.view >= 0 && own.view < message.view;
  };
  return std::all_of(message.prepared.begin(), message.prepared.end(), fits) &&
         std::all_of(message.pre_prepared.begin(), message.pre_prepared.end(), fits);
}

}  // namespace sunder::pbft
