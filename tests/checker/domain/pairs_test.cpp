// For each anomaly the smallest bad history that comes to mind, and the good one beside it.

#include <gtest/gtest.h>

#include <sstream>

#include "tests/checker/support/datatype_calls.h"
#include "tests/checker/support/domain_histories.h"

namespace sunder {
namespace {

using namespace testing_support;

/// One op after another: "0 add 5 = 5" is a whole call with its answer, "0 add 5 ?" one that ends
/// with info, "0 add 5 !" one that fails; "0> add 5" only begins and "0< add 5" ends ok. Each step
/// takes a millisecond. Values are EDN; nothing stands for nil.
History history(const std::vector<std::string>& steps) {
  HistoryBuilder builder;
  auto add = [&](int process, Phase phase, const std::string& verb, const std::string& value) {
    builder.add(Op{.time = instant_at(static_cast<std::int64_t>(builder.size()) * 1'000'000),
                   .process = Process{process},
                   .phase = phase,
                   .verb = verb,
                   .value = edn(value.empty() ? "nil" : value)});
  };
  for (const std::string& step : steps) {
    std::istringstream in(step);
    std::string who;
    std::string verb;
    std::string rest;
    in >> who >> verb >> std::ws;
    std::getline(in, rest);
    int process = who[0] - '0';
    if (who.size() == 2) {
      add(process, who[1] == '>' ? Phase::invoke : Phase::ok, verb, rest);
      continue;
    }
    std::size_t mark = rest.find_last_of("=?!");
    std::string asked = rest.substr(0, mark);
    while (asked.ends_with(' ')) asked.pop_back();
    add(process, Phase::invoke, verb, asked);
    bool ok = rest[mark] == '=';
    add(process,
        ok                  ? Phase::ok
        : rest[mark] == '?' ? Phase::info
                            : Phase::fail,
        verb, ok ? rest.substr(mark + 1) : asked);
  }
  return builder.take();
}

struct Pair {
  DomainCheck check;
  std::string anomaly;
  std::vector<std::string> bad;
  std::vector<std::string> good;
};

std::vector<Pair> set_pairs() {
  DomainCheck set{"set g-set"};
  DomainCheck full{"set-full g-set"};
  DomainCheck weak{"set-full g-set", {{"linearizable", "false"}}};
  DomainCheck causal{"causal-reverse g-set"};
  return {
      {set,
       "lost",
       {"0 add 1 =", "1 read = [2]", "2 add 2 =", "1 read = [2]"},
       {"0 add 1 =", "1 read = [2]", "2 add 2 =", "1 read = [2 1]"}},
      {set,
       "unexpected",
       {"0 add 1 =", "0 add 2 !", "1 read = [1 2]"},
       {"0 add 1 =", "0 add 2 ?", "1 read = [1 2]"}},
      {set, "duplicate", {"0 add 1 =", "1 read = [1 1]"}, {"0 add 1 =", "1 read = [1]"}},
      {full,
       "lost",
       {"0 add 1 =", "1 read = [1]", "1 read = []"},
       {"1 read = []", "0 add 1 =", "1 read = [1]"}},
      {full,
       "stale",
       {"0 add 1 =", "1 read = []", "1 read = [1]"},
       {"0> add 1", "1 read = []", "0< add", "1 read = [1]"}},
      {full,
       "stale",
       {"0> add 1", "1 read = [1]", "1 read = []", "0< add", "1 read = [1]"},
       {"0> add 1", "1 read = []", "1 read = [1]", "0< add", "1 read = [1]"}},
      {weak, "lost", {"0 add 1 =", "1 read = []"}, {"0 add 1 =", "1 read = []", "1 read = [1]"}},
      {full, "unexpected", {"0 add 1 =", "1 read = [1 7]"}, {"0 add 1 =", "1 read = [1]"}},
      {full,
       "premature",
       {"0 add 1 =", "1 read = [1 2]", "0 add 2 =", "1 read = [1 2]"},
       {"0 add 1 =", "0> add 2", "1 read = [1 2]", "0< add", "1 read = [1 2]"}},
      {full, "duplicate", {"0 add 1 =", "1 read = [1 1]"}, {"0 add 1 =", "1 read = [1]"}},
      {full,
       "reversed",
       {"1> read", "0 add 1 =", "0 add 2 =", "1< read [2]", "1 read = [1 2]"},
       {"1> read", "0 add 1 =", "0 add 2 =", "1< read [1]", "1 read = [1 2]"}},
      {full,
       "incomparable",
       {"0> add 1", "1> add 2", "2> read", "3> read", "2< read [1]", "3< read [2]", "0< add",
        "1< add", "2 read = [1 2]"},
       {"0> add 1", "1> add 2", "2> read", "3> read", "2< read [1]", "3< read [1 2]", "0< add",
        "1< add", "2 read = [1 2]"}},
      {causal,
       "causal-reverse",
       {"0 write 1 =", "0 write 2 =", "1 read = [2]"},
       {"0 write 1 =", "0 write 2 =", "1 read = [1]", "1 read = [2 1]"}},
      {causal,
       "causal-reverse",
       {"1> read", "0 write 1 =", "0 write 2 ?", "1< read [2]"},
       {"1> read", "0 write 1 ?", "2 write 2 =", "1< read [2]"}},
  };
}

std::vector<Pair> number_pairs() {
  DomainCheck counter{"counter counter"};
  DomainCheck monotonic{"monotonic counter"};
  DomainCheck by_process{"monotonic counter", {{"order", "process"}}};
  DomainCheck ids{"unique-ids unique-ids"};
  DomainCheck oracle{"timestamp-oracle timestamp-oracle"};
  return {
      {counter,
       "above-bounds",
       {"0 add 1 =", "0 add 1 !", "1 read = 2"},
       {"0 add 1 =", "0 add 1 ?", "1 read = 2"}},
      {counter,
       "below-bounds",
       {"0 add 2 =", "0 add -1 =", "1 read = 0"},
       {"0 add 2 =", "0 add -1 =", "1 read = 1"}},
      {counter,
       "impossible-value",
       {"0 add 2 ?", "1 add 4 ?", "2 read = 3"},
       {"0 add 2 ?", "1 add 4 ?", "2 read = 4"}},
      {counter,
       "nonmonotonic",
       {"0> add 1", "1 read = 1", "1 read = 0", "0< add"},
       {"0> add 1", "1 read = 0", "1 read = 1", "0< add"}},
      {counter,
       "nonlinearizable",
       {"0 add 1 ?", "1 add 2 ?", "2 read = 1", "2 read = 2"},
       {"0 add 1 ?", "1 add 2 ?", "2 read = 1", "2 read = 3"}},
      {monotonic,
       "nonmonotonic-process",
       {"0 add 2 ?", "1 read = 2", "1 read = 0"},
       {"0 add 2 ?", "1 read = 0", "1 read = 2"}},
      {monotonic,
       "nonmonotonic",
       {"0 add 2 ?", "1 read = 2", "2 read = 0"},
       {"0 add 2 ?", "1 read = 0", "2 read = 2"}},
      {by_process,
       "nonmonotonic-process",
       {"0 add 2 ?", "1 read = 2", "1 read = 0"},
       {"0 add 2 ?", "1 read = 2", "2 read = 0"}},
      {monotonic,
       "nonmonotonic-timestamp",
       {"0 add 2 ?", "1> read", "2 read = {:value 0 :ts 9}", "1< read {:value 2 :ts 8}"},
       {"0 add 2 ?", "1> read", "2 read = {:value 0 :ts 8}", "1< read {:value 2 :ts 9}"}},
      {monotonic,
       "unexpected",
       {"0 add 2 !", "1 read = 0", "1 read = 2"},
       {"0 add 2 ?", "1 read = 0", "1 read = 2"}},
      {ids,
       "duplicate",
       {"0 generate = \"a\"", "1 generate = \"a\""},
       {"0 generate = \"a\"", "1 generate = :a"}},
      {ids,
       "duplicate",
       {"0 generate = 1", "1> generate", "0 generate = 1"},
       {"0 generate = 1", "1> generate", "0 generate = 2"}},
      {oracle, "duplicate", {"0> ts", "1 ts = 5", "0< ts 5"}, {"0> ts", "1 ts = 5", "0< ts 4"}},
      {oracle, "nonmonotonic", {"0 ts = [1 2]", "1 ts = [1 1]"}, {"0 ts = [1 2]", "1 ts = [2 0]"}},
      {oracle, "nonmonotonic-process", {"0 ts = 3", "0 ts = 2"}, {"0 ts = 2", "0 ts = 3"}},
  };
}

std::vector<Pair> queue_pairs() {
  DomainCheck queue{"queue fifo-queue"};
  DomainCheck total{"total-queue unordered-queue"};
  DomainCheck fifo{"fifo-order fifo-queue"};
  DomainCheck priority{"priority-order priority-queue"};
  DomainCheck largest{"priority-order priority-queue", {{"first", "largest"}}};
  return {
      {queue, "unexpected", {"0 enqueue 1 !", "1 dequeue = 1"}, {"0 enqueue 1 ?", "1 dequeue = 1"}},
      {queue,
       "premature",
       {"1 dequeue = 1", "0 enqueue 1 ="},
       {"1> dequeue", "0 enqueue 1 =", "1< dequeue 1"}},
      {queue,
       "duplicate",
       {"0 enqueue 1 =", "1 dequeue = 1", "1 dequeue = 1"},
       {"0 enqueue 1 =", "0 enqueue 1 ?", "1 dequeue = 1", "1 dequeue = 1"}},
      {total,
       "lost",
       {"0 enqueue 1 =", "0 enqueue 2 =", "1 dequeue = 2", "1 drain = []"},
       {"0 enqueue 1 =", "0 enqueue 2 =", "1 dequeue = 2", "1 drain = [1]"}},
      {total,
       "lost",
       {"0 enqueue 1 =", "1 dequeue = nil"},
       {"0 enqueue 1 =", "1 dequeue = 1", "1 dequeue = nil"}},
      {total,
       "unexpected",
       {"0 enqueue 1 =", "1 drain = [1 9]"},
       {"0 enqueue 1 =", "0 enqueue 9 ?", "1 drain = [1 9]"}},
      {fifo,
       "reordered",
       {"0 enqueue 1 =", "0 enqueue 2 =", "1 dequeue = 2", "1 dequeue = 1"},
       {"0> enqueue 1", "1 enqueue 2 =", "0< enqueue", "1 dequeue = 2", "1 dequeue = 1"}},
      {fifo,
       "reordered",
       {"0 enqueue 1 =", "0 enqueue 2 =", "1 drain = [2 1]"},
       {"0 enqueue 1 =", "0 enqueue 2 =", "1 drain = [1 2]"}},
      {fifo,
       "overtaken",
       {"0 enqueue 1 =", "0 enqueue 2 =", "0 enqueue 3 =", "1 dequeue = 2", "1 dequeue = 3"},
       {"0 enqueue 1 =", "0 enqueue 2 =", "0 enqueue 3 =", "2 dequeue ?", "1 dequeue = 2",
        "1 dequeue = 3"}},
      {priority,
       "reordered",
       {"0 enqueue 1 =", "0 enqueue 2 =", "1 drain = [2 1]"},
       {"0 enqueue 2 =", "1 dequeue = 2", "0 enqueue 1 =", "1 drain = [1]"}},
      {priority,
       "overtaken",
       {"0 enqueue 1 =", "0 add 2 =", "0 add 3 =", "1 take = 2", "1 take = 3"},
       {"0 enqueue 5 =", "0 add 2 =", "0 add 3 =", "1 take = 2", "1 take = 3"}},
      {largest,
       "reordered",
       {"0 enqueue 2 =", "0 enqueue 1 =", "1 drain = [1 2]"},
       {"0 enqueue 1 =", "0 enqueue 2 =", "1 drain = [2 1]"}},
  };
}

std::vector<Pair> lock_pairs() {
  DomainCheck mutex{"mutex mutex"};
  DomainCheck owned{"mutex owner-lock"};
  DomainCheck semaphore{"semaphore semaphore", {{"permits", "2"}}};
  DomainCheck fenced{"fenced-lock fenced-mutex"};
  DomainCheck exclusive{"fenced-lock fenced-mutex", {{"exclusion", "true"}}};
  DomainCheck lease{"lease lease"};
  DomainCheck tolerant{"lease lease", {{"drift", "3ms"}}};
  return {
      {mutex,
       "double-hold",
       {"0 acquire =", "1 acquire ="},
       {"0 acquire =", "2 release =", "1 acquire ="}},
      {mutex,
       "unheld-release",
       {"0 acquire =", "0 release =", "1 release ="},
       {"0 acquire =", "0 release =", "1 release !"}},
      {owned,
       "double-hold",
       {"0 acquire =", "1 acquire =", "0 release ="},
       {"0 acquire =", "0> release", "1 acquire =", "0< release"}},
      {owned,
       "unheld-release",
       {"0 acquire =", "1 release ="},
       {"0 acquire =", "1 release = false"}},
      {semaphore,
       "too-many-holders",
       {"0 acquire 2 =", "1 acquire ="},
       {"0 acquire 2 =", "0 release =", "1 acquire ="}},
      {semaphore,
       "unheld-release",
       {"0 acquire =", "0 release 2 ="},
       {"0 acquire 2 =", "0 release 2 ="}},
      {fenced,
       "token-regressed",
       {"0 acquire = 5", "0 release =", "1 acquire = 4"},
       {"0 acquire = 5", "0 release =", "1 acquire = 6"}},
      {fenced,
       "duplicate-token",
       {"0> acquire", "1 acquire = 5", "0< acquire 5"},
       {"0> acquire", "1 acquire = 5", "0< acquire 6"}},
      {fenced,
       "stale-token",
       {"0 acquire = 1", "1 acquire = 2", "1 write [2 7] =", "0 write [1 8] ="},
       {"0 acquire = 1", "1 acquire = 2", "1 write [2 7] =", "0 write [1 8] !"}},
      {exclusive,
       "double-hold",
       {"0 acquire = 1", "1 acquire = 2"},
       {"0 acquire = 1", "0 release ?", "1 acquire = 2"}},
      {lease,
       "overlapping-leases",
       {"0 acquire = 9000000", "1 acquire = {:ttl 9000000}"},
       {"0 acquire = 2000000", "0 renew = 2000000", "1 renew !", "1 acquire = 9000000"}},
      {lease,
       "overlapping-leases",
       {"0 acquire = 4000000", "0 renew = 9000000", "1 acquire = 1500000"},
       {"0 acquire = 9000000", "0 release ?", "1 acquire = 2000000"}},
      {tolerant,
       "overlapping-leases",
       {"0 acquire = 9000000", "1 acquire = 9000000"},
       {"0 acquire = 6000000", "1 acquire = 6000000"}},
  };
}

std::vector<Pair> account_pairs() {
  DomainCheck bank{"bank bank", {{"accounts", "a,b"}, {"total", "10"}}};
  DomainCheck lenient{"bank bank",
                      {{"accounts", "2"}, {"total", "10"}, {"negative-balances", "true"}}};
  DomainCheck fork{"long-fork multi-register"};
  std::string moved = "0 transfer {:from :a :to :b :amount 3} =";
  std::string both = "0 read [[:r 1 nil] [:r 2 nil]] = ";
  return {
      {bank, "wrong-total", {moved, "1 read = {:a 3 :b 6}"}, {moved, "1 read = {:a 3 :b 7}"}},
      {bank,
       "negative-balance",
       {moved, "1 read = {:a -1 :b 11}"},
       {moved, "1 read = {:a 0 :b 10}"}},
      {bank, "missing-account", {moved, "1 read = {:b 10}"}, {moved, "1 read = {\"a\" 0 :b 10}"}},
      {bank,
       "unexpected-account",
       {moved, "1 read = {:a 3 :b 7 :c 0}"},
       {moved, "1 read = {:a 3 :b 7}"}},
      {bank, "nil-balance", {moved, "1 read = {:a 10 :b nil}"}, {moved, "1 read = {:a 10 :b 0}"}},
      {lenient,
       "wrong-total",
       {"0 transfer {:from 0 :to 1 :amount 3} =", "1 read = {0 -1 1 10}"},
       {"0 transfer {:from 0 :to 1 :amount 3} =", "1 read = {0 -1 1 11}"}},
      {fork,
       "long-fork",
       {"0 write [[:w 1 1]] ?", "1 write [[:w 2 1]] ?",
        "2 read [[:r 1 nil] [:r 2 nil]] = [[:r 1 1] [:r 2 nil]]",
        "3 txn [[:r 2 nil] [:r 1 nil]] = [[:r 2 1] [:r 1 nil]]"},
       {"0 write [[:w 1 1]] ?", "1 write [[:w 2 1]] ?",
        "2 read [[:r 1 nil] [:r 2 nil]] = [[:r 1 1] [:r 2 nil]]",
        "3 txn [[:r 2 nil] [:r 1 nil]] = [[:r 2 1] [:r 1 1]]"}},
      {fork,
       "unexpected",
       {"0 txn [[:w 1 1]] !", both + "[[:r 1 1] [:r 2 nil]]"},
       {"1 txn [[:w 1 1]] ?", both + "[[:r 1 1] [:r 2 nil]]"}},
      {fork,
       "premature",
       {both + "[[:r 1 1] [:r 2 nil]]", "1 txn [[:w 1 1]] ="},
       {"1> txn [[:w 1 1]]", both + "[[:r 1 1] [:r 2 nil]]", "1< txn [[:w 1 1]]"}},
  };
}

std::string send(int process, int value, const std::string& offset) {
  std::string text = std::to_string(value);
  return std::to_string(process) + " send [[:send :k " + text + "]] = [[:send :k [" + offset + " " +
         text + "]]]";
}
std::string poll(int process, const std::string& messages) {
  return std::to_string(process) + " poll [[:poll]] = [[:poll {:k [" + messages + "]}]]";
}

std::vector<Pair> log_pairs() {
  DomainCheck kafka{"kafka kafka"};
  DomainCheck strict{"kafka kafka", {{"allow", ""}}};
  std::string one = send(0, 1, "10");
  std::string two = send(0, 2, "12");
  std::string three = send(0, 3, "13");
  std::string whole = poll(9, "[10 1] [12 2] [13 3]");
  return {
      {kafka, "lost-write", {one, two, poll(1, "[12 2]")}, {one, two, poll(1, "[10 1] [12 2]")}},
      {kafka, "unexpected", {one, poll(1, "[10 1] [11 9]")}, {one, poll(1, "[10 1]")}},
      {kafka,
       "aborted-read",
       {one, "0 send [[:send :k 2]] !", poll(1, "[10 1] [12 2]")},
       {one, "0 send [[:send :k 2]] ?", poll(1, "[10 1] [12 2]")}},
      {kafka, "premature", {poll(1, "[10 1]"), one}, {one, poll(1, "[10 1]")}},
      {kafka, "duplicate", {one, poll(1, "[10 1] [11 1]")}, {one, poll(1, "[10 1]")}},
      {kafka,
       "inconsistent-offset",
       {one, send(2, 5, "10"), poll(1, "[10 1]"), poll(2, "[10 5]")},
       {one, send(2, 5, "11"), poll(1, "[10 1]"), poll(2, "[10 1] [11 5]")}},
      {kafka,
       "precommitted-read",
       {"0 txn [[:send :k 1] [:poll]] = [[:send :k [10 1]] [:poll {:k [[10 1]]}]]"},
       {"0 txn [[:send :k 1] [:poll]] = [[:send :k [10 1]] [:poll {}]]", poll(1, "[10 1]")}},
      {kafka,
       "poll-skip",
       {one, two, three, whole, poll(1, "[10 1]"), poll(1, "[13 3]")},
       {one, two, three, whole, poll(1, "[10 1]"), poll(1, "[12 2]")}},
      {kafka,
       "nonmonotonic-poll",
       {one, two, three, whole, poll(1, "[12 2]"), poll(1, "[12 2]")},
       {one, two, three, whole, poll(1, "[12 2]"), "1 assign [:k] =", poll(1, "[12 2]")}},
      {kafka,
       "int-poll-skip",
       {one, two, three, whole, poll(1, "[10 1] [13 3]")},
       {one, two, three, whole, "1 subscribe [:k] =", poll(1, "[10 1]"), poll(1, "[13 3]")}},
      {kafka,
       "int-nonmonotonic-poll",
       {one, two, three, whole, poll(1, "[12 2] [10 1]")},
       {one, two, three, whole, poll(1, "[10 1] [12 2]")}},
      {kafka,
       "nonmonotonic-send",
       {send(0, 1, "10"), send(0, 2, "9"), poll(1, "[9 2] [10 1]")},
       {send(0, 1, "10"), send(1, 2, "9"), poll(1, "[9 2] [10 1]")}},
      {kafka,
       "int-nonmonotonic-send",
       {"0 txn [[:send :k 1] [:send :k 2]] = [[:send :k [10 1]] [:send :k [9 2]]]",
        poll(1, "[9 2] [10 1]")},
       {"0 txn [[:send :k 1] [:send :k 2]] = [[:send :k [9 1]] [:send :k [10 2]]]",
        poll(1, "[9 1] [10 2]")}},
      {strict,
       "int-send-skip",
       {"0 txn [[:send :k 1] [:send :k 2]] = [[:send :k [10 1]] [:send :k [12 2]]]",
        send(1, 5, "11"), poll(1, "[10 1] [11 5] [12 2]")},
       {"0 txn [[:send :k 1] [:send :k 2]] = [[:send :k [10 1]] [:send :k [12 2]]]",
        poll(1, "[10 1] [12 2]")}},
  };
}

std::vector<Pair> txn_pairs() {
  DomainCheck committed{"txn-basics list-append"};
  DomainCheck dirty{"txn-basics list-append", {{"isolation", "read-uncommitted"}}};
  DomainCheck snapshot{"txn-basics list-append", {{"isolation", "snapshot"}}};
  DomainCheck strict{"txn-basics list-append", {{"isolation", "strict-serializable"}}};
  std::string one = "0 txn [[:append :x 1]] = [[:append :x 1]]";
  std::string two = "1 txn [[:append :x 2]] = [[:append :x 2]]";
  std::string both = "0 txn [[:append :x 1] [:append :x 2]] = [[:append :x 1] [:append :x 2]]";
  auto read = [](const std::string& list) {
    return "2 txn [[:r :x nil]] = [[:r :x " + list + "]]";
  };
  std::string twice =
      "2 txn [[:r :x nil] [:append :x 3] [:r :x nil]] = [[:r :x [1]] [:append :x 3] ";
  std::string update = "1 txn [[:r :x nil] [:append :x 2]] = [[:r :x [1]] [:append :x 2]]";
  std::string other = "2 txn [[:r :x nil] [:append :x 3]] = [[:r :x ";
  return {
      {committed,
       "G1a",
       {"0 txn [[:append :x 1]] !", read("[1]")},
       {"0 txn [[:append :x 1]] ?", read("[1]")}},
      {committed, "G1b", {both, read("[1]")}, {both, read("[1 2]")}},
      {dirty, "unexpected", {both, read("[1 7]")}, {both, read("[1]")}},
      {committed, "duplicate-elements", {one, read("[1 1]")}, {one, read("[1]")}},
      {committed,
       "premature",
       {read("[1]"), one},
       {"0> txn [[:append :x 1]]", read("[1]"), "0< txn [[:append :x 1]]"}},
      {committed,
       "incompatible-order",
       {one, two, read("[1 2]"), read("[2 1]")},
       {one, two, read("[1 2]"), read("[1]")}},
      {committed,
       "internal",
       {one, two, twice + "[:r :x [1 2]]]"},
       {one, two, twice + "[:r :x [1 2 3]]]"}},
      {snapshot,
       "internal",
       {one, two, twice + "[:r :x [1 2 3]]]"},
       {one, two, twice + "[:r :x [1 3]]]"}},
      {snapshot,
       "lost-update",
       {one, update, other + "[1]] [:append :x 3]]"},
       {one, update, other + "[1 2]] [:append :x 3]]"}},
      {strict,
       "stale-read",
       {one, two, read("[1]"), read("[1 2]")},
       {one, "1> txn [[:append :x 2]]", read("[1]"), "1< txn [[:append :x 2]]", read("[1 2]")}},
      {strict,
       "stale-read",
       {one, two, read("[1]")},
       {one, "1 txn [[:append :x 2]] ?", read("[1]")}},
  };
}

void expect_pairs(const std::vector<Pair>& pairs) {
  for (const Pair& pair : pairs) {
    Verdict bad = judge(pair.check, history(pair.bad));
    EXPECT_EQ(bad.validity, Validity::invalid)
        << pair.check.name << " " << pair.anomaly << ": " << bad.summary;
    EXPECT_EQ(anomaly_names(bad), std::set<std::string>{pair.anomaly}) << pair.check.name;
    for (const Anomaly& anomaly : bad.anomalies) {
      EXPECT_FALSE(anomaly.ops.empty()) << pair.check.name << " " << anomaly.explanation;
      EXPECT_TRUE(anomaly.explanation.ends_with('.')) << anomaly.explanation;
    }
    Verdict good = judge(pair.check, history(pair.good));
    EXPECT_EQ(good.validity, Validity::valid)
        << pair.check.name << " without " << pair.anomaly << ": " << good.summary;
  }
}

TEST(DomainPairs, of_sets) { expect_pairs(set_pairs()); }
TEST(DomainPairs, of_numbers) { expect_pairs(number_pairs()); }
TEST(DomainPairs, of_queues) { expect_pairs(queue_pairs()); }
TEST(DomainPairs, of_locks) { expect_pairs(lock_pairs()); }
TEST(DomainPairs, of_accounts_and_registers) { expect_pairs(account_pairs()); }
TEST(DomainPairs, of_logs) { expect_pairs(log_pairs()); }
TEST(DomainPairs, of_transactions) { expect_pairs(txn_pairs()); }

}  // namespace
}  // namespace sunder
