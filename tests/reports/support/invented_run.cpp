#include "tests/reports/support/invented_run.h"

#include <algorithm>
#include <fstream>
#include <map>

#include "harness/api/nemesis.h"
#include "harness/core/rng.h"

namespace sunder {
namespace {

constexpr int nodes = 5;
constexpr int concurrency = 10;
constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t second = 1000 * millisecond;
constexpr std::int64_t cut_begin = 6 * second;
constexpr std::int64_t cut_end = 10 * second;
constexpr std::int64_t kill_begin = 13 * second;
constexpr std::int64_t kill_end = 15 * second;

/// A client operation before it is split into its two lines of history.
struct Invented {
  std::int32_t process;
  std::int64_t begin;
  std::int64_t effect;
  std::int64_t end;
  std::string verb;
  std::int64_t key;
  std::int64_t argument;
  std::int64_t old = 0;
  Phase phase = Phase::ok;
  Value answer{};
  std::string error{};
};

bool during(std::int64_t time, std::int64_t begin, std::int64_t end) {
  return time >= begin && time < end;
}

/// Ten clients, each with one operation at a time; those of cut-off or dead nodes time out.
std::vector<Invented> invent(Rng& rng) {
  std::vector<Invented> all;
  std::int64_t next_value = 1;
  for (std::int32_t client = 0; client < concurrency; ++client) {
    std::int32_t process = client;
    std::int64_t time = rng.between(0, 80 * millisecond);
    while (time < 20 * second) {
      bool cut = process % nodes < 2 && during(time, cut_begin, cut_end);
      bool dead = process % nodes == 2 && during(time, kill_begin, kill_end);
      std::int64_t wait =
          rng.between(600, 4000) * 1000 + (rng.chance({1, 30}) ? 20 * millisecond : 0);
      Invented one{process, time, time + wait / 2, time + wait, "read", rng.between(1, 4), 0};
      std::uint64_t dice = rng.below(10);
      if (dice >= 5) {
        one.verb = dice < 8 ? "write" : "cas";
        one.argument = next_value++;
        one.old = rng.between(1, std::max<std::int64_t>(1, next_value - 1));
      }
      if (cut || dead) {
        one.end = one.begin + 500 * millisecond;
        one.phase = dead ? Phase::fail : Phase::info;
        if (dead) one.end = one.begin + millisecond;
        one.error = dead ? "refused: connection refused" : "timed out";
        if (one.phase == Phase::info) process += concurrency;
      }
      time = one.end + rng.between(20, 120) * millisecond;
      all.push_back(std::move(one));
    }
  }
  return all;
}

/// Lets all operations take effect at their instants on perfect registers.
void take_effect(std::vector<Invented>& all) {
  std::sort(all.begin(), all.end(),
            [](const Invented& a, const Invented& b) { return a.effect < b.effect; });
  std::map<std::int64_t, Value> registers;
  for (Invented& one : all) {
    if (one.phase != Phase::ok) continue;
    Value& held = registers[one.key];
    if (one.verb == "read") {
      one.answer = Value::pair(one.key, held);
    } else if (one.verb == "write") {
      held = one.argument;
    } else if (held.is_integer() && (held.integer() == one.old || held.integer() % 3 == 0)) {
      one.old = held.integer();  // invented comparisons may as well be lucky
      held = one.argument;
    } else {
      one.phase = Phase::fail;
      one.error = "compare failed";
    }
  }
}

/// What became stale: the read, the write that it missed, and the older one that it saw.
struct Stale {
  std::size_t read = 0;
  std::size_t missed = 0;
  std::size_t seen = 0;
};

/// Turns one timed-out read behind the partition into an answer from before an acknowledged write.
Stale make_stale(std::vector<Invented>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    Invented& read = all[i];
    if (read.verb != "read" || read.phase != Phase::info || read.process % nodes != 0) continue;
    std::vector<std::size_t> before;
    for (std::size_t j = 0; j < i; ++j) {
      bool acked = all[j].phase == Phase::ok && all[j].verb != "read" && all[j].end < read.begin;
      if (all[j].key == read.key && acked) before.push_back(j);
    }
    if (before.size() < 4) continue;
    std::size_t missed = before.back();
    if (all[missed].verb != "write" || all[missed].begin < cut_begin) continue;
    read.phase = Phase::ok;
    read.error.clear();
    read.end = read.begin + 3 * millisecond;
    std::size_t seen = before[before.size() - 2];
    read.answer = Value::pair(read.key, all[seen].argument);
    return {i, missed, seen};
  }
  return {};
}

Value asked(const Invented& one) {
  if (one.verb == "read") return Value::pair(one.key, {});
  if (one.verb == "write") return Value::pair(one.key, one.argument);
  return Value::pair(one.key, Value::pair(one.old, one.argument));
}

Op fault_op(std::int64_t time, Phase phase, std::string verb, Value value) {
  return Op{0,
            instant_at(time),
            Process::nemesis(verb.find("part") == std::string::npos ? 1 : 0),
            phase,
            std::move(verb),
            std::move(value),
            phase == Phase::info ? "not confirmed" : ""};
}

std::vector<std::string> cut_links() {
  std::vector<std::string> links;
  for (int a = 1; a <= nodes; ++a) {
    for (int b = 1; b <= nodes; ++b) {
      if ((a <= 2) != (b <= 2)) links.push_back("n" + std::to_string(a) + ">n" + std::to_string(b));
    }
  }
  return links;
}

Value roles(const char* first, const char* fourth) {
  return Map{
      {"n1", first}, {"n2", "follower"}, {"n3", "follower"}, {"n4", fourth}, {"n5", "follower"}};
}

void add_fault(std::vector<Op>& ops, const std::string& kind, std::int64_t begin, std::int64_t end,
               const FaultReport& on, const FaultReport& off) {
  std::string start = kind == "partition" ? "start-partition" : "kill";
  std::string stop = kind == "partition" ? "stop-partition" : "start";
  Outcome outcome = outcome_of(on);
  ops.push_back(fault_op(begin, Phase::invoke, start, {}));
  ops.push_back(fault_op(begin + 40 * millisecond, outcome.phase, start, to_value(on)));
  ops.push_back(fault_op(end, Phase::invoke, stop, {}));
  ops.push_back(fault_op(end + 30 * millisecond, Phase::ok, stop, to_value(off)));
}

std::vector<Op> fault_ops(Story story) {
  std::vector<Op> ops;
  Map evidence{{"shape", "halves"},
               {"delivered", 8},
               {"lost", 12},
               {"probes", 1},
               {"groups", List{List{"n1", "n2"}, List{"n3", "n4", "n5"}}},
               {"roles_before", roles("leader", "follower")}};
  FaultReport cut{"partition", cut_links(), true, true, std::move(evidence)};
  FaultReport healed{
      "partition", {}, false, true, Map{{"delivered", 20}, {"lost", 0}, {"probes", 1}}};
  add_fault(ops, "partition", cut_begin, cut_end, cut, healed);
  FaultReport killed{
      "kill",
      {"n3"},
      true,
      story != Story::undecided,
      Map{{"processes", Map{{"n3", story == Story::undecided ? "running" : "stopped"}}}}};
  FaultReport started{"kill", {"n3"}, false, true, Map{{"processes", Map{{"n3", "running"}}}}};
  add_fault(ops, "kill", kill_begin, kill_end, killed, started);
  return ops;
}

struct Indexes {
  std::vector<std::uint64_t> invoke, complete;  // by position among the invented
};

History history_of(const std::vector<Invented>& all, std::vector<Op> ops, Indexes& indexes) {
  std::vector<std::pair<Op, std::ptrdiff_t>> lines;  // with 1 + position, negative: a completion
  for (Op& op : ops) lines.emplace_back(std::move(op), 0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Invented& one = all[i];
    auto at = static_cast<std::ptrdiff_t>(i) + 1;
    Process process{one.process};
    lines.emplace_back(
        Op{0, instant_at(one.begin), process, Phase::invoke, one.verb, asked(one), {}}, at);
    Value answer = one.answer.is_nil() ? asked(one) : one.answer;
    lines.emplace_back(Op{0, instant_at(one.end), process, one.phase, one.verb, answer, one.error},
                       -at);
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first.time < b.first.time; });
  indexes.invoke.resize(all.size());
  indexes.complete.resize(all.size());
  HistoryBuilder builder;
  for (const auto& [op, at] : lines) {
    std::uint64_t index = builder.add(op);
    if (at > 0) indexes.invoke[static_cast<std::size_t>(at - 1)] = index;
    if (at < 0) indexes.complete[static_cast<std::size_t>(-at - 1)] = index;
  }
  return builder.take();
}

