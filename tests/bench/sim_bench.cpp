// How fast the simulated world is by itself: nodes that do nothing but pass a token, with and
// without a disk, so that all the time is the simulator's. `events` counts simulated events.

#include <benchmark/benchmark.h>

#include "harness/sim/world.h"

namespace sunder {
namespace {

struct Token {
  static constexpr std::string_view type = "token";
  std::int64_t hops = 0;
  static constexpr auto fields() { return std::tuple{field("hops", &Token::hops)}; }
  bool operator==(const Token&) const = default;
};

/// Passes each token on to the next node and restarts a timer, as an election timer would be.
class RingNode final : public Node {
 public:
  RingNode(Runtime& runtime, bool durable) : runtime_(runtime), durable_(durable) {}
  void on_start() override { pass_on(0); }
  void on_message(const Envelope& envelope) override {
    pass_on(envelope.message.as<Token>()->hops + 1);
  }
  void on_timer(Timer) override { pass_on(0); }
  NodeStatus status() const override { return {.role = {}, .term = 0, .ready = true}; }

 private:
  void pass_on(std::int64_t hops) {
    runtime_.cancel_timer(timer_);
    timer_ = runtime_.start_timer(std::chrono::milliseconds(150));
    if (durable_) {
      runtime_.storage().append("token");
      runtime_.storage().sync();
    }
    auto next = static_cast<std::size_t>(runtime_.self().index + 1) % runtime_.peers().size();
    runtime_.send(runtime_.peers()[next], Token{hops});
    runtime_.trace(Event{.kind = "passed", .numbers = {{{"hops", hops}}}});
  }
  Runtime& runtime_;
  bool durable_;
  Timer timer_;
};

class SilentClient final : public Client {
 public:
  void invoke(const Op&, Complete complete) override { complete(Outcome::ok({})); }
};

void ring(benchmark::State& state) {
  Test test;
  test.nodes = 5;
  test.system.name = "ring";
  bool durable = state.range(0) != 0;
  test.system.make_node = [durable](Runtime& runtime, const SystemConfig&) {
    return std::make_unique<RingNode>(runtime, durable);
  };
  test.system.make_client = [](Channel&, const SystemConfig&) {
    return std::make_unique<SilentClient>();
  };
  std::uint64_t events = 0;
  for (auto _ : state) {
    test.seed = events;
    SimWorld world(test);
    world.await(at_start + std::chrono::seconds(5));
    benchmark::DoNotOptimize(world.record().messages);
    events += world.events();
  }
  state.counters["events"] = benchmark::Counter(static_cast<double>(events),
                                                benchmark::Counter::kIsRate);
}
BENCHMARK(ring)->Arg(0)->Arg(1)->ArgName("durable")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sunder

BENCHMARK_MAIN();
