// Lists: the weak and the strong specification, and what documents must be besides their order.

#include <gtest/gtest.h>

#include "checker/replicated/list_order.h"
#include "tests/checker/support/histories.h"
#include "tests/checker/support/little_replicas.h"

namespace sunder {
namespace {

using namespace testing_support;
using Counts = std::map<std::string, int>;

Value at(const char* element, int position) {
  return Map{{"value", element}, {"position", position}};
}
Value list(std::initializer_list<const char*> elements) {
  List list;
  for (const char* element : elements) list.emplace_back(element);
  return Value(std::move(list));
}
Value seen(const Counts& counts) {
  Map map;
  for (const auto& [replica, count] : counts) map[replica] = count;
  return Value(std::move(map));
}
Value found(Value document, const Counts& counts) {
  return Map{{"value", std::move(document)}, {"seen", seen(counts)}};
}
Value made(const char* replica, int counter, Value document, const Counts& counts) {
  Value reply = found(std::move(document), counts);
  reply.map()["dot"] = Value::pair(replica, counter);
  return reply;
}

std::string judged(const History& history, const std::string& model,
                   const std::map<std::string, std::string>& options = {}) {
  Verdict verdict = verdict_of(model + " crdt-list", history, options, {});
  if (verdict.validity == Validity::valid) return "valid";
  return verdict.anomalies.empty() ? verdict.summary : verdict.anomalies.front().name;
}

// Attiya et al., figure 1: x stands alone; a is put before it at one replica, b after it at
// another, and a third one deletes it. Jupiter may then answer "ba" everywhere, since x, which
// would order a before b, is gone.
History figure_1(const char* first, const char* second) {
  ScriptedHistory history;
  history.call(0, "insert", at("x", 0), made("n1", 1, list({"x"}), {}));
  history.call(1, "read", {}, found(list({"x"}), {{"n1", 1}}));
  history.call(2, "insert", at("a", 0), made("n2", 1, list({"a", "x"}), {{"n1", 1}}));
  history.call(3, "insert", at("b", 1), made("n3", 1, list({"x", "b"}), {{"n1", 1}}));
  history.call(4, "delete", "x", made("n4", 1, list({}), {{"n1", 1}}));
  history.call(5, "read", {},
               found(list({first, second}), {{"n1", 1}, {"n2", 1}, {"n3", 1}, {"n4", 1}}));
  return history.take();
}

TEST(List, OfJupiterIsWeakAndNotStrong) {
  EXPECT_EQ(judged(figure_1("b", "a"), "weak-list"), "valid");
  EXPECT_EQ(judged(figure_1("b", "a"), "eventual"), "valid");
  Verdict verdict = verdict_of("strong-list crdt-list", figure_1("b", "a"), {}, {});
  ASSERT_EQ(verdict.validity, Validity::invalid) << verdict.summary;
  EXPECT_EQ(verdict.anomalies.front().name, "order-cycle");
  EXPECT_EQ(verdict.anomalies.front().ops, (std::vector<std::uint64_t>{4, 5, 6, 7, 10, 11}));
  EXPECT_EQ(judged(figure_1("a", "b"), "strong-list"), "valid");
}

History two_readers(Value one, Value other, const Counts& of_other) {
  ScriptedHistory history;
  history.call(0, "insert", at("a", 0), made("n1", 1, list({"a"}), {}));
  history.call(1, "insert", at("b", 0), made("n2", 1, list({"b"}), {}));
  history.call(2, "read", {}, found(std::move(one), {{"n1", 1}, {"n2", 1}}));
  history.call(3, "insert", at("c", 9), made("n3", 1, list({"c"}), {}));
  history.call(4, "read", {}, found(std::move(other), of_other));
  return history.take();
}

TEST(List, OfEqualUpdatesIsTheSame) {
  const Counts same{{"n1", 1}, {"n2", 1}};
  History good = two_readers(list({"a", "b"}), list({"a", "b"}), same);
  History bad = two_readers(list({"a", "b"}), list({"b", "a"}), same);
  EXPECT_EQ(judged(good, "eventual"), "valid");
  EXPECT_EQ(judged(bad, "eventual"), "divergence");
}

TEST(List, AgreesOnSharedPairs) {
  const Counts more{{"n1", 1}, {"n2", 1}, {"n3", 1}};
  History good = two_readers(list({"a", "b"}), list({"a", "c", "b"}), more);
  History bad = two_readers(list({"a", "b"}), list({"b", "c", "a"}), more);
  EXPECT_EQ(judged(good, "strong-list"), "valid");
  EXPECT_EQ(judged(bad, "eventual"), "valid");
  EXPECT_EQ(judged(bad, "weak-list"), "order-conflict");
  EXPECT_EQ(judged(bad, "strong-list"), "order-conflict");
}

TEST(List, HasAnInsertedElementAtItsPosition) {
  auto played = [](int position, Value document) {
    ScriptedHistory history;
    history.call(0, "insert", at("a", 0), made("n1", 1, list({"a"}), {}));
    history.call(0, "insert", at("b", position), made("n1", 2, std::move(document), {{"n1", 1}}));
    return history.take();
  };
  EXPECT_EQ(judged(played(1, list({"a", "b"})), "eventual"), "valid");
  EXPECT_EQ(judged(played(9, list({"a", "b"})), "eventual"), "valid") << "the end is its place";
  EXPECT_EQ(judged(played(0, list({"a", "b"})), "eventual"), "wrong-position");
  EXPECT_EQ(judged(played(0, list({"a"})), "eventual"), "lost-element");
}

TEST(List, KeepsWhatIsNotDeletedAndNothingElse) {
  auto played = [](Value document) {
    ScriptedHistory history;
    history.call(0, "insert", at("a", 0), made("n1", 1, list({"a"}), {}));
    history.call(0, "insert", at("b", 1), made("n1", 2, list({"a", "b"}), {{"n1", 1}}));
    history.call(0, "delete", "a", made("n1", 3, list({"b"}), {{"n1", 2}}));
    history.call(1, "read", {}, found(std::move(document), {{"n1", 3}}));
    return history.take();
  };
  EXPECT_EQ(judged(played(list({"b"})), "strong-list"), "valid");
  EXPECT_EQ(judged(played(list({})), "strong-list"), "lost-element");
  EXPECT_EQ(judged(played(list({"a", "b"})), "strong-list"), "resurrected-element");
  EXPECT_EQ(judged(played(list({"b", "c"})), "strong-list"), "phantom-element");
  EXPECT_EQ(judged(played(list({"b", "b"})), "strong-list"), "duplicate-element");
}

TEST(List, WithAnElementTwiceIsNotJudged) {
  ScriptedHistory history;
  history.call(0, "insert", at("a", 0), made("n1", 1, list({"a"}), {}));
  history.call(0, "insert", at("a", 0), made("n1", 2, list({"a"}), {{"n1", 1}}));
  Verdict verdict = verdict_of("weak-list crdt-list", history.take(), {}, {});
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_NE(verdict.summary.find("op 0"), std::string::npos) << verdict.summary;
  EXPECT_NE(verdict.summary.find("op 2"), std::string::npos) << verdict.summary;
}

TEST(BareList, KeepsWhatNobodyAskedToDelete) {
  auto played = [](bool deletes, Value document) {
    ScriptedHistory history;
    history.call(0, "insert", at("a", 0), list({"a"}));
    history.call(1, "read", {}, list({"a"}));
    if (deletes) history.invoke(2, "delete", "a");
    history.call(1, "read", {}, std::move(document));
    return history.take();
  };
  EXPECT_EQ(judged(played(false, list({"a"})), "strong-list"), "valid");
  EXPECT_EQ(judged(played(true, list({})), "strong-list"), "valid");
  EXPECT_EQ(judged(played(false, list({})), "strong-list"), "lost-element");
  EXPECT_EQ(judged(played(false, list({})), "strong-list", {{"sessions", "false"}}), "valid");
  EXPECT_EQ(judged(played(false, list({"a", "z"})), "strong-list"), "phantom-element");
  EXPECT_EQ(judged(played(false, list({"a", "a"})), "eventual"), "duplicate-element");
}

TEST(BareList, NeverBringsBackWhatWasDeleted) {
  auto played = [](Value document) {
    ScriptedHistory history;
    history.call(0, "insert", at("a", 0), list({"a"}));
    history.call(0, "delete", "a", list({}));
    history.call(0, "read", {}, std::move(document));
    return history.take();
  };
  EXPECT_EQ(judged(played(list({})), "weak-list"), "valid");
  EXPECT_EQ(judged(played(list({"a"})), "weak-list"), "resurrected-element");
}

TEST(BareList, SaysWhenItCannotKnow) {
  ScriptedHistory history;
  history.call(0, "insert", at("a", 0), list({"a"}));
  Verdict verdict = verdict_of("weak-list crdt-list", history.take(), {{"causal", "true"}}, {});
  EXPECT_EQ(verdict.validity, Validity::unknown);
}

TEST(BareList, OfEqualInsertsIsTheSame) {
  auto played = [](const char* first, const char* second) {
    ScriptedHistory history;
    history.call(0, "insert", at("a", 0), list({"a"})).call(1, "insert", at("b", 0), list({"b"}));
    history.call(2, "read", {}, list({"a", "b"})).call(3, "read", {}, list({first, second}));
    return history.take();
  };
  EXPECT_EQ(judged(played("a", "b"), "eventual"), "valid");
  EXPECT_EQ(judged(played("b", "a"), "eventual"), "divergence");
}

// Long right histories with two neighbours swapped in one document.
TEST(List, WithTwoElementsSwappedIsRefuted) {
  int refuted = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<Op> ops = little_history(seed, {.kind = LittleKind::list, .operations = 400});
    for (std::size_t i = ops.size() / 2; i < ops.size(); ++i) {
      if (ops[i].phase != Phase::ok || ops[i].verb != "read") continue;
      List& document = ops[i].value.map()["value"].list();
      if (document.size() < 2) continue;
      std::swap(document[0], document[1]);
      break;
    }
    Verdict verdict = verdict_of("weak-list crdt-list", built(ops), {}, {});
    refuted += verdict.validity == Validity::invalid ? 1 : 0;
  }
  EXPECT_GE(refuted, 18) << "two elements may never meet in another document";
}

// Any documents at all against the two definitions, written down as they are.
class RandomDocuments {
 public:
  explicit RandomDocuments(std::uint64_t seed) : rng_(seed, Stream::of("documents")) {
    values_.intern(Value("replica"));
    for (std::int64_t i = 0; i < elements; ++i) values_.intern(Value(i));
    object_.kind = replicated::Kind::list;
    object_.values = &values_;
    object_.replicas = &values_;
    std::uint64_t count = 1 + rng_.below(5);
    for (std::uint64_t i = 0; i < count; ++i) add(static_cast<std::uint32_t>(i));
  }

