// Errors, availability and recovery: what a history shows of a service from outside.

#include <gtest/gtest.h>

#include "harness/api/nemesis.h"
#include "tests/checker/support/histories.h"

namespace sunder {
namespace {

using testing_support::ScriptedHistory;
using testing_support::verdict_of;

const Value* at(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* found = &value;
  for (std::string_view key : path) {
    if (found != nullptr) found = found->find(key);
  }
  return found;
}
std::int64_t number(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* found = at(value, path);
  return found != nullptr && found->is_integer() ? found->integer() : -1;
}

/// A cluster of three nodes that is ready, and what happens to it. An op or act takes a
/// millisecond.
class Story {
 public:
  Story() {
    Map nodes;
    for (const char* name : {"n1", "n2", "n3"}) nodes[name] = Map{};
    script_.call(-2, "await-ready", {}, std::move(nodes));
  }
  Story& fault(bool on, const char* kind, std::vector<std::string> targets, Value evidence = {}) {
    script_.invoke(-1, kind, {});
    script_.ok(-1, kind,
               to_value(FaultReport{kind, std::move(targets), on, true, std::move(evidence)}));
    return *this;
  }
  Story& ok(int process) {
    script_.read(process, 1);
    return *this;
  }
  Story& info(int process) {
    script_.invoke(process, "read", {}).info(process, "read", {});
    return *this;
  }
  Story& healed() {
    script_.call(-2, "verify-healed", {}, Map{});
    return *this;
  }
  ScriptedHistory& script() { return script_; }
  Verdict verdict(const char* checker, std::map<std::string, std::string> options = {}) {
    return verdict_of(checker, script_.take(), options, {});
  }

