// Checks of sets, counters, ids and timestamps against their definitions, written out naively, and
// against linearizability by trying all orders. SUNDER_AGREEMENT=100000 tries that many histories.

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/checker/support/domain_histories.h"
#include "tests/checker/support/exhaustive.h"
#include "tests/checker/support/twins.h"

namespace sunder {
namespace {

using namespace testing_support;
using Names = std::set<std::string>;
using Calls = std::vector<PlainCall>;

int pick(Rng& rng, int low, int high) { return static_cast<int>(rng.between(low, high)); }

// Mostly sets that could have been; sometimes an element twice, or one that nobody adds.
Asked ask_set(Rng& rng, int fresh) {
  if (rng.below(2) == 0) return {"add", rng.below(5) == 0 ? pick(rng, 1, 3) : fresh, {{nullptr}}};
  Asked asked{"read", {}, {}};
  for (int i = 0; i < 4; ++i) {
    List elements;
    for (int element = 1; element <= fresh; ++element) {
      if (rng.below(4) != 0) elements.emplace_back(element);
    }
    if (rng.below(12) == 0) elements.emplace_back(pick(rng, 1, 9));
    asked.answers.push_back({elements});
  }
  return asked;
}

// Without elements twice in a read, which the datatype does not know.
Asked ask_plain_set(Rng& rng, int fresh) {
  Asked asked = ask_set(rng, fresh != 0 ? fresh : pick(rng, 1, 3));
  std::erase_if(asked.answers, [](const PossibleAnswer& answer) {
    if (!answer.value.is_list()) return false;
    const List& list = answer.value.list();
    return std::set<Value>(list.begin(), list.end()).size() != list.size();
  });
  if (asked.answers.empty()) asked.answers.push_back({List{}});
  return asked;
}

bool holds(const PlainCall& read, const Value& element) {
  const List& list = read.answer.list();
  return std::find(list.begin(), list.end(), element) != list.end();
}

struct SetFacts {
  Calls adds;
  Calls reads;               // ok ones
  Calls unanswered;          // reads that may have been
  std::set<Value> elements;  // added or read
  std::set<Value> duplicates;

  explicit SetFacts(const History& history) {
    for (const PlainCall& call : plain_calls(history)) {
      if (call.verb == "add") {
        adds.push_back(call);
        elements.insert(call.asked);
      } else if (call.may_have_happened() && !call.ok()) {
        unanswered.push_back(call);
      } else if (call.ok()) {
        reads.push_back(call);
        for (const Value& element : call.answer.list()) {
          elements.insert(element);
          const List& list = call.answer.list();
          if (std::count(list.begin(), list.end(), element) > 1) duplicates.insert(element);
        }
      }
    }
  }

