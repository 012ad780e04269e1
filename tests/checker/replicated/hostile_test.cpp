// Histories are what others wrote: whatever they say, there is a verdict.

#include <gtest/gtest.h>

#include "catalogue/checker.h"
#include "harness/core/history.h"
#include "harness/core/rng.h"
#include "tests/checker/support/histories.h"
#include "tests/checker/support/little_replicas.h"

namespace sunder {
namespace {

using namespace testing_support;

/// Values that are nearly what a checker of replicated datatypes reads.
class Nonsense {
 public:
  explicit Nonsense(std::uint64_t seed) : rng_(seed, Stream::of("nonsense")) {}

  History history() {
    static const char* const verbs[] = {"read",   "final-read", "log",       "write",
                                        "add",    "remove",     "increment", "decrement",
                                        "insert", "delete",     "cas"};
    HistoryBuilder builder;
    std::uint64_t ops = 2 + rng_.below(20);
    for (std::uint64_t i = 0; i < ops; ++i) {
      Op op;
      op.process.id = static_cast<std::int32_t>(rng_.below(4));
      op.phase = static_cast<Phase>(rng_.chance({1, 2}) ? 0 : rng_.below(4));
      op.verb = verbs[rng_.below(std::size(verbs))];
      op.value = rng_.chance({1, 2}) ? reply() : any(3);
      builder.add(op);
    }
    return builder.take();
  }

  /// Replaces a part of some replies.
  void spoil(std::vector<Op>& ops) {
    for (std::uint64_t i = 1 + rng_.below(3); i > 0; --i) {
      Op& op = ops[rng_.below(ops.size())];
      if (!op.value.is_map()) continue;
      Map& map = op.value.map();
      switch (rng_.below(5)) {
        case 0: map["seen"] = seen(); break;
        case 1: map["dot"] = pair(); break;
        case 2: map["replica"] = replica(); break;
        case 3: map["value"] = rng_.chance({1, 2}) ? number() : list(1); break;
        default: op.phase = static_cast<Phase>(rng_.below(4)); break;
      }
    }
  }

 private:
  Value any(int depth) {
    switch (rng_.below(depth == 0 ? 4 : 6)) {
      case 0: return {};
      case 1: return rng_.chance({1, 2});
      case 2: return number();
      case 3: return replica();
      case 4: return list(depth);
      default: return reply();
    }
  }
  Value number() {
    static constexpr std::int64_t numbers[] = {0, 1, 2, 3, -1, 1LL << 31, INT64_MAX, INT64_MIN};
    return numbers[rng_.below(std::size(numbers))];
  }
  Value replica() { return rng_.chance({1, 2}) ? "n1" : "n2"; }
  Value list(int depth) {
    List list;
    for (std::uint64_t i = rng_.below(4); i > 0; --i) list.push_back(any(depth - 1));
    return Value(std::move(list));
  }
  Value pair() { return Value::pair(replica(), number()); }
  Value seen() {
    Map map;
    for (std::uint64_t i = rng_.below(3); i > 0; --i) map.set(replica(), number());
    return Value(std::move(map));
  }
  Value reply() {
    Map map;
    if (rng_.chance({2, 3})) map["value"] = any(1);
    if (rng_.chance({2, 3})) map["seen"] = rng_.chance({9, 10}) ? seen() : any(1);
    if (rng_.chance({1, 2})) map["dot"] = rng_.chance({9, 10}) ? pair() : any(1);
    if (rng_.chance({1, 2})) map["stamp"] = Value::pair(number(), replica());
    if (rng_.chance({1, 4})) map["replica"] = any(0);
    if (rng_.chance({1, 4})) map["tag"] = any(0);
    if (rng_.chance({1, 4})) map["position"] = number();
    if (rng_.chance({1, 4})) {
      Map entry{{"dot", pair()}, {"tag", any(0)}, {"seen", seen()}, {"stamp", pair()}};
      map["log"] = List{Value(entry), any(1)};
    }
    return Value(std::move(map));
  }

  Rng rng_;
};

TEST(HostileHistories, OfReplicatedDatatypesGetAVerdict) {
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  for (std::uint64_t seed = 0; seed < 1'500; ++seed) {
    History history = Nonsense(seed).history();
    for (const CheckerEntry& entry : registry.all()) {
      if (!entry.datatype.starts_with("crdt-")) continue;
      CheckContext context{.keyed = seed % 8 == 0, .options = *Options::parse(entry.options, {})};
      context.time_budget = std::chrono::milliseconds(20);
      Verdict verdict = check(*entry.make(), context, history);
      EXPECT_FALSE(verdict.summary.empty());
      EXPECT_EQ(verdict.summary.find("itself failed"), std::string::npos) << verdict.summary;
    }
  }
}

TEST(HostileHistories, ThatAreNearlyRightGetAVerdict) {
  std::map<Validity, int> verdicts;
  for (LittleKind kind : little_kinds) {
    for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
      LittleLoad load{.kind = kind, .operations = 15, .logs = seed % 2 == 0, .info_per_mille = 200};
      std::vector<Op> ops = little_history(seed, load);
      Nonsense(seed).spoil(ops);
      std::string model = kind == LittleKind::list ? "strong-list " : "eventual ";
      CheckContext context{.time_budget = std::chrono::milliseconds(200)};
      Verdict verdict = verdict_of(model + datatype_of(kind), built(ops),
                                   {{"causal", seed % 3 == 0 ? "true" : "false"}}, context);
      EXPECT_FALSE(verdict.summary.empty());
      EXPECT_EQ(verdict.summary.find("itself failed"), std::string::npos) << verdict.summary;
      ++verdicts[verdict.validity];
    }
  }
  EXPECT_GT(verdicts[Validity::valid], 500);
  EXPECT_GT(verdicts[Validity::invalid], 1'000);
  EXPECT_GT(verdicts[Validity::unknown], 500);
}

}  // namespace
}  // namespace sunder