Anomaly stale_anomaly(const std::vector<Invented>& all, const Stale& stale,
                      const Indexes& indexes) {
  const Invented& read = all[stale.read];
  const Invented& missed = all[stale.missed];
  const Invented& seen = all[stale.seen];
  auto number = [](std::int64_t value) { return std::to_string(value); };
  auto op = [&](std::size_t at) { return static_cast<std::int64_t>(indexes.complete[at]); };
  Anomaly anomaly{.name = "nonlinearizable"};
  anomaly.explanation =
      "On key " + number(read.key) + ", op " + number(op(stale.read)) + " (process " +
      number(read.process) + ") read " + number(seen.argument) + ". Op " +
      number(op(stale.missed)) + " had written " + number(missed.argument) +
      " and was acknowledged before that read began. The value " + number(seen.argument) +
      " was written by op " + number(op(stale.seen)) +
      " and overwritten since. No order of these operations lets the read return " +
      number(seen.argument) + ": it is a stale read.";
  for (std::size_t at : {stale.seen, stale.missed, stale.read}) {
    anomaly.ops.push_back(indexes.complete[at]);
  }
  std::sort(anomaly.ops.begin(), anomaly.ops.end());
  List candidates = {Map{{"op", op(stale.read)},
                         {"reason", "reads " + number(seen.argument) + ", but the register holds " +
                                        number(missed.argument)}}};
  List around;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].key != read.key || all[i].begin > read.end || all[i].end < seen.begin) continue;
    around.emplace_back(static_cast<std::int64_t>(indexes.invoke[i]));
    if (all[i].phase != Phase::info || all[i].verb != "write") continue;
    candidates.emplace_back(
        Map{{"op", op(i)},
            {"reason",
             "may take effect here, but then the "
             "register holds " +
                 number(all[i].argument) + ", which is not what was read either"}});
  }
  anomaly.detail = Map{{"key", read.key},
                       {"window", Map{{"begin", seen.begin}, {"end", read.end}}},
                       {"stuck_op", op(stale.read)},
                       {"last_states", List{missed.argument}},
                       {"candidates", std::move(candidates)},
                       {"ops", std::move(around)}};
  return anomaly;
}

