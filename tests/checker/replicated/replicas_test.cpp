// Little replicas that gossip at random are never refuted, and their flaws always are.

#include <gtest/gtest.h>

#include "tests/checker/support/histories.h"
#include "tests/checker/support/little_replicas.h"

namespace sunder {
namespace {

using namespace testing_support;

std::string model_of(LittleKind kind) {
  return kind == LittleKind::list ? "strong-list" : "eventual";
}

Verdict judged(LittleKind kind, const std::vector<Op>& ops,
               const std::map<std::string, std::string>& options = {}) {
  return verdict_of(model_of(kind) + " " + datatype_of(kind), built(ops), options, {});
}

std::string first_anomaly(const Verdict& verdict) {
  return verdict.anomalies.empty() ? "" : verdict.anomalies.front().name;
}

TEST(LittleReplicas, ThatDeliverCausallyAreValid) {
  for (LittleKind kind : little_kinds) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      LittleLoad load{.kind = kind, .operations = 20 + 10 * seed};
      if (seed % 2 == 1) load.domain = kind == LittleKind::mv_register ? 0 : 3;
      Verdict verdict =
          judged(kind, little_history(seed, load), {{"causal", "true"}, {"finale", "true"}});
      ASSERT_EQ(verdict.validity, Validity::valid)
          << datatype_of(kind) << " seed " << seed << ": " << verdict.summary;
    }
  }
}

TEST(LittleReplicas, ThatDeliverInAnyOrderAreValidAndSometimesNotCausal) {
  for (LittleKind kind : little_kinds) {
    if (kind == LittleKind::list) continue;  // it cannot do without causal delivery
    int not_causal = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      LittleLoad load{.kind = kind, .operations = 150, .causal = false, .skew = 20};
      std::vector<Op> ops = little_history(seed, load);
      Verdict verdict = judged(kind, ops);
      ASSERT_EQ(verdict.validity, Validity::valid)
          << datatype_of(kind) << " seed " << seed << ": " << verdict.summary;
      not_causal += first_anomaly(judged(kind, ops, {{"causal", "true"}})) == "causality" ? 1 : 0;
    }
    EXPECT_GT(not_causal, 30) << datatype_of(kind);
  }
}

TEST(LittleReplicas, AreValidWithoutRepliesThatWereNeverSeen) {
  for (LittleKind kind : little_kinds) {
    LittleLoad load{.kind = kind, .operations = 300, .logs = false, .info_per_mille = 0};
    Verdict verdict = judged(kind, little_history(7, load));
    EXPECT_EQ(verdict.validity, Validity::valid) << datatype_of(kind) << ": " << verdict.summary;
  }
}

// Without a log, a lost update that somebody saw has to be guessed.
TEST(LittleReplicas, AreNeverRefutedWhenLostUpdatesHaveNoLog) {
  for (LittleKind kind : little_kinds) {
    int valid = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      LittleLoad load{.kind = kind, .operations = 60, .logs = false, .info_per_mille = 60};
      Verdict verdict = judged(kind, little_history(seed, load));
      ASSERT_NE(verdict.validity, Validity::invalid)
          << datatype_of(kind) << " seed " << seed << ": " << verdict.summary;
      valid += verdict.validity == Validity::valid ? 1 : 0;
    }
    // Of a lost write's stamp only the extremes are guessed.
    EXPECT_GT(valid, kind == LittleKind::lww_register ? 8 : 20) << datatype_of(kind);
  }
}

TEST(LittleReplicas, WithAFlawAreRefuted) {
  for (LittleKind kind : little_kinds) {
    for (LittleFlaw flaw : {LittleFlaw::always_nil, LittleFlaw::converges_nil,
                            LittleFlaw::drops_second, LittleFlaw::forgets_witness}) {
      for (std::uint64_t seed = 0; seed < 10; ++seed) {
        LittleLoad load{.kind = kind, .flaw = flaw, .operations = 150};
        Verdict verdict = judged(kind, little_history(seed, load));
        ASSERT_EQ(verdict.validity, Validity::invalid)
            << datatype_of(kind) << " flaw " << static_cast<int>(flaw) << ": " << verdict.summary;
        ASSERT_FALSE(verdict.anomalies.front().ops.empty());
      }
    }
  }
}

// A client that adds what it had read before brings back what was removed; of sets and counters
// that only grow there is nothing to bring back.
TEST(LittleReplicas, WhoseClientsMergeBringBackWhatIsGone) {
  const std::map<LittleKind, std::string> expected{{LittleKind::mv_register, "overwritten-value"},
                                                   {LittleKind::pn_counter, "wrong-sum"},
                                                   {LittleKind::or_set, "resurrected-element"},
                                                   {LittleKind::list, "resurrected-element"}};
  for (const auto& [kind, name] : expected) {
    LittleLoad load{.kind = kind, .flaw = LittleFlaw::client_merges, .operations = 200};
    if (kind == LittleKind::mv_register) load.domain = 0;
    Verdict verdict = judged(kind, little_history(3, load));
    ASSERT_EQ(verdict.validity, Validity::invalid) << datatype_of(kind);
    bool found = false;
    for (const Anomaly& anomaly : verdict.anomalies) found |= anomaly.name == name;
    EXPECT_TRUE(found) << datatype_of(kind) << ": " << verdict.summary;
  }
}

TEST(LittleReplicas, ThatLoseByClockSkewAreValidUnlessArbitrationMustBeCausal) {
  int against = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    LittleLoad load{.kind = LittleKind::lww_register, .operations = 150, .domain = 0, .skew = 60};
    std::vector<Op> ops = little_history(seed, load);
    ASSERT_EQ(judged(load.kind, ops).validity, Validity::valid);
    Verdict verdict = judged(load.kind, ops, {{"arbitration", "causal"}});
    against += first_anomaly(verdict) == "arbitration-against-visibility" ? 1 : 0;
  }
  EXPECT_GT(against, 10);
}

}  // namespace
}  // namespace sunder
