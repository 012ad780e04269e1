// The graph of transactions: each phenomenon in its smallest form, and random runs against the
// definition.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "harness/core/rng.h"
#include "nodes/txn/graph.h"

namespace sunder::txn {
namespace {

/// "b1" begins, "r1 x0" reads key x as transaction 0 left it, "w1 x" writes it, "c1" commits, "a1"
/// aborts. The first sentence that is broken, or nothing.
std::string first_broken(Level level, bool strong, const std::vector<std::string>& steps) {
  Graph graph;
  graph.expect(level, strong);
  std::int64_t time = 0;
  std::map<std::int64_t, std::int64_t> writes;
  std::map<std::pair<std::int64_t, char>, std::int64_t> numbers;  // of the last write
  for (const std::string& step : steps) {
    std::int64_t txn = step[1] - '0';
    Graph::Broken broken;
    switch (step[0]) {
      case 'b': graph.begin(NodeId::node(0), txn, 10 + txn); break;
      case 'r': {
        std::int64_t writer = step[4] - '0';
        std::int64_t number = step.size() > 5 ? step[5] - '0' : numbers[{writer, step[3]}];
        graph.read(txn, step[3], writer, writer == 0 ? 0 : number);
        break;
      }
      case 'w':
        numbers[{txn, step[3]}] = ++writes[txn];
        graph.write(txn, step[3], writes[txn]);
        break;
      case 'c':
        ++time;
        broken = graph.commit(txn, time, time);
        break;
      case 'a': broken = graph.abort(txn); break;
      default: break;
    }
    if (broken) return broken->sentence;
  }
  return {};
}

/// Expects that `name` is found at this level and at no weaker one.
void expect_phenomenon(const std::string& name, Level level, bool strong,
                       const std::vector<std::string>& steps) {
  std::string sentence = first_broken(level, strong, steps);
  EXPECT_NE(sentence.find(name + ":"), std::string::npos) << name << ": " << sentence;
  if (strong) {
    EXPECT_EQ(first_broken(level, false, steps), "") << name << " needs real time";
  }
  if (level == Level::read_uncommitted) return;
  auto weaker = static_cast<Level>(static_cast<int>(level) - 1);
  EXPECT_EQ(first_broken(weaker, false, steps), "") << name;
}

TEST(TxnGraph, WriteSkewBreaksSerializabilityOnly) {
  expect_phenomenon("G2-item", Level::serializable, false,
                    {"b1", "b2", "r1 x0", "r1 y0", "r2 x0", "r2 y0", "w1 x", "w2 y", "c1", "c2"});
}

TEST(TxnGraph, LostUpdatesAndReadSkewBreakSnapshots) {
  expect_phenomenon("G-single", Level::snapshot, false,
                    {"b1", "b2", "r1 x0", "r2 x0", "w1 x", "w2 x", "c1", "c2"});
  expect_phenomenon("G-single", Level::snapshot, false,
                    {"b1", "b2", "r1 x0", "w2 x", "w2 y", "c2", "r1 y2", "c1"});
}

TEST(TxnGraph, ALongForkBreaksSnapshots) {
  expect_phenomenon("G-nonadjacent", Level::snapshot, false,
                    {"b1", "b2", "b3", "b4", "w1 x", "w2 y", "c1", "c2", "r3 x1", "r3 y0", "r4 x0",
                     "r4 y2", "c3", "c4"});
}

TEST(TxnGraph, CircularInformationBreaksReadCommitted) {
  expect_phenomenon("G1c", Level::read_committed, false,
                    {"b1", "b2", "w1 x", "w2 y", "r1 y2", "r2 x1", "c1", "c2"});
}

TEST(TxnGraph, AbortedAndIntermediateReadsBreakReadCommitted) {
  std::vector<std::string> aborted{"b1", "b2", "w1 x", "r2 x1", "c2", "a1"};
  EXPECT_NE(first_broken(Level::read_committed, false, aborted).find("(G1a)"), std::string::npos);
  EXPECT_EQ(first_broken(Level::read_uncommitted, false, aborted), "");
  std::vector<std::string> intermediate{"b1", "b2", "w1 x", "r2 x11", "w1 x", "c1", "c2"};
  EXPECT_NE(first_broken(Level::read_committed, false, intermediate).find("(G1b)"),
            std::string::npos);
  EXPECT_EQ(first_broken(Level::read_uncommitted, false, intermediate), "");
}

TEST(TxnGraph, AReadOfThePastBreaksRealTime) {
  for (Level level : {Level::snapshot, Level::serializable}) {
    std::vector<std::string> steps{"b1", "w1 x", "c1", "b2", "r2 x0", "c2"};
    EXPECT_EQ(first_broken(level, false, steps), "");
    EXPECT_NE(first_broken(level, true, steps).find("G-single-realtime"), std::string::npos);
  }
}

// Fekete, O'Neil, O'Neil 2004: without the reader all would be in order.
TEST(TxnGraph, AReaderAloneCanBreakSerializability) {
  std::vector<std::string> without{"b1", "b2", "r1 x0", "r1 y0", "w2 y", "c2", "w1 x", "c1"};
  EXPECT_EQ(first_broken(Level::serializable, false, without), "");
  std::vector<std::string> with{"b1",    "b2",    "r1 x0", "r1 y0", "w2 y", "c2",
                                "b3",    "r3 x0", "r3 y2", "c3",    "w1 x", "c1"};
  EXPECT_NE(first_broken(Level::serializable, false, with).find("G2-item"), std::string::npos);
}

TEST(TxnGraph, ARestartForgetsWhatWasNotDurable) {
  for (std::int64_t kept : {0, 1}) {
    Graph graph;
    graph.expect(Level::serializable, true);
    graph.begin(NodeId::node(0), 1, 11);
    graph.write(1, 'x', 1);
    EXPECT_FALSE(graph.commit(1, 1, 1));
    EXPECT_FALSE(graph.restart(NodeId::node(0), kept)) << "nobody was told";
    EXPECT_EQ(graph.committed(1), kept == 1);
    Graph::Broken broken = graph.told(1);
    EXPECT_EQ(broken.has_value(), kept == 0);
    EXPECT_TRUE(!broken || broken->sentence.starts_with("durability"));
  }
}

TEST(TxnGraph, AnOpIsCommittedOnce) {
  Graph graph;
  for (std::int64_t txn : {1, 2}) graph.begin(NodeId::node(0), txn, 5);
  EXPECT_FALSE(graph.commit(1, 1, 1));
  Graph::Broken broken = graph.commit(2, 2, 2);
  ASSERT_TRUE(broken);
  EXPECT_TRUE(broken->sentence.starts_with("once only"));
}

/// A random run as a list of what happened, and the definition over it.
struct RandomRun {
  static constexpr std::size_t txns = 5;
  static constexpr int keys = 3;
  struct Txn {
    std::vector<std::pair<int, std::size_t>> reads;  // key, writer; 0: initial
    std::vector<int> writes;
    std::size_t begun = 0, committed = 0;  // positions; committed 0: never
    std::int64_t time = 0;
  };
  std::vector<Txn> all = std::vector<Txn>(txns + 1);  // 0 is the initial one
  using Relation = std::vector<std::vector<bool>>;
  Relation none() const {
    return Relation(txns + 1, std::vector<bool>(txns + 1, false));
  }

