// The check of list-append transactions against its definition, written out naively, for each level
// that it can demand. SUNDER_AGREEMENT=100000 tries that many histories.

#include <gtest/gtest.h>

#include "tests/checker/support/domain_histories.h"
#include "tests/checker/support/twins.h"

namespace sunder {
namespace {

using namespace testing_support;
using Names = std::set<std::string>;
using Elements = std::vector<Value>;

enum Demand : std::uint8_t { uncommitted, committed, snapshot, strict };

// The value `fresh` always goes to key fresh mod 2, sometimes followed by fresh + 100; reads find
// most often a beginning of what may be there.
Asked ask_txn(Rng& rng, int fresh) {
  List micro_ops;
  bool reads_first = rng.below(2) == 0;
  int key = static_cast<int>(rng.below(2));
  if (reads_first) micro_ops.push_back(List{":r", key, nullptr});
  micro_ops.push_back(List{":append", fresh % 2, fresh});
  if (rng.below(3) == 0) micro_ops.push_back(List{":append", fresh % 2, fresh + 100});
  if (rng.below(2) == 0) micro_ops.push_back(List{":r", key, nullptr});
  Asked asked{"txn", micro_ops, {}};
  for (int i = 0; i < 4; ++i) {
    List answer = micro_ops;
    for (Value& micro_op : answer) {
      List& parts = micro_op.list();
      if (parts[0] != Value(":r")) continue;
      List found;
      bool to_the_end = key == fresh % 2 && rng.below(2) == 0;
      for (int element = 2 - key; element <= fresh; element += 2) {
        if (!to_the_end && rng.below(4) == 0) break;
        if (rng.below(20) == 0) continue;
        found.emplace_back(element);
        if (rng.below(4) == 0) found.emplace_back(element + 100);
        if (rng.below(40) == 0) found.emplace_back(element);
      }
      parts[2] = std::move(found);
    }
    asked.answers.push_back({answer});
  }
  return asked;
}

bool appends(const Value& micro_op) { return micro_op.list()[0] == Value(":append"); }

struct Facts {
  std::vector<PlainCall> calls;
  Demand demand;

