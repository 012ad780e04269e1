// Keys that show nothing, and dequeues whose answers were lost.

#include <gtest/gtest.h>

#include "tests/checker/support/histories.h"

namespace sunder {
namespace {

using testing_support::ScriptedHistory;
using testing_support::verdict_of;

Value keyed(int key, Value value) { return Value::pair(key, std::move(value)); }

// A load leaves its last keys hardly used. They must not take away what the others have shown.
TEST(VacuousKeys, matter_only_when_every_key_is_one) {
  auto judged = [](bool read) {
    ScriptedHistory script;
    script.call(0, "add", keyed(1, 1), keyed(1, 1)).call(0, "add", keyed(2, 1), keyed(2, 1));
    if (read) script.call(0, "read", keyed(1, nullptr), keyed(1, 1));
    return verdict_of("counter counter", script.take(), {}, {.keyed = true});
  };
  EXPECT_EQ(judged(true).validity, Validity::valid);
  EXPECT_EQ(*judged(true).detail.find("vacuous_keys"), Value(1));
  EXPECT_EQ(judged(false).validity, Validity::unknown);
  EXPECT_EQ(judged(false).summary,
            "On key 1: The counter was never read. So it is with every key.");
}

TEST(VacuousKeys, do_not_hide_an_anomaly) {
  ScriptedHistory script;
  script.call(0, "add", keyed(1, 1), keyed(1, 1)).call(0, "read", keyed(2, nullptr), keyed(2, 9));
  Verdict verdict = verdict_of("counter counter", script.take(), {}, {.keyed = true});
  EXPECT_EQ(verdict.validity, Validity::invalid);
}

TEST(TotalQueue, crashed_dequeues_may_explain_what_is_missing) {
  auto judged = [](const char* crashed_takes, int crashed) {
    ScriptedHistory script;
    script.call(0, "enqueue", 1, 1).call(0, "enqueue", 2, 2);
    for (int i = 0; i < crashed; ++i)
      script.invoke(i + 1, "dequeue", {}).info(i + 1, "dequeue", {});
    script.call(0, "dequeue", {}, 2).call(0, "dequeue", {}, {});
    return verdict_of("total-queue unordered-queue", script.take(),
                      {{"crashed-takes", crashed_takes}}, {});
  };
  EXPECT_EQ(judged("unknown", 1).validity, Validity::unknown);
  EXPECT_EQ(judged("explain", 1).validity, Validity::valid);
  EXPECT_NE(judged("explain", 1).summary.find("crashed dequeues may have taken 1"),
            std::string::npos);
  EXPECT_EQ(judged("explain", 0).validity, Validity::invalid) << "nobody can have taken it";
}

}  // namespace
}  // namespace sunder
