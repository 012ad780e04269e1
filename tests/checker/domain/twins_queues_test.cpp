// Checks of queues against their definitions, written out naively. What is linearizable as a queue
// must pass each of them.

#include <gtest/gtest.h>

#include "tests/checker/support/twins.h"

namespace sunder {
namespace {

using namespace testing_support;
using Names = std::set<std::string>;
using Calls = std::vector<PlainCall>;

Asked ask_repeated(Rng& rng, int fresh) {
  if (rng.below(2) == 0) {
    return {
        "enqueue", rng.below(4) == 0 ? static_cast<int>(rng.between(1, 3)) : fresh, {{nullptr}}};
  }
  Asked asked{rng.below(8) == 0 ? "drain" : "dequeue", {}, {}};
  for (int i = 0; i < 4; ++i) {
    Value one = static_cast<int>(rng.between(1, std::max(1, fresh)));
    if (asked.verb == "dequeue") {
      asked.answers.push_back({one});
    } else {
      asked.answers.push_back({rng.below(2) == 0 ? List{} : List{one}});
    }
  }
  if (asked.verb == "dequeue") asked.answers.push_back({nullptr});
  return asked;
}

/// Of one element: who put it in and who took it out.
struct Trade {
  Calls in;   // that may have happened
  Calls out;  // ok ones, once for each time that it came out
  Calls all;  // all that tried to put it in
};

std::map<Value, Trade> trades(const Calls& calls) {
  std::map<Value, Trade> all;
  for (const PlainCall& call : calls) {
    if (call.verb == "enqueue") {
      all[call.asked].all.push_back(call);
      if (call.may_have_happened()) all[call.asked].in.push_back(call);
    } else if (call.ok() && call.verb == "drain") {
      for (const Value& element : call.answer.list()) all[element].out.push_back(call);
    } else if (call.ok() && !call.answer.is_nil()) {
      all[call.answer].out.push_back(call);
    }
  }
  return all;
}

// Whether each of these deliveries can have an enqueue of its own that began before it ended.
bool matched(const Calls& out, Calls in, std::size_t from = 0) {
  if (from == out.size()) return true;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i].invoked > out[from].completed) continue;
    Calls rest = in;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    if (matched(out, rest, from + 1)) return true;
  }
  return false;
}

void deliveries_twin(const Trade& trade, Names& names) {
  if (trade.out.empty()) return;
  if (trade.in.empty())
    names.insert("unexpected");
  else if (trade.out.size() > trade.in.size())
    names.insert("duplicate");
}

bool accepted(const Trade& trade) {
  return trade.out.size() <= trade.in.size() && matched(trade.out, trade.in);
}

void compare_queue(const std::string& check, bool total) {
  std::uint64_t bad = 0;
  for (std::uint64_t seed = 0; seed < 2 * histories_each(); ++seed) {
    History history = random_history({ask_repeated, 9}, seed);
    Calls calls = plain_calls(history);
    Names names;
    bool fine = true;
    for (const auto& [element, trade] : trades(calls)) {
      deliveries_twin(trade, names);
      fine = fine && accepted(trade);
    }
    std::uint64_t emptied = 0;
    std::size_t crashed = 0;
    for (const PlainCall& call : calls) {
      bool empties =
          call.ok() && (call.verb == "drain" || (call.verb == "dequeue" && call.answer.is_nil()));
      if (empties) emptied = std::max(emptied, call.invoked);
      if (call.phase != Phase::info || call.verb == "enqueue") continue;
      crashed += call.verb == "drain" ? 1000 : 1;
    }
    std::size_t missing = 0;
    for (const auto& [element, trade] : trades(calls)) {
      std::size_t old = 0;
      for (const PlainCall& in : trade.in) old += in.ok() && in.completed < emptied ? 1 : 0;
      if (old > trade.out.size()) missing += old - trade.out.size();
    }
    if (total && missing > crashed) {
      names.insert("lost");
      fine = false;
    }
    Verdict verdict = judge({check}, history);
    Names found = anomaly_names(verdict);
    ASSERT_EQ(verdict.validity == Validity::invalid, !fine) << check << "\n"
                                                            << text_of(history) << verdict.summary;
    found.erase("premature");  // which of several enqueues came too late is a matter of taste
    if (found != names) {
      ASSERT_TRUE(std::includes(names.begin(), names.end(), found.begin(), found.end()))
          << text_of(history) << verdict.summary;
    }
    bad += fine ? 0 : 1;
  }
  EXPECT_GT(bad, histories_each() / 20);
  EXPECT_LT(bad, 2 * histories_each() * 49 / 50);
}

TEST(Twins, of_queue) { compare_queue("queue unordered-queue", false); }
TEST(Twins, of_total_queue) { compare_queue("total-queue unordered-queue", true); }

Asked ask_distinct(Rng& rng, int fresh) {
  Asked asked = ask_repeated(rng, fresh);
  if (asked.verb == "enqueue") asked.arguments = (fresh * 7) % 11;
  for (PossibleAnswer& answer : asked.answers) {
    if (asked.verb == "dequeue" && rng.below(6) != 0) {
      answer.value = (static_cast<int>(rng.between(1, fresh)) * 7) % 11;
    }
  }
  if (asked.verb != "drain") return asked;
  List two{(static_cast<int>(rng.between(1, fresh)) * 7) % 11,
           (static_cast<int>(rng.between(1, fresh)) * 7) % 11};
  if (two[0] == two[1]) two.pop_back();
  asked.answers = {{two}, {List{}}};
  return asked;
}