 private:
  ScriptedHistory script_;
};

Value groups(std::vector<std::vector<std::string>> all) {
  List list;
  for (const std::vector<std::string>& group : all) {
    list.emplace_back(List(group.begin(), group.end()));
  }
  Map evidence;
  evidence["groups"] = std::move(list);
  return evidence;
}

TEST(Errors, are_grouped_by_their_text_without_its_numbers) {
  ScriptedHistory script;
  script.invoke(0, "write", 1).fail(0, "write", 1, "port 4321 refused");
  script.invoke(0, "write", 1).fail(0, "write", 1, "port 99 refused");
  script.invoke(0, "write", 1).info(0, "write", 1);
  script.invoke(1, "read", {}).fail(1, "read", {}, "port 1 refused");
  Verdict verdict = verdict_of("errors", script.take(), {}, {});
  EXPECT_EQ(verdict.validity, Validity::valid);
  EXPECT_EQ(number(verdict.detail, {"operations"}), 4);
  EXPECT_EQ(number(verdict.detail, {"kinds"}), 3);
  const List& errors = verdict.detail.find("errors")->list();
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(number(errors[0], {"count"}), 2);
  EXPECT_EQ(number(errors[0], {"example"}), 1);
  EXPECT_EQ(*errors[0].find("error"), Value("port 4321 refused"));
}

TEST(Errors, of_a_history_without_any_there_are_none) {
  ScriptedHistory script;
  script.read(0, 1);
  EXPECT_EQ(verdict_of("errors", script.take(), {}, {}).summary,
            "No operation ended with an error.");
}

TEST(Availability, is_told_by_side_of_a_partition) {
  Story story;
  story.ok(0).fault(true, "partition", {"n1>n2"}, groups({{"n1"}, {"n2", "n3"}}));
  story.info(0).info(3).ok(1).ok(2).ok(4).info(5);  // homes n1 n1 | n2 n3 n2 n3
  story.fault(false, "partition", {}).ok(0);
  Verdict verdict = story.verdict("availability");
  EXPECT_EQ(verdict.validity, Validity::valid);
  EXPECT_EQ(number(verdict.detail, {"no_fault", "ok_per_mille"}), 1000);
  const Value& fault = verdict.detail.find("faults")->list().at(0);
  EXPECT_EQ(number(fault, {"rate", "invoked"}), 6);
  const List& sides = fault.find("sides")->list();
  ASSERT_EQ(sides.size(), 2u);
  EXPECT_EQ(number(sides[0], {"rate", "ok_per_mille"}), 0);
  EXPECT_EQ(number(sides[1], {"rate", "ok_per_mille"}), 750);
  EXPECT_NE(verdict.summary.find("Worst off were the clients of n1 in a partition"),
            std::string::npos)
      << verdict.summary;
}

// Process 0 waits the partition out; process 3 is answered within it.
TEST(Availability, does_not_count_as_served_what_waited_until_the_fault_was_over) {
  Story story;
  story.fault(true, "partition", {"n1>n2"}, groups({{"n1"}, {"n2", "n3"}}));
  story.ok(3).script().invoke(0, "read", {});
  story.fault(false, "partition", {}).script().ok(0, "read", 1);
  Verdict verdict = story.verdict("availability");
  const Value& side = verdict.detail.find("faults")->list().at(0).find("sides")->list().at(0);
  EXPECT_EQ(number(side, {"rate", "ok"}), 2);
  EXPECT_EQ(number(side, {"during", "invoked"}), 2);
  EXPECT_EQ(number(side, {"during", "ok"}), 1);
  EXPECT_NE(verdict.summary.find("50 %"), std::string::npos) << verdict.summary;
}

TEST(Availability, tells_the_struck_from_the_others) {
  Story story;
  story.fault(true, "kill", {"n2"}).info(1).ok(0).ok(2);
  Verdict verdict = story.verdict("availability");
  const List& sides = verdict.detail.find("faults")->list().at(0).find("sides")->list();
  ASSERT_EQ(sides.size(), 2u);
  EXPECT_EQ(*sides[0].find("nodes"), Value(List{"n2"}));
  EXPECT_EQ(number(sides[0], {"rate", "ok"}), 0);
  EXPECT_EQ(number(sides[1], {"rate", "ok"}), 2);
}

TEST(Availability, has_no_sides_where_nobody_says_who_the_nodes_are) {
  ScriptedHistory script;
  script.invoke(-1, "kill", {});
  script.ok(-1, "kill", to_value(FaultReport{"kill", {"n2"}, true, true, {}})).read(1, 1);
  Verdict verdict = verdict_of("availability", script.take(), {}, {});
  EXPECT_TRUE(verdict.detail.find("faults")->list().at(0).find("sides")->list().empty());
}

TEST(Recovery, counts_from_the_first_try_after_a_fault_to_an_ok) {
  Story story;
  story.ok(0).script().invoke(5, "read", {});
  story.fault(true, "kill", {"n2"}).info(0).fault(false, "kill", {"n2"});
  story.script().ok(5, "read", 1);  // began before: proves nothing
  story.info(1).ok(2);
  Verdict verdict = story.verdict("recovery");
  EXPECT_EQ(number(verdict.detail, {"kinds", "kill", "ended"}), 1);
  // The ok of process 5 passes first; then there are an info and the ok of process 2.
  EXPECT_EQ(number(verdict.detail, {"kinds", "kill", "first_ok", "max"}), 3'000'000);
}

TEST(Recovery, a_next_fault_ends_the_measurement) {
  Story story;
  story.ok(0).fault(true, "kill", {"n2"}).fault(false, "kill", {"n2"}).info(0);
  story.fault(true, "kill", {"n2"}).ok(1).fault(false, "kill", {"n2"}).ok(1);
  Verdict verdict = story.verdict("recovery");
  EXPECT_EQ(number(verdict.detail, {"kinds", "kill", "ended"}), 2);
  EXPECT_EQ(number(verdict.detail, {"kinds", "kill", "first_ok", "count"}), 1);
}

TEST(Recovery, after_healing_an_operation_must_be_ok_within_the_bound) {
  auto judged = [](bool answered, const char* bound) {
    Story story;
    story.ok(0).healed().info(1).info(2);
    if (answered) story.ok(3);
    return story.verdict("recovery", {{"bound", bound}});
  };
  EXPECT_EQ(judged(true, "10s").validity, Validity::valid);
  EXPECT_EQ(number(judged(true, "10s").detail, {"first_ok_after_healing"}), 5'000'000);
  EXPECT_EQ(judged(true, "4ms").validity, Validity::unknown);
  EXPECT_EQ(judged(false, "2ms").validity, Validity::unknown);
  EXPECT_EQ(judged(false, "10s").validity, Validity::valid) << "nobody asked for that long";
}

TEST(Recovery, a_core_that_is_left_alone_must_answer_within_the_bound) {
  auto judged = [](bool answered, bool beside_another, const char* bound) {
    Story story;
    story.ok(0);
    if (beside_another) story.fault(true, "pause", {"n1"});
    story.script().invoke(5, "read", {});
    story.fault(true, "core", {"n3"});
    story.script().ok(5, "read", 1);  // began before: proves nothing
    story.info(1);
    if (answered) story.ok(2);
    return story.fault(false, "core", {}).healed().ok(3).verdict("recovery", {{"bound", bound}});
  };
  EXPECT_EQ(judged(true, false, "10s").validity, Validity::valid);
  EXPECT_EQ(judged(true, false, "2ms").validity, Validity::unknown);
  EXPECT_EQ(judged(false, false, "10s").validity, Validity::unknown);
  EXPECT_EQ(judged(true, true, "10s").validity, Validity::unknown) << "it was not alone";
  Verdict verdict = judged(true, false, "10s");
  const List& cores = verdict.detail.find("cores")->list();
  ASSERT_EQ(cores.size(), 1u);
  EXPECT_EQ(number(cores[0], {"first_ok"}), 3'000'000);
  EXPECT_EQ(cores[0].find("without")->text(), "n3");
}

TEST(Service, any_history_is_survived) {
  for (const char* checker : {"errors", "availability", "recovery"}) {
    EXPECT_NE(verdict_of(checker, History{}, {}, {}).validity, Validity::invalid);
    ScriptedHistory script;
    script.ok(0, "read", 1).ok(-1, "await-ready", 3).ok(-1, "verify-healed", "x");
    script.ok(-1, "p", to_value(FaultReport{"p", {}, true, true, groups({{}, {"x"}})}));
    script.ok(-2, "p", to_value(FaultReport{"p", {}, false, true, Map{}}));
    script.invoke(0, "read", {}).invoke(0, "read", {});
    EXPECT_NE(verdict_of(checker, script.take(), {}, {}).validity, Validity::invalid) << checker;
  }
}

}  // namespace
}  // namespace sunder
