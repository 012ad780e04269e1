// The checker against the definitions, on small histories: some right, most changed at random.

#include <gtest/gtest.h>

#include "checker/replicated/decode.h"
#include "checker/replicated/judge.h"
#include "checker/replicated/record.h"
#include "tests/checker/support/asked.h"
#include "tests/checker/support/little_replicas.h"
#include "tests/checker/support/replicated_twin.h"

namespace sunder {
namespace {

using namespace replicated;
using namespace testing_support;

const Datatype& datatype_named(const std::string& name) {
  for (const Datatype& datatype : datatypes()) {
    if (datatype.name == name) return datatype;
  }
  ADD_FAILURE() << name;
  return datatypes().front();
}

std::string text_of(const std::vector<Op>& ops) {
  std::string text;
  for (const Op& op : ops) {
    append_json(text, op);
    text += '\n';
  }
  return text;
}

std::string text_of(const Demands& demands) {
  return std::string(demands.causal ? "causal " : "") + (demands.sessions ? "sessions " : "") +
         (demands.causal_arbitration ? "causal arbitration " : "") + "order " +
         std::to_string(static_cast<int>(demands.order));
}

/// Changes one answer, or one thing that a reply says it saw.
class Mutator {
 public:
  explicit Mutator(Rng& rng) : rng_(rng) {}

  void change(std::vector<Op>& ops) {
    std::vector<Op*> replies;
    for (Op& op : ops) {
      if (op.phase == Phase::ok && !op.value.is_nil()) replies.push_back(&op);
    }
    if (replies.empty()) return;
    Value& value = replies[rng_.below(replies.size())]->value;
    if (!value.is_map()) return state(value);
    Map& map = value.map();
    switch (rng_.below(4)) {
      case 0:
        if (value.find("dot") != nullptr) number(map["dot"].list()[1], 1);
        return;
      case 1:
        if (value.find("stamp") != nullptr) number(map["stamp"].list()[0], -100);
        return;
      case 2:
        if (value.find("value") != nullptr) return state(map["value"]);
        [[fallthrough]];
      default:
        if (value.find("seen") != nullptr) seen(map["seen"].map());
    }
  }

 private:
  void number(Value& value, std::int64_t least) {
    value = std::max(least, value.integer() + (rng_.chance({1, 2}) ? 1 : -1));
  }
  void seen(Map& map) {
    Value& count = map["n" + std::to_string(rng_.between(1, 2))];
    if (count.is_nil()) count = 0;
    number(count, 0);
  }
  void state(Value& value) {
    if (value.is_integer()) return number(value, 0);
    if (value.is_nil()) {
      value = rng_.between(1, 2);
      return;
    }
    List& list = value.list();
    if (!list.empty() && rng_.chance({1, 2})) {
      if (list.size() > 1 && rng_.chance({1, 2})) {
        std::swap(list[0], list[1]);
      } else {
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(rng_.below(list.size())));
      }
    } else {
      auto place = static_cast<std::ptrdiff_t>(rng_.below(list.size() + 1));
      list.emplace_back(rng_.between(1, 3));
      std::rotate(list.begin() + place, list.end() - 1, list.end());
    }
  }

  Rng& rng_;
};

struct Tally {
  std::uint64_t valid = 0;
  std::uint64_t invalid = 0;
  std::uint64_t unknown = 0;
};

Demands some_demands(Rng& rng, LittleKind kind) {
  Demands demands;
  demands.causal = rng.chance({1, 3});
  demands.sessions = rng.chance({2, 3});
  demands.causal_arbitration = kind == LittleKind::lww_register && rng.chance({1, 3});
  demands.order = static_cast<Demands::Order>(rng.below(3));
  return demands;
}

/// One history both ways. The checker may be undecided, never wrong.
void compare(const std::vector<Op>& ops, LittleKind kind, const Demands& demands, Tally& tally) {
  const Datatype& datatype = datatype_named(datatype_of(kind));
  Recorder recorder(datatype.kind, datatype.expects, false);
  History history = built(ops);
  for (std::size_t i = 0; i < history.size(); ++i) recorder.feed(history[i]);
  std::vector<Object> objects = recorder.take();
  if (!recorder.trouble().empty() || objects.empty()) return;
  Object& object = objects.front();
  bool witnessed = false;
  bool read = false;
  for (const Event& event : object.events) {
    witnessed |= event.witnessed;
    read |= event.answered;
  }
  if (!read) return;
  bool expected = witnessed ? twin_agrees(object, demands) : twin_explains(object, demands);
  Judgement judgement = judge(object, demands, Budget{}, "");
  if (judgement.validity == Validity::unknown) {
    ++tally.unknown;
    return;
  }
  ++(judgement.validity == Validity::valid ? tally.valid : tally.invalid);
  ASSERT_EQ(judgement.validity == Validity::valid, expected)
      << datatype.name << " " << text_of(demands) << "\n"
      << (judgement.anomalies.empty() ? "" : judgement.anomalies.front().explanation) << "\n"
      << text_of(ops);
}

LittleLoad small_load(Rng& rng, LittleKind kind, bool witness) {
  LittleLoad load{.kind = kind, .witness = witness, .logs = false};
  load.operations = 2 + rng.below(witness ? 6 : 3);
  load.replicas = 2;
  load.processes = static_cast<int>(2 + rng.below(2));
  load.domain = rng.between(1, 3);
  load.length = 2;
  load.causal = rng.chance({1, 2});
  load.finale = witness && rng.chance({1, 2});
  load.skew = static_cast<int>(rng.below(10));
  load.info_per_mille = rng.chance({1, 3}) ? 200 : 0;
  load.fail_per_mille = 0;
  load.gossip_per_mille = 600;
  return load;
}

Tally compare_many(LittleKind kind, bool witness, std::uint64_t histories) {
  Tally tally;
  for (std::uint64_t seed = 0; seed < histories; ++seed) {
    Rng rng(seed, Stream::of("replicated-twin", static_cast<std::uint64_t>(kind)));
    std::vector<Op> ops = little_history(seed, small_load(rng, kind, witness));
    std::uint64_t changes = rng.below(3);
    for (std::uint64_t i = 0; i < changes; ++i) Mutator(rng).change(ops);
    Demands demands = some_demands(rng, kind);
    compare(ops, kind, demands, tally);
    if (testing::Test::HasFatalFailure()) break;
  }
  return tally;
}

class Twin : public testing::TestWithParam<LittleKind> {};

TEST_P(Twin, AgreesWhereRepliesSayWhatTheySaw) {
  std::uint64_t histories = histories_asked(20'000);
  Tally tally = compare_many(GetParam(), true, histories);
  EXPECT_GT(tally.valid, histories / 4);
  EXPECT_GT(tally.invalid, histories / 4);
  EXPECT_LT(tally.unknown, histories / 25) << "of lost updates whose dots nobody names";
}

TEST_P(Twin, AgreesWhereTheyDoNot) {
  std::uint64_t histories = histories_asked(8'000);
  Tally tally = compare_many(GetParam(), false, histories);
  EXPECT_GT(tally.valid, histories / 4);
  EXPECT_GT(tally.invalid, histories / 8);
  // Of lists, causality cannot be proved, nor which of several deletes was seen.
  EXPECT_LT(tally.unknown, GetParam() == LittleKind::list ? histories / 3 : 1);
}

INSTANTIATE_TEST_SUITE_P(Datatypes, Twin, testing::ValuesIn(little_kinds), [](const auto& one) {
  std::string name = datatype_of(one.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace sunder
