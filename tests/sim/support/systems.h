#pragma once
// Two tiny systems for tests of the simulated world, and a hand to drive it with.

#include <functional>
#include <optional>
#include <string>

#include "harness/sim/world.h"

namespace sunder::testing {

struct Ask {
  static constexpr std::string_view type = "ask";
  std::int64_t number = 0;
  static constexpr auto fields() { return std::tuple{field("number", &Ask::number)}; }
  bool operator==(const Ask&) const = default;
};
struct Answer {
  static constexpr std::string_view type = "answer";
  std::int64_t number = 0;
  static constexpr auto fields() { return std::tuple{field("number", &Answer::number)}; }
  bool operator==(const Answer&) const = default;
};

/// What every node of a scripted system does; empty functions do nothing.
struct Script {
  std::function<void(Runtime&)> start;
  std::function<void(Runtime&, const Envelope&)> message;
  std::function<void(Runtime&, Timer)> timer;
  std::function<Status(Runtime&, std::string_view, const Value&)> instruct{};
};

/// Verb "ask" sends Ask{value} to the client's home node; the first Answer completes it.
/// `script` must outlive the worlds made from it.
Test scripted_test(const Script& script, int nodes, std::uint64_t seed);

/// A counter at each node, shared by gossip and kept on disk. Verb "add": the home node appends,
/// syncs, answers with its sum and tells its peers. Not a sound protocol; busy with everything a
/// runtime offers.
Test counter_test(int nodes, int concurrency, std::uint64_t seed);

Op invocation(std::int32_t process, std::string verb, Value value);
/// Dispatches the op and waits for its completion, at most a minute.
std::optional<Op> perform(World& world, std::int32_t process, std::string verb, Value value);
/// Lets virtual time pass; completions in it are dropped.
void pass(World& world, Duration duration);

/// How tests reach the cluster: a nemesis whose only op, "act", calls a function of the test.
using Touch = std::function<void(Cluster&, std::function<void(Outcome)>)>;
class Hand {
 public:
  /// Adds its nemesis to the test; the hand must outlive the worlds made from it.
  explicit Hand(Test& test);
  Outcome reach(World& world, Touch touch);
  // The same for single acts; each fails the test when it is refused.
  void kill(World& world, int node);
  void start(World& world, int node);
  void pause(World& world, int node);
  void resume(World& world, int node);
  void impose(World& world, std::string rule, std::vector<Link> links, LinkModel model);
  void lift(World& world, std::string rule);
  LinkProbe probe(World& world);
  std::vector<NodeReport> survey(World& world);

 private:
  void act(World& world, std::function<void(Cluster&, Cluster::Act)> act);
  Touch next_;
};

Link link(int source, int target);  // zero-based nodes
/// Both directions of every link between the node and the others.
std::vector<Link> around(int node, int nodes);

}  // namespace sunder::testing