  /// Who appended an element to a key, null when nobody did; with whether it was its last there.
  const PlainCall* writer(const Value& key, const Value& element, bool* last = nullptr) const {
    for (const PlainCall& call : calls) {
      const PlainCall* found = nullptr;
      bool is_last = true;
      for (const Value& op : call.asked.list()) {
        if (!appends(op) || op.list()[1] != key) continue;
        if (found != nullptr) is_last = false;
        if (op.list()[2] == element) found = &call;
      }
      if (found == nullptr) continue;
      if (last != nullptr) *last = is_last;
      return found;
    }
    return nullptr;
  }
  /// What counts for the order of a key.
  Elements lasting(const Value& key, const Value& found) const {
    Elements list;
    for (const Value& element : found.list()) {
      const PlainCall* by = writer(key, element);
      if (demand >= committed || (by != nullptr && by->ok())) list.push_back(element);
    }
    return list;
  }
};

void judge_read(const Facts& facts, const PlainCall& call, const Value& key, const Value& found,
                Names& names) {
  const List& list = found.list();
  for (const Value& element : list) {
    if (std::count(list.begin(), list.end(), element) > 1) names.insert("duplicate-elements");
    const PlainCall* writer = facts.writer(key, element);
    if (writer == nullptr) {
      names.insert("unexpected");
      continue;
    }
    if (!writer->may_have_happened() && facts.demand >= committed) names.insert("G1a");
    if (writer->invoked > call.completed) names.insert("premature");
  }
  if (list.empty() || facts.demand < committed) return;
  bool last = true;
  const PlainCall* writer = facts.writer(key, list.back(), &last);
  if (writer != nullptr && writer != &call && !last) names.insert("G1b");
}

void judge_own(const Facts& facts, const PlainCall& call, Names& names) {
  const List& ops = call.answer.list();
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (appends(ops[i])) continue;
    const Value& key = ops[i].list()[1];
    Elements own;       // appended before
    Elements known;     // what the last read before found, and was appended since
    bool read = false;
    for (std::size_t j = 0; j < i; ++j) {
      if (ops[j].list()[1] != key) continue;
      if (appends(ops[j])) {
        own.push_back(ops[j].list()[2]);
        known.push_back(ops[j].list()[2]);
      } else {
        read = true;
        known = ops[j].list()[2].list();
      }
    }
    const List& found = ops[i].list()[2].list();
    bool ends = found.size() >= own.size() &&
                std::equal(own.rbegin(), own.rend(), found.rbegin());
    bool repeats = !read || facts.demand < snapshot || found == known;
    if (!ends || !repeats) names.insert("internal");
  }
}

/// The first read of a key before any append to it, of a call that does append to it.
std::optional<std::size_t> version_updated(const PlainCall& call, const Value& key) {
  std::optional<std::size_t> size;
  for (const Value& op : call.answer.list()) {
    if (op.list()[1] != key) continue;
    if (appends(op)) return size;
    if (!size) size = op.list()[2].list().size();
  }
  return {};
}

void judge_real_time(const Facts& facts, const PlainCall& call, const Value& key,
                     const Value& found, const Elements& order, Names& names) {
  for (const PlainCall& before : facts.calls) {
    if (!before.before(call)) continue;
    for (const Value& op : before.answer.list()) {
      if (op.list()[1] != key) continue;
      std::size_t due = 0;
      if (appends(op)) {
        auto place = std::find(order.begin(), order.end(), op.list()[2]);
        due = place == order.end() ? SIZE_MAX : static_cast<std::size_t>(place - order.begin()) + 1;
      } else {
        due = op.list()[2].list().size();
      }
      if (found.list().size() < due) names.insert("stale-read");
    }
  }
}

Names twin(const History& history, Demand demand) {
  Facts facts{plain_calls(history), demand};
  Names names;
  for (int number = 0; number < 2; ++number) {
    Value key(number);
    Elements order;
    for (const PlainCall& call : facts.calls) {
      if (!call.ok()) continue;
      for (const Value& op : call.answer.list()) {
        if (appends(op) || op.list()[1] != key) continue;
        Elements list = facts.lasting(key, op.list()[2]);
        if (list.size() > order.size()) order = list;
      }
    }
    for (const PlainCall& call : facts.calls) {
      if (!call.ok()) continue;
      for (const PlainCall& other : facts.calls) {
        bool lost = demand >= snapshot && other.ok() && &other != &call &&
                    version_updated(call, key) &&
                    version_updated(call, key) == version_updated(other, key);
        if (lost) names.insert("lost-update");
      }
      for (const Value& op : call.answer.list()) {
        if (appends(op) || op.list()[1] != key) continue;
        const Value& found = op.list()[2];
        judge_read(facts, call, key, found, names);
        Elements list = facts.lasting(key, found);
        if (!std::equal(list.begin(), list.end(), order.begin(),
                        order.begin() + static_cast<std::ptrdiff_t>(list.size()))) {
          names.insert("incompatible-order");
        }
        if (demand >= strict) judge_real_time(facts, call, key, found, order, names);
      }
    }
  }
  for (const PlainCall& call : facts.calls) {
    if (call.ok()) judge_own(facts, call, names);
  }
  return names;
}

TEST(Twins, of_transactions_that_may_read_what_is_not_committed) {
  compare({"txn-basics list-append", {{"isolation", "read-uncommitted"}}}, {ask_txn, 7},
          [](const History& history) { return twin(history, uncommitted); });
}
TEST(Twins, of_transactions_at_read_committed) {
  compare({"txn-basics list-append"}, {ask_txn, 7},
          [](const History& history) { return twin(history, committed); });
}
TEST(Twins, of_transactions_with_snapshots) {
  compare({"txn-basics list-append", {{"isolation", "snapshot"}}}, {ask_txn, 7},
          [](const History& history) { return twin(history, snapshot); });
}
TEST(Twins, of_transactions_in_real_time) {
  compare({"txn-basics list-append", {{"isolation", "strict-serializable"}}}, {ask_txn, 7},
          [](const History& history) { return twin(history, strict); });
}

}  // namespace
}  // namespace sunder
