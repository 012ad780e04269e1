// Histories that Jepsen's own checkers are known to judge wrongly, or cannot judge at all.

#include <gtest/gtest.h>

#include "tests/checker/support/domain_histories.h"
#include "tests/checker/support/histories.h"

namespace sunder {
namespace {

using testing_support::anomaly_names;
using testing_support::judge;
using testing_support::ScriptedHistory;
using Names = std::set<std::string>;

// set-full compares frequencies with (< v 1), so that what it calls duplicated is always empty.
TEST(JepsenDefects, set_full_misses_elements_that_a_read_holds_twice) {
  ScriptedHistory bad;
  bad.call(0, "add", 1, 1).call(0, "add", 2, 2).call(1, "read", {}, List{1, 2, 1});
  Verdict verdict = judge({"set-full g-set"}, bad.take());
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(anomaly_names(verdict), Names{"duplicate"});
  ScriptedHistory good;
  good.call(0, "add", 1, 1).call(0, "add", 2, 2).call(1, "read", {}, List{1, 2});
  EXPECT_EQ(judge({"set-full g-set"}, good.take()).validity, Validity::valid);
}

// jepsen issue 303: an increment that failed still raised the upper bound.
TEST(JepsenDefects, counter_303_counts_adds_that_failed) {
  auto history = [](int seen) {
    ScriptedHistory script;
    script.invoke(1, "read", nullptr).invoke(2, "add", 1).fail(2, "add", 1, "refused");
    return script.ok(1, "read", seen).take();
  };
  Verdict verdict = judge({"counter counter"}, history(1));
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(anomaly_names(verdict), Names{"above-bounds"});
  EXPECT_EQ(judge({"counter counter"}, history(0)).validity, Validity::valid);
}

// The same issue: each read is within its bounds, but they contradict each other.
TEST(JepsenDefects, counter_303_judges_each_read_by_itself) {
  auto history = [](int first, int second) {
    ScriptedHistory script;
    script.invoke(0, "add", 1).invoke(1, "add", 2).call(2, "read", {}, first);
    return script.call(2, "read", {}, second).ok(0, "add", 1).ok(1, "add", 2).take();
  };
  EXPECT_EQ(judge({"counter counter"}, history(1, 2)).validity, Validity::invalid);
  EXPECT_EQ(judge({"counter counter"}, history(2, 1)).validity, Validity::invalid);
  EXPECT_EQ(judge({"counter counter"}, history(2, 3)).validity, Validity::valid);
}

// jepsen pull request 304: bounds with decrements; and what no bounds refute.
TEST(JepsenDefects, counter_304_decrements) {
  auto history = [](int seen) {
    ScriptedHistory script;
    script.call(0, "add", 5, nullptr).call(0, "add", -3, nullptr).call(1, "read", {}, seen);
    return script.take();
  };
  EXPECT_EQ(judge({"counter counter"}, history(2)).validity, Validity::valid);
  EXPECT_EQ(anomaly_names(judge({"counter counter"}, history(5))), Names{"above-bounds"});
  EXPECT_EQ(anomaly_names(judge({"counter counter"}, history(-1))), Names{"below-bounds"});
  ScriptedHistory gap;  // 0, 5, -3 and 2 are possible; 1 is not, though it is between them
  gap.invoke(0, "add", 5).invoke(1, "add", -3).call(2, "read", {}, 1);
  EXPECT_EQ(judge({"counter counter"}, gap.take()).validity, Validity::invalid);
}

// The read of process 0 in the example of that pull request may have seen any of the adds.
TEST(JepsenDefects, counter_304_interleaved_reads_and_writes) {
  auto history = [](int odd) {
    ScriptedHistory script;
    script.invoke(0, "read", nullptr).invoke(1, "add", 1).invoke(2, "read", nullptr);
    script.invoke(3, "add", 2).invoke(4, "read", nullptr).invoke(5, "add", 4);
    script.invoke(6, "read", nullptr).invoke(7, "add", 8).invoke(8, "read", nullptr);
    script.ok(0, "read", 6).ok(1, "add", 1).ok(2, "read", 0).ok(3, "add", 2).ok(4, "read", odd);
    return script.ok(5, "add", 4).ok(6, "read", 15).ok(7, "add", 8).ok(8, "read", 15).take();
  };
  EXPECT_EQ(judge({"counter counter"}, history(6)).validity, Validity::valid);
  EXPECT_EQ(anomaly_names(judge({"counter counter"}, history(100))), Names{"above-bounds"});
  // 3 is 1 and 2, 6 is 2 and 4: neither can come before the other. Jepsen accepts both.
  EXPECT_EQ(judge({"counter counter"}, history(3)).validity, Validity::invalid);
}

// stats says false when some verb never succeeded, where its documentation says unknown.
TEST(JepsenDefects, stats_calls_a_verb_that_never_succeeds_invalid) {
  ScriptedHistory script;
  script.write(0, 1).invoke(1, "cas", Value::pair(5, 6)).fail(1, "cas", Value::pair(5, 6), "no");
  EXPECT_NE(judge({"stats"}, script.take()).validity, Validity::invalid);
}

// total-queue throws when a drain crashes.
TEST(JepsenDefects, total_queue_cannot_judge_a_crashed_drain) {
  auto history = [](bool again, Value left) {
    ScriptedHistory script;
    script.call(0, "enqueue", 1, 1).call(0, "enqueue", 2, 2);
    script.invoke(1, "drain", nullptr).info(1, "drain", List{1});
    if (again) script.call(2, "drain", {}, std::move(left));
    return script.take();
  };
  EXPECT_EQ(judge({"total-queue unordered-queue"}, history(true, List{2})).validity,
            Validity::valid);
  Verdict verdict = judge({"total-queue unordered-queue"}, history(true, List{}));
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("a crashed drain"), std::string::npos) << verdict.summary;
  EXPECT_EQ(judge({"total-queue unordered-queue"}, history(false, {})).validity, Validity::unknown);
}

// total-queue reports duplicates and passes them.
TEST(JepsenDefects, total_queue_passes_duplicates) {
  ScriptedHistory script;
  script.call(0, "enqueue", 1, 1).call(1, "dequeue", {}, 1).call(1, "dequeue", {}, 1);
  History history = script.take();
  Verdict verdict = judge({"total-queue unordered-queue"}, history);
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(anomaly_names(verdict), Names{"duplicate"});
  Verdict allowed = judge({"total-queue unordered-queue", {{"duplicates", "allowed"}}}, history);
  EXPECT_EQ(allowed.validity, Validity::valid);
  EXPECT_EQ(allowed.detail.find("allowed")->find("duplicate")->integer(), 1);
}

// total-queue calls lost what a crashed dequeue may have taken.
TEST(JepsenDefects, total_queue_calls_lost_what_a_crashed_dequeue_may_have_taken) {
  auto history = [](int elements) {
    ScriptedHistory script;
    for (int i = 0; i < elements; ++i) script.call(0, "enqueue", i, i);
    script.invoke(1, "dequeue", nullptr).info(1, "dequeue", nullptr);
    return script.call(2, "drain", {}, List{}).take();
  };
  EXPECT_EQ(judge({"total-queue unordered-queue"}, history(1)).validity, Validity::unknown);
  Verdict verdict = judge({"total-queue unordered-queue"}, history(3));
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(verdict.detail.find("anomalies")->find("lost")->integer(), 2);  // one is explained
}

// A set that is never read after the adds is no evidence, whatever was read before.
TEST(JepsenDefects, set_judges_a_read_that_began_before_the_last_add) {
  ScriptedHistory script;
  script.invoke(0, "read", nullptr).call(1, "add", 1, 1).ok(0, "read", List{});
  EXPECT_EQ(judge({"set g-set"}, script.take()).validity, Validity::unknown);
}

}  // namespace
}  // namespace sunder
