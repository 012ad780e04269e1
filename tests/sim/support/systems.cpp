#include "tests/sim/support/systems.h"

#include <gtest/gtest.h>

namespace sunder::testing {
namespace {

class ScriptNode final : public Node {
 public:
  ScriptNode(Runtime& runtime, const Script& script) : runtime_(runtime), script_(script) {}
  void on_start() override {
    if (script_.start) script_.start(runtime_);
  }
  void on_message(const Envelope& envelope) override {
    if (script_.message) script_.message(runtime_, envelope);
  }
  void on_timer(Timer timer) override {
    if (script_.timer) script_.timer(runtime_, timer);
  }
  Status instruct(std::string_view verb, const Value& value) override {
    return script_.instruct ? script_.instruct(runtime_, verb, value) : Node::instruct(verb, value);
  }
  NodeStatus status() const override { return {.role = "script", .term = 1, .ready = true}; }

 private:
  Runtime& runtime_;
  const Script& script_;
};

class AskClient final : public Client {
 public:
  explicit AskClient(Channel& channel) : channel_(channel) {
    channel_.on_receive([this](const Envelope& envelope) { receive(envelope); });
  }
  void invoke(const Op& invocation, Complete complete) override {
    complete_ = std::move(complete);
    channel_.send(channel_.home(), Ask{invocation.value.integer()});
  }

 private:
  void receive(const Envelope& envelope) {
    const Answer* answer = envelope.message.as<Answer>();
    if (answer == nullptr || !complete_) return;
    Complete complete = std::exchange(complete_, nullptr);
    complete(Outcome::ok(answer->number));
  }
  Channel& channel_;
  Complete complete_;
};

class CounterNode final : public Node {
 public:
  explicit CounterNode(Runtime& runtime) : runtime_(runtime) {}
  void on_start() override {
    Storage& storage = runtime_.storage();
    sum_ = static_cast<std::int64_t>(storage.log_end());
    runtime_.trace(Event{.kind = "recovered", .numbers = {{{"sum", sum_}}}});
    beat();
  }
  void on_message(const Envelope& envelope) override {
    if (const Ask* ask = envelope.message.as<Ask>()) {
      ++sum_;
      runtime_.storage().append("add " + std::to_string(ask->number));
      runtime_.storage().sync();
      runtime_.send(envelope.source, Answer{sum_});
      runtime_.trace(Event{.kind = "added", .numbers = {{{"sum", sum_}}}});
      for (NodeId peer : runtime_.peers()) {
        if (peer != runtime_.self()) runtime_.send(peer, Answer{sum_});
      }
      return;
    }
    heard_ = std::max(heard_, envelope.message.as<Answer>()->number);
  }
  void on_timer(Timer) override {
    std::int64_t peers = std::ssize(runtime_.peers());
    auto lucky = static_cast<std::size_t>(runtime_.rng().between(0, peers - 1));
    runtime_.probe("beat");
    runtime_.send(runtime_.peers()[lucky], Answer{sum_});
    runtime_.storage().put("heard", std::to_string(heard_));
    beat();
  }
  NodeStatus status() const override { return {.role = "counter", .term = 0, .ready = true}; }