Value test_of(Story story) {
  Map record{{"broken_invariants", List{}},
             {"messages", 48211},
             {"digest", "9f31c07ab2de5514"},
             {"probes", Map{{"election_lost", 2}, {"log_truncated", 3}, {"snapshot_sent", 0}}}};
  List lags;
  if (story == Story::undecided) {
    lags.emplace_back(Map{{"begin", 8 * second},
                          {"end", 9 * second},
                          {"worst", 140 * millisecond},
                          {"where", "run loop"}});
  }
  record["lags"] = std::move(lags);
  List flaws;
  if (story == Story::stale_read) flaws.emplace_back("local-reads");
  std::string flaw = story == Story::stale_read ? " --flaw local-reads" : "";
  return Map{
      {"name", "raft-register"},
      {"system", "raft"},
      {"workload", "register"},
      {"world", "sim"},
      {"nemeses", List{"partition", "kill"}},
      {"nodes", nodes},
      {"concurrency", concurrency},
      {"time_limit", "20s"},
      {"rate", 100},
      {"seed", "417"},
      {"flaws", std::move(flaws)},
      {"options", Map{{"heartbeat", "50ms"}}},
      {"claim", "linearizable"},
      {"datatype", "cas-register"},
      {"keyed", true},
      {"command", "sunder run raft -w register -n partition,kill --world sim --seed 417" + flaw},
      {"started", "2026-11-22T21:09:53.123Z"},
      {"version", "0.1.0"},
      {"op_timeout", "500ms"},
      {"world_record", std::move(record)}};
}

