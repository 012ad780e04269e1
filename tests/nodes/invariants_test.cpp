// Hand-made traces: good ones pass, each bad one breaks the invariant that it should.

#include <gtest/gtest.h>

#include "nodes/raft/invariants.h"

namespace sunder {
namespace {

Event append(std::int64_t index, std::int64_t term, std::int64_t hash) {
  return {.kind = "append", .numbers = {{{"index", index}, {"term", term}, {"hash", hash}}}};
}
Event leader(std::int64_t term, std::int64_t last) {
  return {.kind = "leader", .numbers = {{{"term", term}, {"last", last}, {"hash", 0}}}};
}
Event commit(std::int64_t index, std::int64_t term, bool leads) {
  return {.kind = "commit",
          .numbers = {{{"index", index}, {"term", term}, {"leader", leads ? 1 : 0}}}};
}
Event apply(std::int64_t index, std::int64_t term, std::int64_t hash, std::int64_t state) {
  return {.kind = "apply",
          .numbers = {{{"index", index}, {"term", term}, {"hash", hash}, {"state", state}}}};
}
Event truncate(std::int64_t from) { return {.kind = "truncate", .numbers = {{{"from", from}}}}; }
Event boot(std::int64_t term, std::int64_t vote) {
  return {.kind = "boot",
          .numbers = {{{"term", term}, {"vote", vote}, {"index", 0}, {"hash", 0}, {"state", 0}}}};
}
Event recovered(std::int64_t first, std::int64_t last, std::int64_t term, std::int64_t hash) {
  return {.kind = "recovered",
          .numbers = {{{"first", first}, {"last", last}, {"term", term}, {"hash", hash}}}};
}
Event counted(std::int64_t term, std::int64_t from) {
  return {.kind = "counted", .numbers = {{{"term", term}, {"from", from}}}};
}
Event vote(std::int64_t term, std::int64_t candidate) {
  return {.kind = "vote", .numbers = {{{"term", term}, {"for", candidate}}}};
}
Event follower() { return {.kind = "follower", .numbers = {{{"term", 1}, {"leader", -1}}}}; }

struct Step {
  int node;  // 1 is n1
  Event event;
};

// The first complaint, or an empty one.
BrokenInvariant first_broken(const std::vector<Step>& steps) {
  raft::RaftInvariants invariants;
  for (const Step& step : steps) {
    if (auto broken = invariants.observe(NodeId::node(step.node - 1), at_start, step.event)) {
      return *broken;
    }
  }
  return {};
}
std::string complaint(const std::vector<Step>& steps) { return first_broken(steps).sentence; }

// The ops that the first complaint cites: "3: its entry ...", one a line.
std::string cited(const std::vector<Step>& steps) {
  std::string text;
  for (const ConcernedOp& op : first_broken(steps).ops) {
    text += std::to_string(op.op) + ": " + op.fate + "\n";
  }
  return text;
}

Event append_for(std::int64_t op, std::int64_t index, std::int64_t term, std::int64_t hash) {
  Event event = append(index, term, hash);
  event.numbers[3] = {"op", op};
  return event;
}
Event ran(Event applied) {
  applied.numbers[4] = {"ran", 1};
  return applied;
}

// n1 leads term 1 and commits two entries, n2 follows; n3 takes over in term 2.
std::vector<Step> good() {
  return {{1, leader(1, 0)},          {1, append(1, 1, 11)},      {2, append(1, 1, 11)},
          {1, append(2, 1, 12)},      {3, append(1, 1, 11)},      {3, append(2, 1, 12)},
          {1, commit(2, 1, true)},    {1, apply(1, 1, 11, 101)},  {1, apply(2, 1, 12, 102)},
          {2, append(2, 1, 12)},      {1, append(3, 1, 13)},      {3, leader(2, 2)},
          {3, append(3, 2, 23)},      {2, append(3, 2, 23)},      {3, commit(3, 2, true)},
          {3, apply(1, 1, 11, 101)},  {3, apply(2, 1, 12, 102)},  {3, apply(3, 2, 23, 203)},
          {1, follower()},            {1, truncate(3)},           {1, append(3, 2, 23)},
          {1, commit(3, 2, false)},   {1, apply(3, 2, 23, 203)},  {2, boot(2, -1)},
          {2, recovered(1, 2, 1, 12)}, {2, recovered(3, 3, 2, 23)}, {2, append(4, 2, 24)}};
}

std::string after_good(std::vector<Step> more) {
  std::vector<Step> steps = good();
  steps.insert(steps.end(), more.begin(), more.end());
  return complaint(steps);
}

void expect(const std::string& complaint, const std::string& invariant) {
  EXPECT_TRUE(complaint.starts_with(invariant)) << "'" << complaint << "'";
}

TEST(RaftInvariants, a_good_trace_passes) { EXPECT_EQ(complaint(good()), ""); }

TEST(RaftInvariants, two_leaders_of_a_term) {
  expect(after_good({{2, leader(2, 4)}}), "election safety");
  EXPECT_EQ(after_good({{2, leader(3, 4)}}), "");
}

TEST(RaftInvariants, one_place_and_two_logs) {
  expect(after_good({{1, append(4, 2, 99)}}), "log matching");
  expect(complaint({{1, append(1, 1, 11)}, {2, append(1, 1, 12)}}), "log matching");
}

TEST(RaftInvariants, a_leader_that_lacks_what_was_committed) {
  expect(after_good({{4, leader(3, 2)}}), "leader completeness");
  // Another entry stands where the committed one should.
  expect(after_good({{4, append(1, 1, 11)},
                     {4, append(2, 1, 12)},
                     {4, append(3, 1, 13)},
                     {4, leader(3, 3)}}),
         "leader completeness");
}

TEST(RaftInvariants, a_commitment_that_arrives_after_the_next_leader) {
  std::vector<Step> begin = {{1, leader(1, 0)}, {1, append(1, 1, 11)}, {2, append(1, 1, 11)}};
  std::vector<Step> fine = begin;
  fine.insert(fine.end(), {{2, leader(2, 1)}, {1, commit(1, 1, true)}});
  EXPECT_EQ(complaint(fine), "");
  std::vector<Step> bad = begin;
  bad.insert(bad.end(), {{3, leader(2, 0)}, {1, commit(1, 1, true)}});
  expect(complaint(bad), "leader completeness");
}

TEST(RaftInvariants, different_entries_or_results_at_one_index) {
  expect(after_good({{2, apply(2, 1, 99, 102)}}), "state-machine safety");
  expect(after_good({{2, apply(2, 1, 12, 999)}}), "state-machine safety");
  EXPECT_EQ(after_good({{2, apply(2, 1, 12, 102)}}), "");
}

TEST(RaftInvariants, truncations_by_a_leader_or_of_committed_entries) {
  expect(after_good({{3, truncate(3)}}), "leader append-only");
  expect(after_good({{1, truncate(2)}}), "state-machine safety");
  EXPECT_EQ(after_good({{2, truncate(4)}}), "");
}

// Figure 8 of the paper.
TEST(RaftInvariants, an_old_entry_committed_by_counting) {
  expect(complaint({{1, append(1, 1, 11)}, {1, leader(2, 1)}, {1, commit(1, 2, true)}}),
         "commitment (5.4.2)");
  EXPECT_EQ(complaint({{1, append(1, 1, 11)},
                       {1, leader(2, 1)},
                       {1, append(2, 2, 22)},
                       {1, commit(2, 2, true)}}),
            "");
}

TEST(RaftInvariants, votes_that_were_counted_and_forgotten) {
  std::vector<Step> elected = {{2, vote(5, 0)}, {1, counted(5, 1)}, {1, leader(5, 0)}};
  auto then = [&](Step step) {
    std::vector<Step> steps = elected;
    steps.push_back(step);
    return complaint(steps);
  };
  expect(then({2, boot(4, -1)}), "durable votes");
  expect(then({2, boot(5, -1)}), "durable votes");
  EXPECT_EQ(then({2, boot(5, 0)}), "");
  EXPECT_EQ(then({2, boot(6, -1)}), "");
  expect(then({2, vote(5, 2)}), "one vote a term");
  expect(then({3, counted(5, 1)}), "one vote a term");
}

// A vote whose answer never left may be lost in a crash.
TEST(RaftInvariants, a_vote_that_nobody_counted_may_be_forgotten) {
  EXPECT_EQ(complaint({{2, vote(5, 0)}, {2, boot(4, -1)}}), "");
}

// n1 leads term 1, appends the ops 30 and 31 and commits the first; n2 follows.
std::vector<Step> with_ops(std::vector<Step> more) {
  std::vector<Step> steps = {{1, leader(1, 0)},       {1, append(1, 1, 11)},
                             {2, append(1, 1, 11)},   {1, append_for(30, 2, 1, 12)},
                             {2, append(2, 1, 12)},   {1, commit(2, 1, true)},
                             {1, apply(2, 1, 12, 5)}, {1, append_for(31, 3, 1, 13)},
                             {2, commit(2, 1, false)}};
  steps.insert(steps.end(), more.begin(), more.end());
  return steps;
}

TEST(RaftInvariants, cite_the_ops_of_lost_and_replaced_entries) {
  EXPECT_EQ(cited(with_ops({})), "");
  EXPECT_EQ(cited(with_ops({{2, truncate(2)}})),
            "30: its entry 2 of term 1 was dropped from the log of n2; n1 had committed it\n");
  EXPECT_EQ(cited(with_ops({{3, leader(2, 1)}})),
            "30: its entry 2 of term 1 is missing in the log of n3; n1 had committed it\n");
  EXPECT_EQ(cited(with_ops({{1, truncate(3)}})),
            "31: its entry 3 of term 1 was dropped from the log of n1; it is not known to be "
            "committed\n");
  EXPECT_EQ(cited(with_ops({{2, append(3, 1, 99)}})),
            "31: its entry 3 of term 1 shares index and term with another entry; it is not known "
            "to be committed\n");
  EXPECT_EQ(cited(with_ops({{2, apply(2, 1, 99, 5)}})),
            "30: its entry 2 of term 1 is what n1 applied there; n1 had committed it\n");
}

TEST(RaftInvariants, cite_the_ops_of_two_leaders_and_of_forgotten_votes) {
  EXPECT_EQ(cited(with_ops({{3, leader(1, 0)}})),
            "31: its entry 3 of term 1 was appended by one of the two; it is not known to be "
            "committed\n"
            "30: its entry 2 of term 1 was appended by one of the two; n1 had committed it\n");
  std::vector<Step> elected = {{2, vote(1, 0)}, {1, counted(1, 1)}};
  std::vector<Step> more = with_ops({{2, boot(1, -1)}});
  elected.insert(elected.end(), more.begin(), more.end());
  EXPECT_TRUE(cited(elected).ends_with(
      "30: its entry 2 of term 1 was appended by n1, elected by that vote; n1 had committed it\n"))
      << cited(elected);
}

TEST(RaftInvariants, cite_the_newest_few_and_count_the_rest) {
  std::vector<Step> steps = {{1, leader(1, 0)}};
  for (int i = 1; i <= 9; ++i) steps.push_back({1, append_for(100 + i, i, 1, 10 + i)});
  steps.push_back({2, leader(1, 0)});
  BrokenInvariant broken = first_broken(steps);
  ASSERT_EQ(broken.ops.size(), 5u);
  EXPECT_EQ(broken.ops.front().op, 109);
  EXPECT_EQ(broken.ops_left_out, 4u);
}

TEST(RaftInvariants, blame_an_entry_for_another_state_only_when_it_is_known_to_be_the_one) {
  // n2 had the same state before the entry of op 31.
  std::vector<Step> known = {{2, apply(2, 1, 12, 5)}, {1, apply(3, 1, 13, 6)}};
  std::vector<Step> steps = known;
  steps.push_back({2, apply(3, 1, 13, 7)});
  EXPECT_EQ(cited(with_ops(steps)),
            "31: its entry 3 of term 1 had another effect on n2 than on n1; it is not known to be "
            "committed\n");
  // n2's state is still that of before it.
  steps.back() = {2, apply(3, 1, 13, 5)};
  EXPECT_EQ(cited(with_ops(steps)),
            "31: its entry 3 of term 1 is missing in the state of n2; it is not known to be "
            "committed\n");
  // Nobody has seen the states of n3 before it.
  steps.back() = {3, apply(3, 1, 13, 7)};
  expect(complaint(with_ops(steps)), "state-machine safety");
  EXPECT_EQ(cited(with_ops(steps)), "");
}

TEST(RaftInvariants, an_op_that_runs_at_two_indexes) {
  std::vector<Step> steps = {{1, ran(apply(3, 1, 13, 6))},
                             {1, append_for(31, 4, 1, 14)},
                             {2, append(3, 1, 13)},
                             {2, append(4, 1, 14)},
                             {2, ran(apply(3, 1, 13, 6))},
                             {1, apply(4, 1, 14, 7)}};
  EXPECT_EQ(complaint(with_ops(steps)), "");  // one index on both nodes; the retry did not run
  steps.push_back({2, ran(apply(4, 1, 14, 7))});
  expect(complaint(with_ops(steps)), "exactly once");
  EXPECT_EQ(cited(with_ops(steps)),
            "31: its entry 4 of term 1 ran on n2 after it had run at index 3 on n1\n");
}

// Traces of killed processes have holes, damaged ones anything.
TEST(RaftInvariants, holes_and_wild_numbers_are_survived) {
  EXPECT_EQ(after_good({{1, append(90, 3, 5)}, {1, commit(90, 3, false)}}), "");
  EXPECT_EQ(complaint({{1, append(INT64_MAX, 1, 1)},
                       {1, commit(INT64_MAX, 1, true)},
                       {1, recovered(-5, INT64_MAX, 1, 1)},
                       {1, append(-1, 1, 1)}}),
            "");
}

}  // namespace
}  // namespace sunder
