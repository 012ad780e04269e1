// The search engine against the definition, and its proofs against their verifier.

#include <gtest/gtest.h>

#include "checker/linearizable/certificate.h"
#include "checker/linearizable/decide.h"
#include "checker/linearizable/verbs.h"
#include "checker/linearizable/verify/verify.h"
#include "harness/core/rng.h"
#include "tests/checker/support/cas_history.h"
#include "tests/checker/support/exhaustive.h"

namespace sunder {
namespace {

using namespace linearizable;
using testing_support::cas_history;
using testing_support::CasHistory;

/// A datatype that knows the values which cas_history() uses by number.
std::unique_ptr<Datatype> cas_register() {
  for (const DatatypeEntry& entry : datatypes()) {
    if (entry.name != "cas-register") continue;
    std::unique_ptr<Datatype> datatype = entry.make(*Options::parse(entry.options, {}));
    for (std::int64_t id = 1; id < 1100; ++id) datatype->values().intern(Value(id));
    return datatype;
  }
  return nullptr;
}

/// A history of a correct register with some answers changed, so that about half stay linearizable.
Operations spoilt(std::uint64_t seed) {
  Rng rng(seed, Stream::of("engine-test"));
  CasHistory wanted{.seed = seed,
                    .operations = static_cast<std::uint32_t>(2 + rng.below(9)),
                    .processes = static_cast<std::uint32_t>(1 + rng.below(4)),
                    .values = static_cast<std::int32_t>(2 + rng.below(2)),
                    .crash_per_mille = static_cast<std::uint32_t>(100 * rng.below(4))};
  Operations operations = cas_history(wanted);
  if (operations.empty() || rng.below(4) == 0) return operations;
  Call& call = operations[rng.below(operations.size())].call;
  auto value = static_cast<std::int32_t>(1 + rng.below(2));
  if (call.verb == register_verb::read) {
    call.output = value;
  } else if (call.verb == register_verb::cas && rng.below(3) == 0) {
    call.verb = register_verb::failed_cas;
  } else {
    call.input = value;
  }
  return operations;
}

Judgement judged(const Datatype& datatype, const Operations& operations) {
  return decide(datatype, operations, Budget{}, {.use_monitors = false});
}

TEST(Engine, agrees_with_the_definition_and_every_proof_holds) {
  std::unique_ptr<Datatype> datatype = cas_register();
  std::size_t bad = 0;
  constexpr std::size_t total = 200'000;
  for (std::uint64_t seed = 0; seed < total; ++seed) {
    Operations operations = spoilt(seed);
    std::unique_ptr<Model> model = datatype->model();
    bool expected = testing_support::linearizable_by_trying(*model, operations);
    Judgement judgement = judged(*datatype, operations);
    ASSERT_TRUE(judgement.decided()) << "seed " << seed;
    ASSERT_EQ(judgement.outcome == Decision::Outcome::linearizable, expected) << "seed " << seed;
    Proven proven = verify(prove(operations, judgement), operations, *datatype, *model);
    ASSERT_EQ(proven.flaw, "") << "seed " << seed;
    bad += expected ? 0 : 1;
  }
  EXPECT_GT(bad, total / 10);
  EXPECT_LT(bad, total * 9 / 10);
}

// Whatever is changed in a proof, it must not prove what is false.
TEST(Engine, a_proof_of_the_contrary_never_passes) {
  std::unique_ptr<Datatype> datatype = cas_register();
  std::size_t refused = 0;
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    Operations operations = spoilt(seed);
    std::unique_ptr<Model> model = datatype->model();
    Value proof = prove(operations, judged(*datatype, operations));
    // The history is another one than the proof was made for.
    Operations other = spoilt(seed + 1'000'000 + seed % 7);
    Rng rng(seed, Stream::of("mutation"));
    if (!operations.empty() && seed % 2 == 0) {
      other = operations;
      Operation& changed = other[rng.below(other.size())];
      changed.call.output = changed.call.output % 2 + 1;
      if (rng.below(2) == 0 && !changed.crashed()) changed.returned = open_end;
    }
    bool expected = testing_support::linearizable_by_trying(*model, other);
    Proven proven = verify(proof, other, *datatype, *model);
    if (proven.what == Proven::What::nothing) {
      ++refused;
      continue;
    }
    ASSERT_EQ(proven.what == Proven::What::linearizable, expected) << "seed " << seed;
  }
  EXPECT_GT(refused, 5'000u);
}

TEST(Engine, large_histories_are_decided_and_proved) {
  std::unique_ptr<Datatype> datatype = cas_register();
  for (std::uint32_t crash : {0u, 1u, 10u, 50u}) {
    for (CasHistory::Plant plant : {CasHistory::Plant::nothing, CasHistory::Plant::outside_domain,
                                    CasHistory::Plant::inside_domain}) {
      CasHistory wanted{.operations = 20'000, .crash_per_mille = crash, .plant = plant};
      wanted.crash_after_plant = plant == CasHistory::Plant::inside_domain;
      Operations operations = cas_history(wanted);
      Judgement judgement = judged(*datatype, operations);
      bool valid = plant == CasHistory::Plant::nothing;
      ASSERT_EQ(judgement.outcome,
                valid ? Decision::Outcome::linearizable : Decision::Outcome::not_linearizable)
          << "crash " << crash << ", plant " << static_cast<int>(plant);
      std::unique_ptr<Model> model = datatype->model();
      EXPECT_EQ(verify(prove(operations, judgement), operations, *datatype, *model).flaw, "");
    }
  }
}

}  // namespace
}  // namespace sunder