 private:
  void beat() { runtime_.start_timer(std::chrono::milliseconds(20)); }
  Runtime& runtime_;
  std::int64_t sum_ = 0;
  std::int64_t heard_ = 0;
};

Test base_test(int nodes, int concurrency, std::uint64_t seed) {
  Test test;
  test.name = "sim test";
  test.seed = seed;
  test.nodes = nodes;
  test.concurrency = concurrency;
  test.system.name = "test system";
  test.system.messages = MessageCodec::of<Ask, Answer>();
  test.system.make_client = [](Channel& channel, const SystemConfig&) {
    return std::make_unique<AskClient>(channel);
  };
  return test;
}

}  // namespace

Test scripted_test(const Script& script, int nodes, std::uint64_t seed) {
  Test test = base_test(nodes, nodes, seed);
  test.system.make_node = [&script](Runtime& runtime, const SystemConfig&) {
    return std::make_unique<ScriptNode>(runtime, script);
  };
  return test;
}

Test counter_test(int nodes, int concurrency, std::uint64_t seed) {
  Test test = base_test(nodes, concurrency, seed);
  test.system.make_node = [](Runtime& runtime, const SystemConfig&) {
    return std::make_unique<CounterNode>(runtime);
  };
  return test;
}

Op invocation(std::int32_t process, std::string verb, Value value) {
  return Op{.process = Process{process}, .verb = std::move(verb), .value = std::move(value)};
}

std::optional<Op> perform(World& world, std::int32_t process, std::string verb, Value value) {
  world.dispatch(invocation(process, std::move(verb), std::move(value)));
  Instant deadline = world.now() + std::chrono::minutes(1);
  while (std::optional<Op> op = world.await(deadline)) {
    if (op->process.id == process) return op;
  }
  return {};
}

void pass(World& world, Duration duration) {
  Instant end = world.now() + duration;
  while (world.await(end)) {
  }
}

Hand::Hand(Test& test) {
  Nemesis nemesis;
  nemesis.name = "hand";
  nemesis.verbs = {"act"};
  nemesis.apply = [this](const Op&, FaultScene& scene, std::function<void(Outcome)> complete) {
    next_(scene.cluster, std::move(complete));
  };
  test.nemeses.push_back(std::move(nemesis));
}

Outcome Hand::reach(World& world, Touch touch) {
  next_ = std::move(touch);
  std::optional<Op> op = perform(world, -1, "act", {});
  EXPECT_TRUE(op);
  if (!op) return Outcome::info("no completion");
  return Outcome{op->phase, op->value, op->error};
}

void Hand::act(World& world, std::function<void(Cluster&, Cluster::Act)> act) {
  Outcome outcome = reach(world, [&](Cluster& cluster, std::function<void(Outcome)> complete) {
    act(cluster, [complete](const Status& status) {
      complete(status ? Outcome::ok({}) : Outcome::fail(status.error().context));
    });
  });
  EXPECT_EQ(outcome.phase, Phase::ok) << outcome.why;
}

void Hand::kill(World& world, int node) {
  act(world, [=](Cluster& c, Cluster::Act done) { c.kill(NodeId::node(node), done); });
}
void Hand::start(World& world, int node) {
  act(world, [=](Cluster& c, Cluster::Act done) { c.start(NodeId::node(node), done); });
}
void Hand::pause(World& world, int node) {
  act(world, [=](Cluster& c, Cluster::Act done) { c.pause(NodeId::node(node), done); });
}
void Hand::resume(World& world, int node) {
  act(world, [=](Cluster& c, Cluster::Act done) { c.resume(NodeId::node(node), done); });
}
void Hand::impose(World& world, std::string rule, std::vector<Link> links, LinkModel model) {
  act(world, [=](Cluster& c, Cluster::Act done) { c.impose(rule, links, model, done); });
}
void Hand::lift(World& world, std::string rule) {
  act(world, [=](Cluster& c, Cluster::Act done) { c.lift(rule, done); });
}

LinkProbe Hand::probe(World& world) {
  LinkProbe result;
  reach(world, [&](Cluster& cluster, std::function<void(Outcome)> complete) {
    cluster.probe_links([&result, complete](LinkProbe probe) {
      result = std::move(probe);
      complete(Outcome::ok({}));
    });
  });
  return result;
}

std::vector<NodeReport> Hand::survey(World& world) {
  std::vector<NodeReport> result;
  reach(world, [&](Cluster& cluster, std::function<void(Outcome)> complete) {
    cluster.survey([&result, complete](std::vector<NodeReport> reports) {
      result = std::move(reports);
      complete(Outcome::ok({}));
    });
  });
  return result;
}

Link link(int source, int target) { return Link{NodeId::node(source), NodeId::node(target)}; }

std::vector<Link> around(int node, int nodes) {
  std::vector<Link> links;
  for (int other = 0; other < nodes; ++other) {
    if (other == node) continue;
    links.push_back(link(node, other));
    links.push_back(link(other, node));
  }
  return links;
}

}  // namespace sunder::testing
