// Right histories, spoilt: whether each check notices each kind of damage. Prints the scores.

#include <gtest/gtest.h>

#include "tests/checker/support/right_objects.h"

namespace sunder {
namespace {

using namespace testing_support;
using Ops = std::vector<Op>;

/// Damages a right history; false when it offers no place for that.
using Damage = bool (*)(Ops& ops, Rng& rng);

struct Mutation {
  const char* name;
  Damage apply;
};

struct Subject {
  DomainCheck check;
  std::unique_ptr<RightObject> (*make)();
  std::vector<Mutation> mutations;
  bool crashes = true;
};

std::vector<std::size_t> all(const Ops& ops, std::string_view verb, Phase phase = Phase::ok) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].verb == verb && ops[i].phase == phase) places.push_back(i);
  }
  return places;
}

std::size_t some(const std::vector<std::size_t>& places, Rng& rng) {
  return places[rng.below(places.size())];
}

void remove_from(Value& list, const Value& element) { std::erase(list.list(), element); }

bool forget_element(Ops& ops, Rng& rng) {
  Value element = ops[some(all(ops, "add"), rng)].value;
  for (std::size_t i : all(ops, "read")) remove_from(ops[i].value, element);
  return true;
}
bool phantom_element(Ops& ops, Rng&) {
  ops[all(ops, "read").back()].value.list().emplace_back(99'999);
  return true;
}
bool element_twice(Ops& ops, Rng&) {
  List& list = ops[all(ops, "read").back()].value.list();
  list.push_back(list.front());
  return true;
}
// The last read but one answers what the first one did; the last one is right again.
bool stale_read(Ops& ops, Rng&) {
  std::vector<std::size_t> reads = all(ops, "read");
  Value& late = ops[reads[reads.size() - 2]].value;
  if (late == ops[reads.front()].value) return false;
  late = ops[reads.front()].value;
  return true;
}
bool element_too_early(Ops& ops, Rng&) {
  std::size_t read = all(ops, "read").front();
  std::size_t add = all(ops, "add").back();
  if (add < read + 20) return false;  // it was invoked not long before
  ops[read].value.list().push_back(ops[add].value);
  return true;
}
bool earlier_write_missing(Ops& ops, Rng&) {
  remove_from(ops[all(ops, "read").back()].value, ops[all(ops, "add").front()].value);
  return true;
}

bool read_too_much(Ops& ops, Rng&) {
  Value& value = ops[all(ops, "read").back()].value;
  value = value.integer() + 1'000;
  return true;
}
bool lost_update(Ops& ops, Rng&) {
  Value& value = ops[all(ops, "read").back()].value;
  value = value.integer() - 1;
  return true;
}

// Two answers of calls that are far apart change places.
bool swap_answers(Ops& ops, std::string_view verb, Rng& rng) {
  std::vector<std::size_t> places = all(ops, verb);
  std::erase_if(places, [&](std::size_t i) { return ops[i].value.is_nil(); });
  std::size_t far = places.size() / 2;
  if (far < 5) return false;
  std::size_t first = rng.below(far);
  std::swap(ops[places[first]].value, ops[places[first + far]].value);
  return true;
}
bool copy_answer(Ops& ops, std::string_view verb, Rng& rng) {
  std::vector<std::size_t> places = all(ops, verb);
  std::size_t to = some(places, rng);
  std::size_t from = some(places, rng);
  if (ops[from].value == ops[to].value || ops[from].value.is_nil()) return false;
  ops[to].value = ops[from].value;
  return true;
}
bool id_twice(Ops& ops, Rng& rng) { return copy_answer(ops, "generate", rng); }
bool timestamp_twice(Ops& ops, Rng& rng) { return copy_answer(ops, "timestamp", rng); }
bool timestamps_swapped(Ops& ops, Rng& rng) { return swap_answers(ops, "timestamp", rng); }
bool token_twice(Ops& ops, Rng& rng) { return copy_answer(ops, "acquire", rng); }
bool tokens_swapped(Ops& ops, Rng& rng) { return swap_answers(ops, "acquire", rng); }

bool delivery_lost(Ops& ops, Rng& rng) {
  std::vector<std::size_t> takes = all(ops, "dequeue");
  std::erase_if(takes, [&](std::size_t i) { return ops[i].value.is_nil(); });
  if (takes.empty()) return false;
  ops[some(takes, rng)].value = nullptr;
  return true;
}
bool drained_less(Ops& ops, Rng&) {
  List& list = ops[all(ops, "drain").back()].value.list();
  if (list.empty()) return false;
  list.pop_back();
  return true;
}
bool delivered_twice(Ops& ops, Rng& rng) {
  std::size_t take = some(all(ops, "dequeue"), rng);
  if (ops[take].value.is_nil()) return false;
  ops[all(ops, "drain").back()].value.list().push_back(ops[take].value);
  return true;
}
bool phantom_delivery(Ops& ops, Rng&) {
  ops[all(ops, "drain").back()].value.list().emplace_back(99'999);
  return true;
}
bool deliveries_swapped(Ops& ops, Rng&) {
  List& list = ops[all(ops, "drain").back()].value.list();
  if (list.size() < 20) return false;
  std::swap(list.front(), list.back());
  return true;
}

// Releases of which nothing is known: the holder never gives back what others get.
bool releases_left_out(Ops& ops, int times, Rng& rng) {
  for (; times > 0; --times) {
    std::vector<std::size_t> releases = all(ops, "release");
    std::erase_if(releases, [&](std::size_t i) { return i > ops.size() / 2; });
    if (releases.empty()) return false;
    std::size_t end = some(releases, rng);
    Process process = ops[end].process;
    std::size_t begin = end;
    while (begin == end || ops[begin].process != process) --begin;
    ops.erase(ops.begin() + static_cast<std::ptrdiff_t>(end));
    ops.erase(ops.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return true;
}
bool release_left_out(Ops& ops, Rng& rng) { return releases_left_out(ops, 1, rng); }
bool three_releases_left_out(Ops& ops, Rng& rng) { return releases_left_out(ops, 3, rng); }
bool phantom_release(Ops& ops, Rng&) {
  ops.insert(ops.begin(), 2, Op{.process = Process{77}, .verb = "release"});
  ops[1].phase = Phase::ok;
  return true;
}
bool stale_write_accepted(Ops& ops, Rng&) {
  std::size_t last = all(ops, "write").back();
  for (std::size_t i = last;; --i) {  // its invocation too
    if (ops[i].process == ops[last].process) ops[i].value = Value::pair(0, 1);
    if (ops[i].process == ops[last].process && ops[i].phase == Phase::invoke) return true;
  }
}
bool endless_lease(Ops& ops, Rng&) {
  std::vector<std::size_t> grants = all(ops, "acquire");
  std::size_t first = grants[grants.size() / 3];
  ops[first].value = std::int64_t{100'000'000'000};
  return std::any_of(grants.begin(), grants.end(), [&](std::size_t i) {
    return i > first && ops[i].process != ops[first].process;
  });
}

Map& balances(Ops& ops, Rng& rng) { return ops[some(all(ops, "read"), rng)].value.map(); }
bool money_made(Ops& ops, Rng& rng) {
  Map& map = balances(ops, rng);
  map.set(2, map.find(Value(2))->integer() + 1);
  return true;
}
bool account_missing(Ops& ops, Rng& rng) {
  Map& map = balances(ops, rng);
  Map rest;
  for (const MapEntry& entry : map) {
    if (!(entry.key == Value(3))) rest.set(entry.key, entry.value);
  }
  map = rest;
  return true;
}
bool account_overdrawn(Ops& ops, Rng& rng) {
  Map& map = balances(ops, rng);
  std::int64_t much = map.find(Value(0))->integer() + 5;
  map.set(0, -5);
  map.set(1, map.find(Value(1))->integer() + much);
  return true;
}
bool phantom_account(Ops& ops, Rng& rng) {
  balances(ops, rng).set(9, 0);
  return true;
}

bool forked_reads(Ops& ops, Rng&) {
  std::size_t second = ops.size() - 1;
  for (; second > 3; second -= 4) {  // the finale reads each pair of keys twice
    List& later = ops[second].value.list();
    List& earlier = ops[second - 2].value.list();
    if (later[0].list()[2].is_nil() || later[1].list()[2].is_nil()) continue;
    later[0].list()[2] = nullptr;
    earlier[1].list()[2] = nullptr;
    return true;
  }
  return false;
}
bool phantom_value(Ops& ops, Rng&) {
  ops.back().value.list()[0].list()[2] = 77;
  return true;
}

/// Changes the messages of the first key that the last poll that found any found.
template <class Change>
bool change_last_poll(Ops& ops, Change change) {
  for (std::size_t i = ops.size(); i > 0; --i) {
    Op& op = ops[i - 1];
    if (op.verb != "poll" || op.phase != Phase::ok) continue;
    Value& polled = op.value.list()[0].list()[1];
    if (polled.map().empty()) continue;
    Map changed = polled.map();
    List messages = changed.begin()->value.list();
    if (messages.size() < 10) return false;
    change(messages);
    changed.set(changed.begin()->key, messages);
    polled = changed;
    return true;
  }
  return false;
}
bool message_lost(Ops& ops, Rng&) {
  Value lost;
  change_last_poll(ops, [&](List& messages) { lost = messages[5]; });
  for (std::size_t i : all(ops, "poll")) {
    Value& polled = ops[i].value.list()[0].list()[1];
    Map left;
    for (const MapEntry& entry : polled.map()) {
      List messages = entry.value.list();
      std::erase(messages, lost);
      left.set(entry.key, messages);
    }
    polled = left;
  }
  std::vector<std::size_t> sends = all(ops, "send");
  return std::any_of(sends.begin(), sends.end(),
                     [&](std::size_t i) { return ops[i].value.list()[0].list()[2] == lost; });
}
bool message_skipped(Ops& ops, Rng&) {
  return change_last_poll(ops, [](List& messages) { messages.erase(messages.begin() + 5); });
}
bool messages_swapped(Ops& ops, Rng&) {
  return change_last_poll(ops, [](List& messages) { std::swap(messages[3], messages[8]); });
}
bool message_twice(Ops& ops, Rng&) {
  return change_last_poll(
      ops, [](List& messages) { messages.push_back(Value::pair(99'990, messages[2].list()[1])); });
}
bool phantom_message(Ops& ops, Rng&) {
  return change_last_poll(ops,
                          [](List& messages) { messages.push_back(Value::pair(99'990, 99'999)); });
}
bool offset_reused(Ops& ops, Rng&) {
  return change_last_poll(ops,
                          [](List& messages) { messages[4].list()[1] = messages[5].list()[1]; });
}
bool failed_send_polled(Ops& ops, Rng&) {
  std::size_t send = all(ops, "send").front();
  ops[send].phase = Phase::fail;
  return true;
}

/// The lists that ok transactions have read with two elements or more, in order.
std::vector<List*> lists_read(Ops& ops) {
  std::vector<List*> lists;
  for (std::size_t i : all(ops, "txn")) {
    for (Value& micro_op : ops[i].value.list()) {
      List& parts = micro_op.list();
      bool read = parts[0] == Value(":r") && parts[2].is_list() && parts[2].list().size() > 1;
      if (read) lists.push_back(&parts[2].list());
    }
  }
  return lists;
}

bool phantom_in_list(Ops& ops, Rng&) {
  lists_read(ops).back()->emplace_back(99'999);
  return true;
}
bool list_element_twice(Ops& ops, Rng&) {
  List& list = *lists_read(ops).back();
  list.push_back(list.front());
  return true;
}
bool list_elements_swapped(Ops& ops, Rng& rng) {
  List& list = *lists_read(ops)[rng.below(3)];
  std::swap(list[0], list[1]);
  return true;
}
bool failed_append_read(Ops& ops, Rng&) {
  Value element = lists_read(ops).back()->front();
  for (Op& op : ops) {
    if (op.verb != "txn" || op.phase == Phase::invoke) continue;
    for (const Value& micro_op : op.value.list()) {
      const List& parts = micro_op.list();
      if (parts[0] == Value(":append") && parts[2] == element) op.phase = Phase::fail;
    }
  }
  return true;
}
// The last read but for the finale's finds what was there at the beginning.
bool list_cut_short(Ops& ops, Rng&) {
  std::vector<List*> lists = lists_read(ops);
  List& list = *lists[lists.size() - 3];
  list.resize(1);
  return true;
}

std::vector<Subject> subjects() {
  auto fifo = [] { return right_queue(QueueOrder::fifo); };
  auto priority = [] { return right_queue(QueueOrder::priority); };
  std::vector<Mutation> counted{
      {"stale", stale_read}, {"phantom", read_too_much}, {"lost", lost_update}};
  std::vector<Mutation> total{{"lost", drained_less},
                              {"lost", delivery_lost},
                              {"duplicate", delivered_twice},
                              {"phantom", phantom_delivery}};
  std::vector<Subject> list;
  list.push_back({{"set g-set"},
                  right_set,
                  {{"lost", forget_element},
                   {"phantom", phantom_element},
                   {"duplicate", element_twice},
                   {"stale", stale_read}}});
  list.push_back({{"set-full g-set"},
                  right_set,
                  {{"lost", forget_element},
                   {"phantom", phantom_element},
                   {"duplicate", element_twice},
                   {"stale", stale_read},
                   {"early", element_too_early}}});
  list.push_back({{"causal-reverse g-set"},
                  right_set,
                  {{"swapped", earlier_write_missing}, {"phantom", phantom_element}}});
  list.push_back({{"counter counter"}, right_counter, counted});
  list.push_back({{"monotonic counter"}, right_counter, counted});
  list.push_back({{"unique-ids unique-ids"}, right_ids, {{"duplicate", id_twice}}});
  list.push_back({{"timestamp-oracle timestamp-oracle"},
                  right_timestamps,
                  {{"duplicate", timestamp_twice}, {"swapped", timestamps_swapped}}});
  list.push_back({{"queue unordered-queue"},
                  fifo,
                  {{"duplicate", delivered_twice}, {"phantom", phantom_delivery}}});
  list.push_back({{"total-queue unordered-queue"}, fifo, total, false});
  list.push_back({{"fifo-order fifo-queue"}, fifo, {{"swapped", deliveries_swapped}}});
  list.push_back({{"priority-order priority-queue"}, priority, {{"swapped", deliveries_swapped}}});
  list.push_back({{"mutex owner-lock"},
                  right_lock,
                  {{"two holders", release_left_out}, {"phantom", phantom_release}},
                  false});
  list.push_back({{"mutex mutex"}, right_lock, {{"two holders", release_left_out}}, false});
  list.push_back({{"semaphore semaphore", {{"permits", "2"}}},
                  right_semaphore,
                  {{"too many", three_releases_left_out}, {"phantom", phantom_release}},
                  false});
  list.push_back(
      {{"fenced-lock fenced-mutex"},
       right_fenced_lock,
       {{"swapped", tokens_swapped}, {"duplicate", token_twice}, {"stale", stale_write_accepted}},
       false});
  list.push_back({{"lease lease"}, right_lease, {{"two holders", endless_lease}}});
  list.push_back({{"bank bank", {{"accounts", "5"}}},
                  right_bank,
                  {{"wrong sum", money_made},
                   {"lost", account_missing},
                   {"negative", account_overdrawn},
                   {"phantom", phantom_account}}});
  list.push_back({{"long-fork multi-register"},
                  right_registers,
                  {{"swapped", forked_reads}, {"phantom", phantom_value}}});
  list.push_back({{"kafka kafka"},
                  right_log,
                  {{"lost", message_lost},
                   {"skipped", message_skipped},
                   {"swapped", messages_swapped},
                   {"duplicate", message_twice},
                   {"phantom", phantom_message},
                   {"offset reused", offset_reused},
                   {"aborted", failed_send_polled}}});
  list.push_back({{"txn-basics list-append", {{"isolation", "strict-serializable"}}},
                  right_lists,
                  {{"phantom", phantom_in_list},
                   {"duplicate", list_element_twice},
                   {"swapped", list_elements_swapped},
                   {"aborted", failed_append_read},
                   {"stale", list_cut_short}}});
  return list;
}

struct Score {
  int applied = 0;
  int caught = 0;
};

Score score_of(const Subject& subject, const Mutation& mutation) {
  Score score;
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    auto object = subject.make();
    SimulatedLoad load{.crash = {subject.crashes ? 2U : 0U, 100}};
    History right = simulate(*object, load, seed);
    Verdict clean = judge(subject.check, right);
    EXPECT_NE(clean.validity, Validity::invalid)
        << subject.check.name << ", seed " << seed << ": " << clean.summary;
    Rng rng(seed, Stream::of("mutation"));
    Ops ops = ops_of(right);
    if (!mutation.apply(ops, rng)) continue;
    ++score.applied;
    History spoilt = history_of(ops);
    if (judge(subject.check, spoilt).validity == Validity::invalid) ++score.caught;
  }
  return score;
}

TEST(DomainMutations, every_kind_of_damage_is_caught_by_its_check) {
  std::string table;
  for (const Subject& subject : subjects()) {
    for (const Mutation& mutation : subject.mutations) {
      Score score = score_of(subject, mutation);
      std::string row = subject.check.name;
      row.resize(36, ' ');
      row += mutation.name;
      row.resize(52, ' ');
      table += row + std::to_string(score.caught) + " of " + std::to_string(score.applied) + "\n";
      EXPECT_EQ(score.caught, score.applied) << subject.check.name << ", " << mutation.name;
      EXPECT_GE(score.applied, 10) << subject.check.name << ", " << mutation.name;
    }
  }
  std::fputs(table.c_str(), stdout);
}

TEST(DomainMutations, right_histories_are_called_valid) {
  for (const Subject& subject : subjects()) {
    int valid = 0;
    for (std::uint64_t seed = 0; seed < 25; ++seed) {
      auto object = subject.make();
      History right = simulate(*object, {.operations = 400, .crash = {0, 1}}, seed);
      Verdict verdict = judge(subject.check, right);
      valid += verdict.validity == Validity::valid ? 1 : 0;
      EXPECT_EQ(verdict.validity, Validity::valid) << subject.check.name << ": " << verdict.summary;
      if (testing::Test::HasFailure()) break;
    }
    EXPECT_EQ(valid, 25) << subject.check.name;
  }
}

}  // namespace
}  // namespace sunder