  bool accepted(replicated::Demands::Order order) const {
    replicated::Findings findings{""};
    std::string open = check_list_order(object_, nullptr, order, {}, findings);
    EXPECT_EQ(open, "");
    return findings.none();
  }
  bool weak() const {
    for (const auto& a : documents_) {
      for (const auto& b : documents_) {
        if (!agree(a, b)) return false;
      }
    }
    return true;
  }
  bool strong() const {
    std::vector<std::int32_t> order;
    for (std::int32_t i = 0; i < elements; ++i) order.push_back(first + i);
    do {
      bool fits = true;
      for (const auto& document : documents_) fits &= agree(order, document);
      if (fits) return true;
    } while (std::next_permutation(order.begin(), order.end()));
    return false;
  }

 private:
  static constexpr std::int32_t elements = 5;
  static constexpr std::int32_t first = 2;  // ids of the table before them: nil and the replica

  // Mostly by one order, so that histories are wrong now and then.
  void add(std::uint32_t i) {
    std::vector<std::int32_t> document;
    for (std::int32_t e = 0; e < elements; ++e) {
      if (rng_.chance({1, 2})) document.push_back(first + e);
    }
    if (document.size() > 1 && rng_.chance({1, 3})) {
      std::swap(document[rng_.below(document.size())], document.front());
    }
    replicated::Event event{.invoked = 2 * i, .completed = 2 * i + 1, .answered = true};
    event.elements = {static_cast<std::uint32_t>(object_.elements.size()),
                      static_cast<std::uint32_t>(document.size())};
    object_.elements.insert(object_.elements.end(), document.begin(), document.end());
    object_.events.push_back(event);
    documents_.push_back(std::move(document));
  }