  bool may_be_there(const Value& element) const {
    return std::any_of(adds.begin(), adds.end(), [&](const PlainCall& add) {
      return add.asked == element && add.may_have_happened();
    });
  }
  bool unanswered_after(const PlainCall& read) const {
    return std::any_of(unanswered.begin(), unanswered.end(),
                       [&](const PlainCall& other) { return other.invoked > read.invoked; });
  }
  bool begun_before_end_of(const PlainCall& read, const Value& element) const {
    return std::any_of(adds.begin(), adds.end(), [&](const PlainCall& add) {
      return add.asked == element && add.may_have_happened() && add.invoked < read.completed;
    });
  }
  void contents(const Calls& of, Names& names) const {
    for (const PlainCall& read : of) {
      for (const Value& element : read.answer.list()) {
        const List& list = read.answer.list();
        if (std::count(list.begin(), list.end(), element) > 1) names.insert("duplicate");
        if (!may_be_there(element))
          names.insert("unexpected");
        else if (!begun_before_end_of(read, element))
          names.insert("premature");
      }
    }
  }
};

Names set_twin(const History& history) {
  SetFacts facts(history);
  std::uint64_t settled = 0;
  for (const PlainCall& add : facts.adds) {
    if (add.completed != PlainCall::open) settled = std::max(settled, add.completed);
  }
  Calls finals;
  for (const PlainCall& read : facts.reads) {
    if (read.invoked >= settled) finals.push_back(read);
  }
  Names names;
  facts.contents(finals, names);
  for (const PlainCall& add : facts.adds) {
    for (const PlainCall& read : finals) {
      if (add.ok() && !holds(read, add.asked)) names.insert("lost");
    }
  }
  return names;
}

// Whether something that began after `call` must find the element there.
bool known_after(const SetFacts& facts, const Value& element, std::uint64_t position) {
  for (const PlainCall& add : facts.adds) {
    if (add.ok() && add.asked == element && add.completed < position) return true;
  }
  for (const PlainCall& read : facts.reads) {
    if (read.completed < position && holds(read, element)) return true;
  }
  return false;
}

Names set_full_twin(const History& history) {
  SetFacts facts(history);
  Names names;
  facts.contents(facts.reads, names);
  for (const Value& element : facts.elements) {
    if (!facts.may_be_there(element)) continue;
    for (const PlainCall& read : facts.reads) {
      if (holds(read, element) || !known_after(facts, element, read.invoked)) continue;
      bool again = std::any_of(facts.reads.begin(), facts.reads.end(), [&](const PlainCall& later) {
        return later.invoked > read.invoked && holds(later, element);
      });
      if (!again && !facts.unanswered_after(read)) names.insert("lost");
    }
  }
  return names;
}

Names causal_twin(const History& history) {
  SetFacts facts(history);
  std::set<Value> added;
  for (const PlainCall& add : facts.adds) {
    if (!added.insert(add.asked).second) return {};
  }
  Names names;
  facts.contents(facts.reads, names);
  for (const PlainCall& read : facts.reads) {
    for (const PlainCall& early : facts.adds) {
      for (const PlainCall& late : facts.adds) {
        bool reversed = early.before(late) && late.may_have_happened() && holds(read, late.asked) &&
                        !holds(read, early.asked);
        if (reversed) names.insert("causal-reverse");
      }
    }
  }
  return names;
}

TEST(Twins, of_set) { compare({"set g-set"}, {ask_set}, set_twin); }
TEST(Twins, of_set_full_with_stale_reads) {
  compare({"set-full g-set", {{"linearizable", "false"}}}, {ask_set}, set_full_twin);
}
TEST(Twins, of_causal_reverse) { compare({"causal-reverse g-set"}, {ask_set}, causal_twin); }

TEST(Twins, set_full_is_exactly_linearizability_of_a_set) {
  std::uint64_t bad = 0;
  std::uint64_t compared = 0;
  auto one = [&](const History& history) {
    SetFacts facts(history);
    Verdict verdict = judge({"set-full g-set"}, history);
    if (!facts.duplicates.empty()) {
      EXPECT_TRUE(anomaly_names(verdict).contains("duplicate")) << text_of(history);
      return;
    }
    bool linearizable = linearizable_by_definition("g-set", history);
    ++compared;
    bad += linearizable ? 0 : 1;
    ASSERT_EQ(verdict.validity == Validity::invalid, !linearizable)
        << text_of(history) << to_json(to_value(verdict));
  };
  SmallLoad load{"g-set", {{}}, ask_plain_set};
  for (std::uint64_t seed = 0; seed < histories_each() && !testing::Test::HasFailure(); ++seed) {
    one(random_history({ask_set, 6}, seed));
    one(small_history(load, seed).history);
  }
  EXPECT_GT(bad, compared / 20);
  EXPECT_LT(bad, compared * 19 / 20);
}

Asked ask_counter(Rng& rng, int) {
  static constexpr int amounts[] = {1, 1, 1, 2, -1};
  if (rng.below(2) == 0) return {"add", amounts[rng.below(5)], {{nullptr}}};
  return {"read", {}, {{0}, {1}, {1}, {2}, {2}, {3}, {-1}}};
}

TEST(Twins, counter_is_exactly_linearizability_of_a_counter) {
  std::uint64_t bad = 0;
  std::uint64_t total = histories_each();
  for (std::uint64_t seed = 0; seed < total; ++seed) {
    History history = random_history({ask_counter, 6}, seed);
    bool linearizable = linearizable_by_definition("counter", history);
    bad += linearizable ? 0 : 1;
    Verdict verdict = judge({"counter counter"}, history);
    ASSERT_EQ(verdict.validity == Validity::invalid, !linearizable)
        << text_of(history) << to_json(to_value(verdict));
    bool read = verdict.detail.find("reads")->integer() != 0;
    ASSERT_EQ(verdict.validity == Validity::valid, linearizable && read) << text_of(history);
  }
  EXPECT_GT(bad, total / 20);
}

Asked ask_growing(Rng& rng, int) {
  if (rng.below(3) == 0) return {"add", pick(rng, 0, 2), {{nullptr}}};
  if (rng.below(2) == 0) return {"read", {}, {{0}, {1}, {1}, {2}, {3}}};
  Asked asked{"read", {}, {}};
  for (int value = 0; value < 3; ++value) {
    asked.answers.push_back({Map{{"value", value}, {"ts", value + pick(rng, -1, 1)}}});
  }
  return asked;
}

Names monotonic_twin(const History& history) {
  Calls reads;
  std::vector<PlainCall> calls = plain_calls(history);
  for (const PlainCall& call : calls) {
    if (call.verb == "read" && call.ok()) reads.push_back(call);
  }
  if (reads.size() < 2) return {};
  auto value = [](const PlainCall& read) {
    return read.answer.is_map() ? read.answer.find("value")->integer() : read.answer.integer();
  };
  Names names;
  for (const PlainCall& read : reads) {
    std::int64_t most = 0;
    for (const PlainCall& call : calls) {
      bool counts = call.verb == "add" && call.may_have_happened() && call.invoked < read.completed;
      if (counts) most += call.asked.integer();
    }
    if (value(read) > most) names.insert("unexpected");
    bool own = false;
    bool other = false;
    for (const PlainCall& before : reads) {
      if (before.before(read) && value(before) > value(read)) {
        (before.process == read.process ? own : other) = true;
      }
      if (!before.answer.is_map() || !read.answer.is_map()) continue;
      std::int64_t first = before.answer.find("ts")->integer();
      std::int64_t second = read.answer.find("ts")->integer();
      bool wrong = first < second ? value(before) > value(read)
                                  : first == second && value(before) != value(read);
      if (wrong) names.insert("nonmonotonic-timestamp");
    }
    if (own)
      names.insert("nonmonotonic-process");
    else if (other)
      names.insert("nonmonotonic");
  }
  return names;
}

TEST(Twins, of_monotonic) { compare({"monotonic counter"}, {ask_growing}, monotonic_twin); }

Asked ask_ids(Rng& rng, int) {
  return {"generate", {}, {{pick(rng, 1, 20)}, {"a"}, {List{1, pick(rng, 1, 9)}}}};
}

Names ids_twin(const History& history) {
  std::vector<PlainCall> calls = plain_calls(history);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (calls[i].ok() && calls[j].ok() && calls[i].answer == calls[j].answer) {
        return {"duplicate"};
      }
    }
  }
  return {};
}

TEST(Twins, of_unique_ids) { compare({"unique-ids unique-ids"}, {ask_ids, 5}, ids_twin); }

Asked ask_timestamp(Rng& rng, int fresh) {
  return {"timestamp", {}, {{fresh * 2 + pick(rng, -3, 3)}, {fresh * 2}, {fresh * 2}}};
}

Names timestamp_twin(const History& history) {
  Names names;
  std::vector<PlainCall> calls = plain_calls(history);
  for (const PlainCall& at : calls) {
    bool own = false;
    bool other = false;
    for (const PlainCall& before : calls) {
      if (!at.ok() || !before.ok() || &at == &before) continue;
      if (at.answer == before.answer) names.insert("duplicate");
      if (!before.before(at) || !(at.answer < before.answer)) continue;
      (before.process == at.process ? own : other) = true;
    }
    if (own)
      names.insert("nonmonotonic-process");
    else if (other)
      names.insert("nonmonotonic");
  }
  return names;
}

TEST(Twins, of_timestamp_oracle) {
  compare({"timestamp-oracle timestamp-oracle"}, {ask_timestamp}, timestamp_twin);
}

}  // namespace
}  // namespace sunder
