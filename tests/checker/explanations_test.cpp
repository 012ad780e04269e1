// What people are told of a forbidden pattern.

#include <gtest/gtest.h>

#include "catalogue/checker.h"
#include "harness/formats/formats.h"

namespace sunder {
namespace {

Verdict verdict_of(const std::string& datatype, std::string_view edn) {
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  const CheckerEntry* entry = registry.find("linearizable " + datatype);
  Result<LoadedHistory> loaded = parse_history(edn, "test", Format::edn);
  CheckContext context{.options = *Options::parse(entry->options, {})};
  return check(*entry->make(), context, loaded->history);
}

TEST(Explanations, of_a_container_tell_the_pattern_and_show_the_search) {
  Verdict verdict = verdict_of("fifo-queue", R"([
    {:process 0, :type :invoke, :f :enqueue, :value 1}
    {:process 0, :type :ok, :f :enqueue, :value 1}
    {:process 0, :type :invoke, :f :enqueue, :value 2}
    {:process 0, :type :ok, :f :enqueue, :value 2}
    {:process 1, :type :invoke, :f :dequeue, :value nil}
    {:process 1, :type :ok, :f :dequeue, :value 2}])");
  ASSERT_EQ(verdict.validity, Validity::invalid);
  ASSERT_EQ(verdict.anomalies.size(), 1u);
  const Anomaly& anomaly = verdict.anomalies[0];
  EXPECT_EQ(anomaly.explanation,
            "Of two values the later one was taken first. Process 0's enqueue 2 was called at op 2 "
            "and answered at op 3. Process 1's dequeue 2 was called at op 4 and answered at op 5. "
            "Process 0's enqueue 1 was called at op 0 and answered at op 1.");
  EXPECT_EQ(anomaly.ops, (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(*anomaly.detail.find("pattern"), Value("fifo-inversion"));
  EXPECT_EQ(to_json(*anomaly.detail.find("stuck_op")), "4");
}

TEST(Explanations, of_a_queue_name_values_that_nobody_can_have_taken) {
  const std::string put_in = R"(
    {:process 0, :type :invoke, :f :enqueue, :value 1}
    {:process 0, :type :ok, :f :enqueue, :value 1}
    {:process 0, :type :invoke, :f :enqueue, :value 2}
    {:process 0, :type :ok, :f :enqueue, :value 2})";
  const std::string taken_perhaps = R"(
    {:process 2, :type :invoke, :f :dequeue, :value nil}
    {:process 2, :type :info, :f :dequeue, :value nil})";
  const std::string found_empty = R"(
    {:process 1, :type :invoke, :f :dequeue, :value nil}
    {:process 1, :type :ok, :f :dequeue, :value nil})";
  Verdict verdict = verdict_of("fifo-queue", "[" + put_in + taken_perhaps + found_empty + "]");
  ASSERT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(*verdict.anomalies[0].detail.find("pattern"), Value("lost-values"));
  EXPECT_NE(verdict.anomalies[0].explanation.find("enqueue 2"), std::string::npos);
  // A second one may have taken the other, but not once the queue had been found empty.
  verdict = verdict_of("fifo-queue",
                       "[" + put_in + taken_perhaps + taken_perhaps + found_empty + "]");
  EXPECT_EQ(verdict.validity, Validity::valid) << verdict.summary;
  verdict = verdict_of("fifo-queue",
                       "[" + put_in + taken_perhaps + found_empty + taken_perhaps + "]");
  EXPECT_EQ(verdict.validity, Validity::invalid) << verdict.summary;
}

TEST(Explanations, of_a_register_tell_the_window_and_name_the_pattern) {
  Verdict verdict = verdict_of("register", R"([
    {:process 0, :type :invoke, :f :write, :value 1}
    {:process 0, :type :ok, :f :write, :value 1}
    {:process 1, :type :invoke, :f :read, :value nil}
    {:process 1, :type :ok, :f :read, :value 7}])");
  ASSERT_EQ(verdict.anomalies.size(), 1u);
  EXPECT_EQ(*verdict.anomalies[0].detail.find("pattern"), Value("value-from-nowhere"));
  EXPECT_NE(verdict.summary.find("Process 1's read 7"), std::string::npos) << verdict.summary;
}

}  // namespace
}  // namespace sunder
