#include "tests/checker/support/domain_histories.h"

#include "tests/checker/support/histories.h"

namespace sunder::testing_support {

Verdict judge(const DomainCheck& check, const History& history, bool keyed) {
  CheckContext context;
  context.keyed = keyed;
  return verdict_of(check.name, history, check.options, std::move(context));
}

std::set<std::string> anomaly_names(const Verdict& verdict) {
  std::set<std::string> names;
  const Value* counts = verdict.detail.find("anomalies");
  if (counts == nullptr || !counts->is_map()) return names;
  for (const MapEntry& entry : counts->map()) names.insert(entry.key.text());
  return names;
}

std::string text_of(const History& history) {
  std::string text;
  for (std::size_t i = 0; i < history.size(); ++i) {
    text += std::to_string(i) + " " + describe(history[i].op()) + "\n";
  }
  return text;
}

std::vector<PlainCall> plain_calls(const History& history) {
  std::vector<PlainCall> calls;
  for (std::size_t i = 0; i < history.size(); ++i) {
    OpView op = history[i];
    if (op.phase != Phase::invoke || !op.process.is_client()) continue;
    PlainCall call{.verb = std::string(op.verb),
                   .asked = op.value.value(),
                   .process = op.process.id,
                   .invoked = i,
                   .invoked_at = nanoseconds(op.time)};
    if (op.pair != no_op) {
      OpView end = history[op.pair];
      call.phase = end.phase;
      call.completed = op.pair;
      call.completed_at = nanoseconds(end.time);
      if (call.ok()) call.answer = end.value.value();
    }
    calls.push_back(std::move(call));
  }
  return calls;
}

History random_history(const RandomLoad& load, std::uint64_t seed) {
  struct Thread {
    int process = 0;
    bool busy = false;
    Asked asked{};
  };
  Rng rng(seed, Stream::of("random domain history"));
  HistoryBuilder builder;
  std::vector<Thread> threads(static_cast<std::size_t>(load.processes));
  for (std::size_t i = 0; i < threads.size(); ++i) threads[i].process = static_cast<int>(i);
  std::int64_t now = 0;
  int invoked = 0;
  auto busy = [&] {
    return std::any_of(threads.begin(), threads.end(), [](const Thread& t) { return t.busy; });
  };
  while (invoked < load.operations || busy()) {
    Thread& thread = threads[rng.below(threads.size())];
    if (!thread.busy && invoked == load.operations) continue;
    now += rng.between(1, 3);
    Op op{.time = instant_at(now), .process = Process{thread.process}};
    if (!thread.busy) {
      thread.asked = load.ask(rng, ++invoked);
      op.value = thread.asked.arguments;
    } else {
      const PossibleAnswer& answer = thread.asked.answers[rng.below(thread.asked.answers.size())];
      std::uint64_t drawn = rng.below(100);
      bool crashes = drawn < load.crash_percent;
      bool fails = !crashes && drawn < load.crash_percent + load.fail_percent;
      op.phase = crashes ? Phase::info : fails ? Phase::fail : answer.phase;
      op.value = op.phase == Phase::ok ? answer.value : thread.asked.arguments;
      if (op.phase != Phase::ok) op.error = answer.error;
      if (crashes) thread.process += load.processes;
    }
    op.verb = thread.asked.verb;
    thread.busy = !thread.busy;
    builder.add(op);
  }
  return builder.take();
}

std::vector<Op> ops_of(const History& history) {
  std::vector<Op> ops;
  for (std::size_t i = 0; i < history.size(); ++i) ops.push_back(history[i].op());
  return ops;
}

History history_of(const std::vector<Op>& ops) {
  HistoryBuilder builder;
  for (const Op& op : ops) builder.add(op);
  return builder.take();
}

History simulate(RightObject& object, const SimulatedLoad& load, std::uint64_t seed) {
  struct Thread {
    Op op;
    bool busy = false;
    bool applied = false;
  };
  Rng rng(seed, Stream::of("simulated domain history"));
  HistoryBuilder builder;
  std::vector<Thread> threads(static_cast<std::size_t>(load.processes));
  for (int i = 0; i < load.processes; ++i) threads[static_cast<std::size_t>(i)].op.process.id = i;
  std::vector<Op> ghosts;  // crashed before their effect
  std::int64_t now = 0;
  std::size_t invoked = 0;
  auto begin = [&](Thread& thread, const Op& asked) {
    thread.op.verb = asked.verb;
    thread.op.value = asked.value;
    thread.op.phase = Phase::invoke;
    thread.op.time = instant_at(now);
    builder.add(thread.op);
    thread.op.phase = Phase::ok;
    thread.busy = true;
    thread.applied = false;
  };
  auto end = [&](Thread& thread) {
    thread.op.time = instant_at(now);
    builder.add(thread.op);
    if (thread.op.phase == Phase::ok) object.completed(thread.op);
    thread.busy = false;
  };
  auto crash = [&](Thread& thread, const Value& asked) {
    if (!thread.applied) ghosts.push_back(thread.op);
    thread.op.phase = Phase::info;
    thread.op.value = asked;
    end(thread);
    thread.op.process.id += load.processes;
  };
  std::vector<Value> asked(threads.size());
  auto busy = [&] {
    return std::any_of(threads.begin(), threads.end(), [](const Thread& t) { return t.busy; });
  };
  while (invoked < load.operations || busy()) {
    now += rng.between(1'000, 1'000'000);
    if (!ghosts.empty() && rng.chance({1, 20})) {
      if (rng.chance({1, 2})) object.apply(ghosts.back());
      ghosts.pop_back();
    }
    std::size_t at = rng.below(threads.size());
    Thread& thread = threads[at];
    if (!thread.busy && invoked == load.operations) continue;
    if (!thread.busy) {
      Op op = object.ask(rng, thread.op.process.id);
      asked[at] = op.value;
      ++invoked;
      begin(thread, op);
    } else if (rng.chance(load.crash)) {
      crash(thread, asked[at]);
    } else if (!thread.applied) {
      thread.op.time = instant_at(now);
      object.apply(thread.op);
      thread.applied = true;
    } else {
      end(thread);
    }
  }
  for (const Op& op : object.finale()) {
    now += 1'000'000;
    begin(threads[0], op);
    object.apply(threads[0].op);
    now += 1'000'000;
    end(threads[0]);
  }
  return builder.take();
}

}  // namespace sunder::testing_support
