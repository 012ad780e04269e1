// A random load over standard input and output, judged as any history of ours.

#include <gtest/gtest.h>

#include "catalogue/checker.h"
#include "harness/api/checker.h"
#include "tests/cli/support/command.h"
#include "tests/stdio/support/maelstrom.h"

namespace sunder::stdio {
namespace {

constexpr std::int32_t clients = 6;
constexpr Duration run_time = std::chrono::seconds(4);

/// Maelstrom's lin-kv load, and what its clients make of the answers.
class Load {
 public:
  Load(Maelstrom& net, std::uint64_t seed) : net_(net), rng_(seed, Stream::of("load")) {
    for (std::int32_t i = 0; i < clients; ++i) threads_.push_back({Process{i}, {}, 0});
  }

  void step(Instant now) {
    for (Thread& thread : threads_) {
      if (thread.request == 0) {
        begin(thread, now);
      } else if (std::optional<Value> body = net_.answer(thread.request)) {
        end(thread, now, *body);
      } else if (now - thread.invocation.time > std::chrono::milliseconds(1500)) {
        finish(thread, now, Phase::info, {}, "no answer");
      }
    }
  }
  History history() { return builder_.take(); }
  std::size_t reads = 0;  // that were ok
  std::size_t cases = 0;  // compare-and-sets that were ok
  std::size_t unknown = 0;

 private:
  struct Thread {
    Process process;
    Op invocation;
    std::int64_t request;  // 0: none
  };

  void begin(Thread& thread, Instant now) {
    std::int64_t key = rng_.between(0, 2);
    std::int64_t first = rng_.between(0, 4);
    std::int64_t second = rng_.between(0, 4);
    Op op{.time = now, .process = thread.process, .phase = Phase::invoke};
    Map body;
    switch (rng_.below(3)) {
      case 0:
        op.verb = "read";
        op.value = Value::pair(key, Value());
        body = request("read", {{"key", key}});
        break;
      case 1:
        op.verb = "write";
        op.value = Value::pair(key, first);
        body = request("write", {{"key", key}, {"value", first}});
        break;
      default:
        op.verb = "cas";
        op.value = Value::pair(key, Value::pair(first, second));
        body = request("cas", {{"key", key}, {"from", first}, {"to", second}});
    }
    builder_.add(op);
    thread.invocation = op;
    std::string node = "n" + std::to_string(1 + thread.process.id % 3);
    thread.request = net_.send("c" + std::to_string(1 + thread.process.id), node, body);
  }

  void end(Thread& thread, Instant now, const Value& body) {
    std::int64_t code = code_of(body);
    const std::string& verb = thread.invocation.verb;
    Value value = thread.invocation.value;
    if (verb == "read" && (code == -1 || code == 20)) {
      ++reads;
      value.list()[1] = member_of(body, "value");
      return finish(thread, now, Phase::ok, value, "");
    }
    if (code == -1) {
      cases += verb == "cas" ? 1 : 0;
      return finish(thread, now, Phase::ok, value, "");
    }
    if (code == 20 || code == 22) return finish(thread, now, Phase::fail, {}, "compare failed");
    bool definite = code != 0 && code != 13;
    finish(thread, now, definite ? Phase::fail : Phase::info, {}, "refused: " + to_json(body));
  }

  void finish(Thread& thread, Instant now, Phase phase, Value value, const std::string& error) {
    Op op = thread.invocation;
    op.time = now;
    op.phase = phase;
    if (phase == Phase::ok) op.value = std::move(value);
    op.error = error;
    builder_.add(op);
    thread.request = 0;
    if (phase != Phase::info) return;
    ++unknown;
    thread.process.id += clients;
  }

  Maelstrom& net_;
  Rng rng_;
  std::vector<Thread> threads_;
  HistoryBuilder builder_;
};

Verdict judged(const History& history) {
  Registry<CheckerEntry> checkers;
  add_all_checker(checkers);
  const CheckerEntry* entry = checkers.find("linearizable cas-register");
  std::unique_ptr<Checker> checker = entry->make();
  CheckContext context{.keyed = true, .options = *Options::parse(entry->options, {})};
  return check(*checker, context, history);
}

class ThreeNodes : public testing::Test {
 protected:
  /// n1 is cut off for a while, and later n2 is killed and started again.
  Verdict judged_run(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"--system", "raft", "--stdio", "--data", data_.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Maelstrom net(arguments, 3);
    Load load(net, 1);
    auto began = std::chrono::steady_clock::now();
    bool killed = false;
    for (Duration at{0}; at < run_time; at = std::chrono::steady_clock::now() - began) {
      if (at > run_time / 8) net.cut_off("n1");
      if (at > run_time / 2) net.heal();
      if (at > run_time * 5 / 8 && !std::exchange(killed, true)) {
        net.kill("n2");
        net.start("n2");
      }
      load.step(Instant{at});
      net.carry(std::chrono::milliseconds(5));
    }
    EXPECT_GT(load.reads, 100u);
    EXPECT_GT(load.cases, 20u);
    EXPECT_GT(load.unknown, 0u);
    EXPECT_GT(net.dropped(), 0u);
    EXPECT_EQ(net.garbage(), std::vector<std::string>());
    return judged(load.history());
  }

 private:
  ScratchFolder data_;
};

TEST_F(ThreeNodes, OverStdioAreLinearizableUnderACutAndAKill) {
  Verdict verdict = judged_run({});
  EXPECT_EQ(verdict.validity, Validity::valid) << verdict.summary;
}

TEST_F(ThreeNodes, ThatReadLocallyAreCaughtInTheSameScene) {
  Verdict verdict = judged_run({"--flaw", "stale-local-read"});
  EXPECT_EQ(verdict.validity, Validity::invalid) << verdict.summary;
}

}  // namespace
}  // namespace sunder::stdio