struct Out {
  const PlainCall* call;
  std::size_t index;
};

std::optional<Out> out_of(const Calls& calls, const Value& element) {
  for (const PlainCall& call : calls) {
    if (!call.ok() || call.verb == "enqueue") continue;
    if (call.verb == "dequeue" && call.answer == element) return Out{&call, 0};
    if (call.verb != "drain") continue;
    const List& list = call.answer.list();
    auto at = std::find(list.begin(), list.end(), element);
    if (at != list.end()) return Out{&call, static_cast<std::size_t>(at - list.begin())};
  }
  return {};
}

bool out_before(const Out& a, const Out& b) {
  return a.call == b.call ? a.index < b.index : a.call->before(*b.call);
}

template <class MustComeFirst>
Names order_twin(const History& history, MustComeFirst first) {
  Calls calls = plain_calls(history);
  bool crashed = std::any_of(calls.begin(), calls.end(), [](const PlainCall& call) {
    return call.verb != "enqueue" && call.phase == Phase::info;
  });
  std::map<Value, Trade> all = trades(calls);
  Names names;
  for (const auto& [a, one] : all) {
    for (const auto& [b, other] : all) {
      bool plain = one.in.size() == 1 && one.out.size() <= 1 && other.in.size() == 1 &&
                   other.out.size() == 1 && a != b;
      if (!plain) continue;
      Out later = *out_of(calls, b);
      if (!first(a, one.in[0], b, other.in[0], *later.call)) continue;
      std::optional<Out> out = out_of(calls, a);
      if (!out && !crashed) names.insert("overtaken");
      if (out && out_before(later, *out)) names.insert("reordered");
    }
  }
  return names;
}

Names fifo_twin(const History& history) {
  return order_twin(history, [](const Value&, const PlainCall& a, const Value&, const PlainCall& b,
                                const PlainCall&) { return a.before(b); });
}

Names priority_twin(const History& history) {
  return order_twin(history,
                    [](const Value& a, const PlainCall& in, const Value& b, const PlainCall&,
                       const PlainCall& out) { return a < b && in.before(out); });
}

// The smallest counterexample decides which of the two names an anomaly gets, so both count as one.
void compare_order(const std::string& check, Names definition(const History&)) {
  std::uint64_t bad = 0;
  for (std::uint64_t seed = 0; seed < 2 * histories_each(); ++seed) {
    History history = random_history({ask_distinct, 8}, seed);
    bool expected = !definition(history).empty();
    bad += expected ? 1 : 0;
    Verdict verdict = judge({check}, history);
    ASSERT_EQ(verdict.validity == Validity::invalid, expected)
        << check << "\n"
        << text_of(history) << verdict.summary;
  }
  EXPECT_GT(bad, histories_each() / 20);
}

TEST(Twins, of_fifo_order) { compare_order("fifo-order fifo-queue", fifo_twin); }
TEST(Twins, of_priority_order) { compare_order("priority-order priority-queue", priority_twin); }

TEST(Twins, what_is_linearizable_passes_every_check_of_its_datatype) {
  const std::map<std::string, std::vector<std::string>> checks{
      {"fifo-queue", {"queue", "total-queue", "fifo-order"}},
      {"priority-queue", {"queue", "total-queue", "priority-order"}},
      {"unordered-queue", {"queue", "total-queue"}},
      {"mutex", {"mutex"}},
      {"owner-lock", {"mutex"}},
      {"fenced-mutex", {"fenced-lock"}},
      {"semaphore", {"semaphore"}},
      {"unique-ids", {"unique-ids"}},
      {"counter", {"counter"}}};
  for (const SmallLoad& load : small_loads()) {
    auto at = checks.find(load.datatype);
    if (at == checks.end()) continue;
    std::uint64_t passed = 0;
    std::uint64_t refuted = 0;
    for (std::uint64_t seed = 0; seed < histories_each(); ++seed) {
      SmallHistory made = small_history(load, seed);
      bool linearizable = linearizable_by_definition(load.datatype, made.history, made.options);
      for (const std::string& check : at->second) {
        OptionTexts options;
        for (const char* name : {"permits", "initial", "first", "failed-take"}) {
          bool queue = check == "queue" || check == "total-queue";
          bool own = std::string(name) == "failed-take" ? check == "total-queue" : !queue;
          bool known = made.options.contains(name) && own;
          if (known) options[name] = made.options.at(name);
        }
        if (check == "fenced-lock") options["exclusion"] = "true";
        Verdict verdict = judge({check + " " + load.datatype, options}, made.history);
        if (!linearizable) {
          refuted += verdict.validity == Validity::invalid ? 1 : 0;
          continue;
        }
        ++passed;
        ASSERT_NE(verdict.validity, Validity::invalid) << check << ", seed " << seed << "\n"
                                                       << text_of(made.history) << verdict.summary;
      }
    }
    EXPECT_GT(passed, 0u) << load.datatype;
    EXPECT_GT(refuted, 0u) << load.datatype;
  }
}

}  // namespace
}  // namespace sunder
