// What the clients of each datatype ask.

#include "tests/checker/support/small_histories.h"

namespace sunder::testing_support {
namespace {

using Answers = std::vector<PossibleAnswer>;

int pick(Rng& rng, int low, int high) { return static_cast<int>(rng.between(low, high)); }

// The value that a call puts in.
int value(Rng& rng, int fresh) { return fresh != 0 ? fresh : pick(rng, 1, 3); }

Answers answers(std::vector<Value> values) {
  Answers all;
  for (Value& value : values) all.push_back({std::move(value)});
  return all;
}

Answers numbers(int low, int high) {
  Answers all;
  for (int number = low; number <= high; ++number) all.push_back({number});
  return all;
}

Answers numbers_or_nil(int low, int high) {
  Answers all = numbers(low, high);
  all.push_back({});
  return all;
}

// What may be found where value() puts in.
Answers values_or_nil(int fresh) { return numbers_or_nil(1, fresh != 0 ? 7 : 3); }

/// All lists of the numbers 1 and 2 that are no longer than this.
Answers lists(std::size_t length) {
  std::vector<List> all{{}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() == length) break;
    for (int item : {1, 2}) {
      all.push_back(all[i]);
      all.back().emplace_back(item);
    }
  }
  return answers({all.begin(), all.end()});
}

Asked ask_log(Rng& rng, int) {
  switch (rng.below(5)) {
    case 0: return {"read", {}, lists(3)};
    case 1: return {"read", pick(rng, -1, 2), numbers_or_nil(1, 2)};
    case 2: return {"length", {}, numbers(0, 4)};
    default: return {"append", pick(rng, 1, 2), numbers_or_nil(0, 3)};
  }
}

Asked ask_register(Rng& rng, int fresh) {
  if (rng.below(2) == 0) return {"read", {}, values_or_nil(fresh)};
  return {"write", value(rng, fresh), answers({nullptr})};
}

Asked ask_cas_register(Rng& rng, int fresh) {
  if (rng.below(3) != 0) return ask_register(rng, fresh);
  Value pair = Value::pair(pick(rng, 1, 2), value(rng, fresh));
  return {"cas", pair, {{pair}, {pair, Phase::fail, "compare failed"}}};
}

Asked ask_counter(Rng& rng, int) {
  switch (rng.below(4)) {
    case 0: return {"add", pick(rng, -1, 2), answers({nullptr})};
    case 1: return {"decrement", nullptr, answers({nullptr})};
    default: return {"read", {}, numbers(-2, 3)};
  }
}

Value some_owner(Rng& rng) {
  int owner = pick(rng, 0, 3);
  return owner == 0 ? Value() : Value(owner);
}

Asked ask_lock(Rng& rng, Answers acquired) {
  if (rng.below(2) == 0) return {"acquire", some_owner(rng), std::move(acquired)};
  return {"release", some_owner(rng), answers({nullptr})};
}

Asked ask_plain_lock(Rng& rng, int) { return ask_lock(rng, answers({nullptr})); }
Asked ask_fenced_lock(Rng& rng, int) { return ask_lock(rng, numbers_or_nil(1, 4)); }

Asked ask_semaphore(Rng& rng, int) {
  int permits = rng.below(4) == 0 ? 2 : 1;
  return {rng.below(2) == 0 ? "acquire" : "release", permits, answers({nullptr})};
}

Asked ask_container(Rng& rng, int fresh) {
  if (rng.below(2) == 0) return {"add", value(rng, fresh), answers({nullptr})};
  Answers taken = values_or_nil(fresh);
  taken.push_back({nullptr, Phase::fail, "empty"});
  return {"take", {}, std::move(taken)};
}

Asked ask_grow_only_set(Rng& rng, int fresh) {
  switch (rng.below(4)) {
    case 0: return {"read", {}, answers({List{}, List{1}, List{2}, List{1, 2}, List{1, 3}})};
    case 1: return {"contains", pick(rng, 1, 2), answers({true, false})};
    default: return {"add", value(rng, fresh), answers({nullptr, true, false})};
  }
}

Asked ask_set(Rng& rng, int fresh) {
  if (rng.below(4) != 0) return ask_grow_only_set(rng, fresh);
  return {"remove", pick(rng, 1, 3), answers({nullptr, true, false})};
}

Asked ask_kv(Rng& rng, int) {
  const char* text = rng.below(2) == 0 ? "a" : "b";
  switch (rng.below(4)) {
    case 0: return {"put", text, answers({nullptr})};
    case 1: return {"append", text, answers({nullptr})};
    default:
      return {"get", {}, answers({"", "a", "b", "aa", "ab", "ba", "bb", "aba", "abb", "bab"})};
  }
}

Asked ask_leader(Rng& rng, int) {
  if (rng.below(3) == 0) return {"read", {}, numbers_or_nil(1, 3)};
  Answers told = numbers_or_nil(1, 3);
  told.push_back({true});
  told.push_back({false});
  return {"elect", pick(rng, 1, 3), std::move(told)};
}

Asked ask_multi_register(Rng& rng, int) {
  List asked;
  std::vector<List> answered{{}};
  for (std::uint64_t left = 1 + rng.below(2); left > 0; --left) {
    int key = pick(rng, 1, 2);
    int value = pick(rng, 1, 2);
    bool writes = rng.below(2) == 0;
    asked.push_back(List{writes ? ":w" : ":r", key, writes ? Value(value) : Value()});
    std::vector<List> longer;
    for (const List& before : answered) {
      for (const Value& found : {Value(), Value(1), Value(2)}) {
        if (writes && found != Value(value)) continue;
        longer.push_back(before);
        longer.back().push_back(List{writes ? ":w" : ":r", key, found});
      }
    }
    answered = std::move(longer);
  }
  return {"txn", asked, answers({answered.begin(), answered.end()})};
}

Asked ask_ids(Rng&, int) { return {"generate", {}, numbers(1, 9)}; }

}  // namespace

const std::vector<SmallLoad>& small_loads() {
  const OptionTexts none;
  const OptionTexts observed{{"failed-take", "observed"}};
  static const std::vector<SmallLoad> loads{
      {"append-only-log", {none, {{"first-offset", "1"}}}, ask_log},
      {"cas-register", {none, {{"failed-cas", "observed"}}, {{"initial", "1"}}}, ask_cas_register},
      {"counter", {none, {{"initial", "1"}}}, ask_counter},
      {"etcd", {none}, ask_cas_register},
      {"fenced-mutex", {none}, ask_fenced_lock},
      {"fifo-queue", {none, observed}, ask_container},
      {"g-set", {none}, ask_grow_only_set},
      {"kv", {none}, ask_kv},
      {"leader-registration", {none}, ask_leader},
      {"multi-register", {none, {{"initial", "1"}}}, ask_multi_register},
      {"mutex", {none}, ask_plain_lock},
      {"owner-lock", {none}, ask_plain_lock},
      {"priority-queue", {none, observed, {{"first", "largest"}}}, ask_container},
      {"reentrant-mutex", {none, {{"max-depth", "2"}}}, ask_plain_lock},
      {"register", {none, {{"initial", "1"}}}, ask_register},
      {"semaphore", {none, {{"permits", "2"}}, {{"permits", "3"}}}, ask_semaphore},
      {"set", {none}, ask_set},
      {"stack", {none, observed}, ask_container},
      {"unique-ids", {none}, ask_ids},
      {"unordered-queue", {none, observed}, ask_container},
  };
  return loads;
}

}  // namespace sunder::testing_support
