#include "nodes/txn/claims.h"

namespace sunder::txn {
namespace {

constexpr Claim all[] = {{Level::read_uncommitted, false}, {Level::read_committed, false},
                         {Level::snapshot, false},         {Level::snapshot, true},
                         {Level::serializable, false},     {Level::serializable, true}};

}  // namespace

std::string name_of(const Claim& claim) {
  switch (claim.level) {
    case Level::read_uncommitted: return "read-uncommitted";
    case Level::read_committed: return "read-committed";
    case Level::snapshot: return claim.strong ? "strong-snapshot-isolation" : "snapshot-isolation";
    case Level::serializable: return claim.strong ? "strict-serializable" : "serializable";
  }
  return "";
}

OptionSpec held_to_option() {
  OptionSpec option{.name = "held-to",
                    .kind = OptionSpec::Kind::choice,
                    .fallback = "its-own",
                    .help = "the claim that invariants check, if not the system's own",
                    .choices = {"its-own"}};
  for (const Claim& claim : all) option.choices.push_back(name_of(claim));
  return option;
}

Claim held_to(const Options& options, const Claim& own) {
  for (const Claim& claim : all) {
    if (name_of(claim) == options.text("held-to")) return claim;
  }
  return own;
}

}  // namespace sunder::txn
