// "lease": leases of different owners do not overlap in time.
//
// A lease is granted somewhere between the invocation and the answer of an acquire or a renew. So
// its owner surely holds it from the answer on until the time to live has passed since the
// invocation, less what clocks may differ, or until it begins to release it.

#include "checker/domain/lock_calls.h"

namespace sunder {
namespace {

using namespace domain;

class Lease final : public LockChecker {
 public:
  Lease() : LockChecker({.owned = true, .leased = true}) {}

 private:
  void judge(Calls calls, Findings& findings) override {
    index_releases(calls);
    std::vector<Hold> leases;
    for (std::uint32_t at : calls) {
      if (kind(at) == Kind::release || fate(at) != Fate::happened) continue;
      std::uint32_t by = released_by(at);
      std::int64_t end =
          call(at).invoked_at + number(at) - nanoseconds(context_.options.duration("drift"));
      if (by != UINT32_MAX) end = std::min(end, call(by).invoked_at);
      if (end > call(at).completed_at) {
        leases.push_back({call(at).completed_at, end, owner(at), at});
      }
    }
    findings.figure("leases", leases.size());
    if (leases.empty()) return findings.vacuous("No lease surely lasted for any time.");
    std::sort(leases.begin(), leases.end(), [](const Hold& a, const Hold& b) {
      return std::tuple(a.begin, a.call) < std::tuple(b.begin, b.call);
    });
    judge_overlaps(leases, findings);
  }

  // Of the leases so far it is enough to know the one that lasts longest, and the one that does so
  // of all other owners.
  void judge_overlaps(const std::vector<Hold>& leases, Findings& findings) {
    const Hold* longest = nullptr;
    const Hold* other = nullptr;
    for (const Hold& lease : leases) {
      const Hold* rival = longest != nullptr && longest->owner == lease.owner ? other : longest;
      if (rival != nullptr && rival->end > lease.begin) {
        findings.add("overlapping-leases", [&] { return overlap(*rival, lease); });
      }
      if (longest == nullptr || lease.end > longest->end) {
        if (longest != nullptr && longest->owner != lease.owner) other = longest;
        longest = &lease;
      } else if (lease.owner != longest->owner && (other == nullptr || lease.end > other->end)) {
        other = &lease;
      }
    }
  }

  Story overlap(const Hold& first, const Hold& second) const {
    Map detail;
    std::int64_t both = std::min(first.end, second.end) - second.begin;
    detail["overlap_ns"] = both;
    return {"Two owners held the lease at once for at least " + format_duration(Duration(both)) +
                ": " + grant_text(second.call) + " was answered while the lease of " +
                grant_text(first.call) + " surely lasted.",
            ops_of({first.call, second.call}), std::move(detail)};
  }

  std::string passed(const Findings& findings) const override {
    return "Of " + counted(findings.figure("leases"), "lease") +
           " no two of different owners surely overlapped.";
  }
};

}  // namespace

void add_lease(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{{.name = "drift",
                                   .kind = OptionSpec::Kind::duration,
                                   .fallback = "0s",
                                   .help = "by how much a lease may end too early for its owner"}};
  registry.add(entry_of("lease", "lease", "Leases of different owners do not overlap in time.",
                        "A lock that is held for a time only, and can be renewed.",
                        std::move(options), [] { return std::make_unique<Lease>(); }));
}

}  // namespace sunder