Verdict verdict_of(Story story, const std::vector<Invented>& all, const Stale& stale,
                   const Indexes& indexes) {
  Verdict linearizable{.checker = "linearizable",
                       .validity = Validity::valid,
                       .summary = "All 1914 operations on 4 keys are linearizable.",
                       .detail = Map{{"keys", 4}, {"operations", 1914}, {"configurations", 5210}}};
  if (story == Story::stale_read) {
    linearizable.validity = Validity::invalid;
    linearizable.anomalies.push_back(stale_anomaly(all, stale, indexes));
    linearizable.summary =
        "Not linearizable: a read returned a value that an acknowledged write had "
        "replaced before the read began.";
  } else if (story == Story::undecided) {
    linearizable.validity = Validity::unknown;
    linearizable.summary =
        "Undecided within the budget of time and memory: key 3 has 512 operations.";
  }
  Verdict evidence{.checker = "evidence",
                   .validity = Validity::valid,
                   .summary = "Operations succeeded, faults were confirmed, healing was proved."};
  return Verdict::all_of("run", {linearizable, evidence});
}

Value role(std::int64_t time, int node, const char* event, int term) {
  return Map{
      {"time", time}, {"node", "n" + std::to_string(node)}, {"event", event}, {"term", term}};
}

}  // namespace

ReportInput invented_run(Story story) {
  Rng rng(417, Stream::of("invented run"));
  std::vector<Invented> all = invent(rng);
  take_effect(all);
  Stale stale;
  if (story == Story::stale_read) stale = make_stale(all);
  Indexes indexes;
  ReportInput input;
  input.history = history_of(all, fault_ops(story), indexes);
  input.test = test_of(story);
  input.verdict = verdict_of(story, all, stale, indexes);
  input.windows = fault_windows(input.history);
  for (int node = 1; node <= nodes; ++node) input.trace.push_back(role(0, node, "follower", 0));
  input.trace.push_back(role(300 * millisecond, 1, "candidate", 1));
  input.trace.push_back(role(420 * millisecond, 1, "leader", 1));
  input.trace.push_back(role(cut_begin + 600 * millisecond, 4, "candidate", 2));
  input.trace.push_back(role(cut_begin + 800 * millisecond, 4, "leader", 2));
  input.trace.push_back(role(cut_end + 50 * millisecond, 1, "follower", 2));
  for (int node = 1; node <= nodes; ++node) {
    std::string& text = input.logs["n" + std::to_string(node) + "/node.log"].text;
    for (int line = 0; line < 200; ++line) {
      text += std::to_string(line / 10) + "." + std::to_string(line % 10) +
              "00000 info append accepted at index " + std::to_string(line * node) + "\n";
    }
  }
  return input;
}

void store_run(const ReportInput& input, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "test.json") << to_json(input.test);
  std::ofstream(folder / "verdict.json") << to_json(to_value(input.verdict));
  std::ofstream history(folder / "history.jsonl");
  for (std::size_t i = 0; i < input.history.size(); ++i) {
    std::string line;
    append_json(line, input.history[i].op());
    history << line << '\n';
  }
  std::ofstream trace(folder / "trace.jsonl");
  for (const Value& event : input.trace) trace << to_json(event) << '\n';
  for (const auto& [name, log] : input.logs) {
    std::filesystem::create_directories((folder / "nodes" / name).parent_path());
    std::ofstream(folder / "nodes" / name, std::ios::binary) << log.text;
  }
}

}  // namespace sunder