  // The writer that comes next after this one, 0: nobody.
  std::size_t next(int key, std::size_t writer) const {
    std::int64_t after = writer == 0 ? INT64_MIN : all[writer].time;
    std::size_t best = 0;
    for (std::size_t t = 1; t <= txns; ++t) {
      bool writes = std::count(all[t].writes.begin(), all[t].writes.end(), key) > 0;
      if (!writes || all[t].committed == 0 || all[t].time <= after) continue;
      if (best == 0 || all[t].time < all[best].time) best = t;
    }
    return best;
  }

  bool forbidden(Level level, bool strong) const {
    Relation plain = none();
    Relation anti = none();
    for (std::size_t t = 1; t <= txns; ++t) {
      if (all[t].committed == 0) continue;
      for (int key : all[t].writes) plain[t][next(key, t)] = true;
      for (const auto& [key, writer] : all[t].reads) {
        if (writer != 0 && all[writer].committed == 0) continue;
        if (level >= Level::read_committed) plain[writer][t] = true;
        if (level >= Level::snapshot) anti[t][next(key, writer)] = true;
      }
      for (std::size_t later = 1; strong && later <= txns; ++later) {
        if (all[later].committed != 0 && all[later].begun > all[t].committed) {
          plain[t][later] = true;
        }
      }
    }
    // No edge to itself counts, nor one of the initial transaction.
    for (std::size_t t = 0; t <= txns; ++t) {
      plain[t][t] = anti[t][t] = plain[t][0] = plain[0][t] = anti[t][0] = anti[0][t] = false;
    }
    Relation edges = plain;
    for (std::size_t a = 1; a <= txns; ++a) {
      for (std::size_t b = 1; b <= txns; ++b) {
        if (!anti[a][b]) continue;
        if (level != Level::snapshot) edges[a][b] = true;
        // An anti-dependency must be followed by something else.
        for (std::size_t c = 1; level == Level::snapshot && c <= txns; ++c) {
          if (plain[b][c]) edges[a][c] = true;
        }
      }
    }
    for (std::size_t k = 1; k <= txns; ++k) {
      for (std::size_t a = 1; a <= txns; ++a) {
        for (std::size_t b = 1; b <= txns; ++b) {
          if (edges[a][k] && edges[k][b]) edges[a][b] = true;
        }
      }
    }
    for (std::size_t t = 1; t <= txns; ++t) {
      if (edges[t][t]) return true;
    }
    return false;
  }
};

/// Plays a run into the graph; whether it told of a circle.
bool play(RandomRun& run, Rng& rng, Graph& graph) {
  std::vector<std::size_t> open;
  std::size_t begun = 0;
  std::size_t position = 0;
  bool circle = false;
  while (begun < RandomRun::txns || !open.empty()) {
    if (begun < RandomRun::txns && (open.empty() || rng.below(3) == 0)) {
      open.push_back(++begun);
      run.all[begun].begun = ++position;
      graph.begin(NodeId::node(0), static_cast<std::int64_t>(begun),
                  static_cast<std::int64_t>(begun));
      continue;
    }
    std::size_t at = rng.below(open.size());
    std::size_t txn = open[at];
    RandomRun::Txn& own = run.all[txn];
    auto id = static_cast<std::int64_t>(txn);
    int key = static_cast<int>(rng.below(RandomRun::keys));
    bool wrote = std::count(own.writes.begin(), own.writes.end(), key) > 0;
    switch (rng.below(5)) {
      case 0:
      case 1: {
        std::vector<std::size_t> versions{0};
        for (std::size_t t = 1; t <= begun; ++t) {
          const std::vector<int>& writes = run.all[t].writes;
          bool fits = t != txn && std::count(writes.begin(), writes.end(), key) > 0;
          if (fits && (run.all[t].committed != 0 || rng.below(6) == 0)) versions.push_back(t);
        }
        // Most often the newest.
        std::size_t writer = rng.below(3) != 0 ? versions.back()
                                               : versions[rng.below(versions.size())];
        own.reads.emplace_back(key, writer);
        graph.read(id, key, static_cast<std::int64_t>(writer), writer == 0 ? 0 : key + 1);
        break;
      }
      case 2:
      case 3:
        if (wrote) break;
        own.writes.push_back(key);
        graph.write(id, key, key + 1);
        break;
      default: {
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
        if (rng.below(8) == 0) break;  // stays open for ever
        own.committed = ++position;
        // Now and then not in order.
        own.time = static_cast<std::int64_t>(position) * 10 -
                   (rng.below(5) == 0 ? static_cast<std::int64_t>(rng.below(40)) : 0);
        for (std::size_t t = 1; t <= begun; ++t) {
          if (t != txn && run.all[t].time == own.time) own.time += 1;
        }
        Graph::Broken broken = graph.commit(id, own.time, id);
        circle = circle || (broken && broken->sentence.find("circle") != std::string::npos);
      }
    }
  }
  return circle;
}

TEST(TxnGraph, FindsJustTheCirclesThatTheDefinitionForbids) {
  const char* wanted = std::getenv("SUNDER_AGREEMENT");
  std::uint64_t total = wanted == nullptr ? 3000 : std::strtoull(wanted, nullptr, 10);
  for (Level level : {Level::read_uncommitted, Level::read_committed, Level::snapshot,
                      Level::serializable}) {
    for (bool strong : {false, true}) {
      std::uint64_t found = 0;
      for (std::uint64_t seed = 0; seed < total; ++seed) {
        Rng rng(seed, Stream::of("txn-graph"));
        RandomRun run;
        Graph graph;
        graph.expect(level, strong);
        bool circle = play(run, rng, graph);
        ASSERT_EQ(circle, run.forbidden(level, strong))
            << "seed " << seed << ", level " << static_cast<int>(level)
            << (strong ? " strong" : "");
        found += circle ? 1 : 0;
      }
      // The times of commits are one order for all keys, as the weakest level asks for.
      bool can_break = strong || level != Level::read_uncommitted;
      EXPECT_EQ(found > 0, can_break) << static_cast<int>(level) << strong;
      EXPECT_LT(found, total) << static_cast<int>(level) << strong;
    }
  }
}

}  // namespace
}  // namespace sunder::txn
