// Checks of locks, leases, banks and forks against their definitions, written out naively.

#include <gtest/gtest.h>

#include "tests/checker/support/twins.h"

namespace sunder {
namespace {

using namespace testing_support;
using Names = std::set<std::string>;
using Calls = std::vector<PlainCall>;

int pick(Rng& rng, int low, int high) { return static_cast<int>(rng.between(low, high)); }

Asked ask_lock(Rng& rng, int) {
  return {rng.below(2) == 0 ? "acquire" : "release", {}, {{nullptr}, {nullptr}, {false}}};
}

bool happened(const PlainCall& call) { return call.ok() && !(call.answer == Value(false)); }
bool may_have(const PlainCall& call) {
  return call.may_have_happened() && !(call.ok() && call.answer == Value(false));
}

// The first release that can end what a grant began, or null.
const PlainCall* cut(const Calls& calls, const PlainCall& grant) {
  for (const PlainCall& call : calls) {
    bool counts = call.verb == "release" && call.process == grant.process && may_have(call) &&
                  !call.before(grant);
    if (counts) return &call;
  }
  return nullptr;
}

Names owner_lock_twin(const History& history) {
  Calls calls = plain_calls(history);
  Names names;
  for (std::uint64_t at = 0; at < history.size(); ++at) {  // between this op and the next
    int holders = 0;
    for (const PlainCall& call : calls) {
      if (call.verb != "acquire" || !happened(call) || call.completed > at) continue;
      const PlainCall* release = cut(calls, call);
      holders += release == nullptr || release->invoked > at ? 1 : 0;
    }
    if (holders > 1) names.insert("double-hold");
  }
  for (const PlainCall& release : calls) {
    if (release.verb != "release" || !happened(release)) continue;
    int left = 0;
    for (const PlainCall& call : calls) {
      if (call.process != release.process) continue;
      if (call.verb == "acquire" && may_have(call) && call.invoked < release.completed) ++left;
      if (call.verb == "release" && happened(call) && call.completed <= release.completed) --left;
    }
    if (left < 0) names.insert("unheld-release");
  }
  return names;
}

TEST(Twins, of_mutex_with_owners) { compare({"mutex owner-lock"}, {ask_lock, 9}, owner_lock_twin); }

// Where nothing crashes, and every process acquires and releases in turn, certain holds decide.
TEST(Twins, mutex_is_exactly_linearizability_where_nothing_crashes) {
  std::uint64_t bad = 0;
  for (std::uint64_t seed = 0; seed < histories_each(); ++seed) {
    std::vector<Op> ops = ops_of(random_history({ask_lock, 8, 3, 0, 10}, seed));
    std::map<int, bool> holds;
    for (std::size_t i = 0; i < ops.size(); ++i) {  // ask for what makes sense
      if (ops[i].phase == Phase::invoke) {
        ops[i].verb = holds[ops[i].process.id] ? "release" : "acquire";
        continue;
      }
      bool& mine = holds[ops[i].process.id];
      ops[i].verb = mine ? "release" : "acquire";
      if (ops[i].phase == Phase::ok && !(ops[i].value == Value(false))) mine = !mine;
    }
    History history = history_of(ops);
    bool linearizable = linearizable_by_definition("owner-lock", history);
    bad += linearizable ? 0 : 1;
    ASSERT_EQ(judge({"mutex owner-lock"}, history).validity == Validity::invalid, !linearizable)
        << text_of(history);
  }
  EXPECT_GT(bad, histories_each() / 20);
}

Names semaphore_twin(const History& history) {
  Calls calls = plain_calls(history);
  Names names;
  auto permits = [](const PlainCall& call) {
    return call.asked.is_nil() ? 1 : call.asked.integer();
  };
  for (std::uint64_t at = 0; at < history.size(); ++at) {
    std::int64_t held = 0;
    std::int64_t grew = 0;
    for (const PlainCall& call : calls) {
      bool granted = call.verb == "acquire" && happened(call) && call.completed <= at;
      if (granted) held += permits(call);
      if (granted && call.completed == at) ++grew;
      if (call.verb == "release" && may_have(call) && call.invoked <= at) held -= permits(call);
    }
    if (grew != 0 && held > 2) names.insert("too-many-holders");
  }
  std::int64_t left = 0;
  for (std::uint64_t at = 0; at < history.size(); ++at) {
    for (const PlainCall& call : calls) {
      if (call.verb == "acquire" && may_have(call) && call.invoked == at) left += permits(call);
      if (call.verb == "release" && happened(call) && call.completed == at) left -= permits(call);
    }
    if (left < 0) names.insert("unheld-release");
    left = std::max<std::int64_t>(left, 0);
  }
  return names;
}

Asked ask_semaphore(Rng& rng, int) {
  return {rng.below(3) != 0 ? "acquire" : "release", pick(rng, 1, 2), {{nullptr}, {false}}};
}

TEST(Twins, of_semaphore) {
  compare({"semaphore semaphore", {{"permits", "2"}}}, {ask_semaphore, 9}, semaphore_twin);
}

Asked ask_fenced(Rng& rng, int fresh) {
  if (rng.below(3) == 0) {
    return {"write", Value::pair(pick(rng, std::max(1, fresh - 3), fresh), fresh), {{nullptr}}};
  }
  if (rng.below(3) == 0) return {"release", {}, {{nullptr}}};
  return {"acquire", {}, {{pick(rng, 1, 9)}, {fresh * 2}, {fresh * 2}, {nullptr}}};
}

Names fenced_twin(const History& history) {
  Calls calls = plain_calls(history);
  Names names;
  for (const PlainCall& a : calls) {
    for (const PlainCall& b : calls) {
      if (&a == &b || a.verb != b.verb || !happened(a) || !happened(b)) continue;
      if (a.verb == "acquire" && a.answer.is_integer() && b.answer.is_integer()) {
        if (a.answer == b.answer) names.insert("duplicate-token");
        if (a.before(b) && b.answer < a.answer) names.insert("token-regressed");
      }
      if (a.verb != "write" || !a.before(b)) continue;
      if (b.asked.list()[0] < a.asked.list()[0]) names.insert("stale-token");
    }
  }
  return names;
}

TEST(Twins, of_fenced_lock) { compare({"fenced-lock fenced-mutex"}, {ask_fenced, 9}, fenced_twin); }

Asked ask_lease(Rng& rng, int) {
  if (rng.below(4) == 0) return {"release", {}, {{nullptr}}};
  return {rng.below(3) == 0 ? "renew" : "acquire", {}, {{pick(rng, 0, 14)}, {Map{{":ttl", 9}}}}};
}

Names lease_twin(const History& history) {
  Calls calls = plain_calls(history);
  std::int64_t last = calls.empty() ? 0 : calls.back().invoked_at + 100;
  for (std::int64_t half = 0; half < 2 * last; ++half) {  // moments, also between two of them
    std::set<int> holders;
    for (const PlainCall& call : calls) {
      if (call.verb == "release" || !happened(call)) continue;
      std::int64_t ttl =
          call.answer.is_map() ? call.answer.find(":ttl")->integer() : call.answer.integer();
      std::int64_t end = call.invoked_at + ttl - 1;  // a drift of 1 ns
      const PlainCall* release = cut(calls, call);
      if (release != nullptr) end = std::min(end, release->invoked_at);
      if (2 * call.completed_at < half && half < 2 * end) holders.insert(call.process);
    }
    if (holders.size() > 1) return {"overlapping-leases"};
  }
  return {};
}

TEST(Twins, of_lease) { compare({"lease lease", {{"drift", "1ns"}}}, {ask_lease, 9}, lease_twin); }

Asked ask_bank(Rng& rng, int) {
  if (rng.below(3) == 0)
    return {"transfer", Map{{"from", 0}, {":to", 1}, {"amount", 2}}, {{nullptr}}};
  int first = pick(rng, -1, 5);
  Value key = rng.below(2) == 0 ? Value(0) : Value("0");
  return {"read",
          {},
          {{Map{{key, first}, {1, 5 - first}}},
           {Map{{0, first}, {1, 5 - first}}},
           {rng.below(3) == 0 ? Map{{0, first}} : Map{{0, 2}, {1, 3}}},
           {rng.below(3) == 0 ? Map{{0, 2}, {1, nullptr}} : Map{{0, 2}, {1, 3}}},
           {rng.below(3) == 0 ? Map{{0, 2}, {1, 3}, {"x", 0}} : Map{{0, 2}, {1, 3}}},
           {Map{{0, 2}, {1, pick(rng, 3, 4)}}}}};
}

Names bank_twin(const History& history) {
  Names names;
  for (const PlainCall& read : plain_calls(history)) {
    if (read.verb != "read" || !read.ok()) continue;
    std::map<std::string, Value> balances;
    std::int64_t sum = 0;
    bool complete = true;
    for (const MapEntry& entry : read.answer.map()) {
      std::string account =
          entry.key.is_text() ? entry.key.text() : std::to_string(entry.key.integer());
      balances[account] = entry.value;
      if (account != "0" && account != "1")
        names.insert("unexpected-account");
      else if (entry.value.is_nil())
        names.insert("nil-balance");
      else if (entry.value.integer() < 0)
        names.insert("negative-balance");
      if (entry.value.is_integer()) sum += entry.value.integer();
      complete = complete && entry.value.is_integer();
    }
    for (const char* account : {"0", "1"}) {
      if (balances.contains(account)) continue;
      names.insert("missing-account");
      complete = false;
    }
    if (complete && sum != 5) names.insert("wrong-total");
  }
  return names;
}

TEST(Twins, of_bank) {
  compare({"bank bank", {{"accounts", "2"}, {"total", "5"}}}, {ask_bank, 5}, bank_twin);
}

// The first calls write the keys 1 to 3; all others read two or three of them.
Asked ask_fork(Rng& rng, int fresh) {
  if (fresh <= 3) return {"txn", Value::list_of(List{":w", fresh, 1}), {{nullptr}}};
  Asked asked{"txn", List{}, {}};
  std::uint64_t left_out = rng.below(4);
  for (int key = 1; key <= 3; ++key) {
    if (static_cast<std::uint64_t>(key) != left_out) {
      asked.arguments.list().push_back(List{":r", key, nullptr});
    }
  }
  for (int i = 0; i < 3; ++i) {
    Value found = asked.arguments;
    for (Value& access : found.list()) {
      if (rng.below(3) != 0) access.list()[2] = rng.below(25) == 0 ? 2 : 1;
    }
    asked.answers.push_back({found});
  }
  return asked;
}

Names fork_twin(const History& history) {
  Names names;
  std::vector<std::map<Value, Value>> sound;
  Calls calls = plain_calls(history);
  auto is_read = [](const PlainCall& call) {
    return call.asked.list()[0].list()[0] == Value(":r");
  };
  for (const PlainCall& read : calls) {
    if (!read.ok() || !is_read(read)) continue;
    std::map<Value, Value> found;
    bool fine = true;
    for (const Value& op : read.answer.list()) {
      const Value& key = op.list()[1];
      found[key] = op.list()[2];
      if (op.list()[2].is_nil()) continue;
      const PlainCall* writer = nullptr;
      for (const PlainCall& call : calls) {
        bool writes = !is_read(call) && call.may_have_happened() &&
                      call.asked.list()[0].list()[1] == key && op.list()[2] == Value(1);
        if (writes) writer = &call;
      }
      if (writer == nullptr)
        names.insert("unexpected");
      else if (writer->invoked > read.completed)
        names.insert("premature");
      fine = fine && writer != nullptr && writer->invoked < read.completed;
    }
    if (fine) sound.push_back(found);
  }
  for (const auto& a : sound) {
    for (const auto& b : sound) {
      bool more = false;
      bool less = false;
      for (const auto& [key, value] : a) {
        if (!b.contains(key)) continue;
        more = more || (!value.is_nil() && b.at(key).is_nil());
        less = less || (value.is_nil() && !b.at(key).is_nil());
      }
      if (more && less) names.insert("long-fork");
    }
  }
  return names;
}

TEST(Twins, of_long_fork) { compare({"long-fork multi-register"}, {ask_fork, 8}, fork_twin); }

}  // namespace
}  // namespace sunder