  static bool agree(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
    auto place = [](const std::vector<std::int32_t>& list, std::int32_t element) {
      return std::find(list.begin(), list.end(), element) - list.begin();
    };
    auto in = [&](const std::vector<std::int32_t>& list, std::int32_t element) {
      return place(list, element) != static_cast<std::ptrdiff_t>(list.size());
    };
    for (std::int32_t x : a) {
      for (std::int32_t y : a) {
        if (!in(b, x) || !in(b, y)) continue;
        if ((place(a, x) < place(a, y)) != (place(b, x) < place(b, y))) return false;
      }
    }
    return true;
  }

  Rng rng_;
  linearizable::ValueTable values_;
  replicated::Object object_;
  std::vector<std::vector<std::int32_t>> documents_;
};

TEST(List, OrderAgreesWithTheDefinitions) {
  int weak = 0;
  int strong = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    RandomDocuments documents(seed);
    ASSERT_EQ(documents.accepted(replicated::Demands::Order::weak), documents.weak()) << seed;
    ASSERT_EQ(documents.accepted(replicated::Demands::Order::strong), documents.strong()) << seed;
    weak += documents.weak() && !documents.strong() ? 1 : 0;
    strong += documents.strong() ? 1 : 0;
  }
  EXPECT_GT(weak, 40);
  EXPECT_GT(strong, 1'000);
}

}  // namespace
}  // namespace sunder
