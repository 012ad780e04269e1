// How fast histories are read, in bytes of their files: the load of a register with 10 clients.

#include <benchmark/benchmark.h>

#include "harness/core/rng.h"
#include "harness/formats/formats.h"

namespace sunder {
namespace {

constexpr std::int32_t clients = 10;
constexpr int operations = 100'000;

// Each client has one operation open at a time; `write_op` appends an op in the format.
template <class WriteOp>
std::string text_of(WriteOp write_op) {
  Rng rng(1, Stream::of("formats-bench"));
  std::vector<std::optional<Op>> open(clients);
  std::string text;
  Op op;
  for (op.index = 0; op.index < 2 * operations; ++op.index) {
    op.time += Duration(rng.between(1, 90'000));
    op.process = Process{static_cast<std::int32_t>(rng.below(clients))};
    std::optional<Op>& waiting = open[static_cast<std::size_t>(op.process.id)];
    if (waiting) {
      op.verb = waiting->verb;
      op.value = waiting->value.is_nil() ? Value(rng.between(0, 99)) : waiting->value;
      op.phase = op.verb == "cas" && rng.chance({1, 2}) ? Phase::fail : Phase::ok;
      waiting.reset();
    } else {
      constexpr std::array<const char*, 3> verbs = {"read", "write", "cas"};
      op.phase = Phase::invoke;
      op.verb = verbs[rng.below(3)];
      op.value = {};
      if (op.verb == "write") op.value = Value(rng.between(0, 99));
      if (op.verb == "cas") {
        std::int64_t expected = rng.between(0, 99);
        op.value = Value::pair(Value(expected), Value(rng.between(0, 99)));
      }
      waiting = op;
    }
    write_op(text, op);
    text += '\n';
  }
  return text;
}

std::string edn_text() {
  return text_of([](std::string& text, const Op& op) { append_edn(text, op); });
}

std::string json_text() {
  return text_of([](std::string& text, const Op& op) { append_json(text, op); });
}

std::string etcd_log_text() {
  return text_of([](std::string& text, const Op& op) {
    text += "INFO  jepsen.util - " + std::to_string(op.process.id) + "\t:";
    text += std::string(to_string(op.phase)) + "\t:" + op.verb + '\t';
    append_edn(text, op.value);
  });
}

std::string porcupine_kv_text() {
  return text_of([](std::string& text, const Op& op) {
    text += "{:process " + std::to_string(op.process.id) + ", :type :";
    text += to_string(op.phase == Phase::fail ? Phase::ok : op.phase);
    std::string verb = op.verb == "read" ? "get" : op.verb == "write" ? "put" : "append";
    text += ", :f :" + verb + ", :key \"" + std::to_string(op.index % 10) + "\", :value ";
    bool asks = op.verb == "read" && op.phase == Phase::invoke;
    text += asks ? "nil}" : "\"x " + std::to_string(op.process.id) + " 17 y\"}";
  });
}

void read_text(benchmark::State& state, const std::string& text, Format format) {
  for (auto _ : state) {
    Result<LoadedHistory> loaded = parse_history(text, "bench", format);
    if (!loaded || loaded->history.size() != 2 * operations) {
      state.SkipWithError("the text was not read");
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void edn(benchmark::State& state) { read_text(state, edn_text(), Format::edn); }
BENCHMARK(edn)->Unit(benchmark::kMillisecond);

void jsonl(benchmark::State& state) { read_text(state, json_text(), Format::jsonl); }
BENCHMARK(jsonl)->Unit(benchmark::kMillisecond);

void etcd_log(benchmark::State& state) { read_text(state, etcd_log_text(), Format::etcd_log); }
BENCHMARK(etcd_log)->Unit(benchmark::kMillisecond);

void porcupine_kv(benchmark::State& state) {
  read_text(state, porcupine_kv_text(), Format::porcupine_kv);
}
BENCHMARK(porcupine_kv)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sunder

BENCHMARK_MAIN();
