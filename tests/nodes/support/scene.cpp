#include "tests/nodes/support/scene.h"

#include <gtest/gtest.h>

#include "catalogue/nodes.h"
#include "harness/core/assert.h"

namespace sunder::testing_support {
namespace {

// A trace file has these names for itself, so that a number under one of them would be lost.
void expect_own_names(Instant, NodeId, const Event& event) {
  for (const Event::Number& number : event.numbers) {
    for (std::string_view taken : {"time", "node", "event", "text"}) {
      EXPECT_NE(number.name, taken) << event.kind;
    }
  }
}

}  // namespace

Scene::Scene(const Cast& cast) {
  Registry<System> systems;
  add_all_nodes(systems);
  const System* system = systems.find(cast.system);
  ASSERT_MSG(system != nullptr, cast.system);
  test_.name = "scene";
  test_.seed = cast.seed;
  test_.nodes = cast.nodes;
  test_.concurrency = cast.nodes;
  test_.system = *system;
  Result<Options> options = Options::parse(system->options, cast.options);
  ASSERT_MSG(options, options.error().context);
  test_.config = {*options, cast.flaws};
  Nemesis hand;
  hand.name = "hand";
  hand.verbs = {"act"};
  hand.apply = [this](const Op&, FaultScene& scene, std::function<void(Outcome)> complete) {
    next_(scene.cluster, [complete](const Status& status) {
      complete(status ? Outcome::ok({}) : Outcome::fail(status.error().context));
    });
  };
  test_.nemeses.push_back(std::move(hand));
  for (int session = 0; session < cast.nodes; ++session) processes_.push_back(session);
  world_ = std::make_unique<SimWorld>(test_, SimOptions{.trace = expect_own_names});
  pass(std::chrono::seconds(1));
}

std::optional<Op> Scene::perform(Process process, std::string verb, Value value) {
  Op op{.process = process, .verb = std::move(verb), .value = std::move(value)};
  op.index = index_++;
  op.time = world_->now();
  world_->dispatch(op);
  Instant deadline = world_->now() + std::chrono::minutes(1);
  while (std::optional<Op> done = world_->await(deadline)) {
    if (done->process == process) return done;
  }
  return {};
}

std::optional<Op> Scene::act(int session, std::string verb, Value value) {
  std::int32_t& process = processes_.at(static_cast<std::size_t>(session));
  std::optional<Op> done = perform(Process{process}, std::move(verb), std::move(value));
  if (done && done->phase == Phase::info) process += test_.concurrency;
  return done;
}

Phase Scene::write(int session, std::int64_t key, std::int64_t value) {
  std::optional<Op> done = act(session, "write", Value::pair(Value(key), Value(value)));
  return done ? done->phase : Phase::info;
}

std::optional<Value> Scene::read(int session, std::int64_t key) {
  std::optional<Op> done = act(session, "read", Value::pair(Value(key), Value()));
  if (!done || done->phase != Phase::ok) return {};
  return done->value.list().at(1);
}

void Scene::reach(std::function<void(Cluster&, Cluster::Act)> act) {
  next_ = std::move(act);
  std::optional<Op> done = perform(Process::nemesis(0), "act", {});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->phase, Phase::ok) << done->error;
}

void Scene::cut_off(int node) {
  std::vector<Link> links;
  for (int other = 0; other < test_.nodes; ++other) {
    if (other == node) continue;
    links.push_back({NodeId::node(node), NodeId::node(other)});
    links.push_back({NodeId::node(other), NodeId::node(node)});
  }
  LinkModel cut{.blocked = true};
  reach([=](Cluster& c, Cluster::Act done) { c.impose("cut", links, cut, done); });
}

void Scene::heal() {
  reach([](Cluster& c, Cluster::Act done) { c.lift("cut", done); });
}
void Scene::kill(int node) {
  reach([=](Cluster& c, Cluster::Act done) { c.kill(NodeId::node(node), done); });
}
void Scene::start(int node) {
  reach([=](Cluster& c, Cluster::Act done) { c.start(NodeId::node(node), done); });
}
void Scene::step_clock(int node, Duration step) {
  reach([=](Cluster& c, Cluster::Act done) { c.step_clock(NodeId::node(node), step, done); });
}

bool Scene::all_ready() {
  bool ready = true;
  reach([&ready](Cluster& cluster, Cluster::Act done) {
    cluster.survey([&ready, done](const std::vector<NodeReport>& reports) {
      for (const NodeReport& report : reports) ready = ready && report.status.ready;
      done(Done{});
    });
  });
  return ready;
}

void Scene::pass(Duration duration) {
  Instant end = world_->now() + duration;
  while (world_->await(end)) {
  }
}

}  // namespace sunder::testing_support
