#pragma once
// What rules, by name, make of the links between some nodes: the same in every world.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/link.h"
#include "harness/core/node_id.h"

namespace sunder {

/// A fault that is in force on some links.
struct LinkRule {
  std::string name;
  std::vector<Link> links;
  LinkModel model;
};

/// Rules lie one after another on a link, as so many bad stretches of cable after the base model:
/// delays add up, what one loses is lost, the lowest rate and the lowest frame_max count; a link is
/// blocked, or holds, if any rule says so. Each rule draws from streams of its own, so that it
/// shifts no other's draws. Links are numbered source * nodes + target; those between all clients
/// and a node come after them, and rules may only block, refuse and reset there. Not thread-safe.
class LinkRules {
 public:
  /// What a link does to packets for what they are.
  struct Filter {
    std::vector<std::uint16_t> blocked_ports{};
    bool refuses = false;
    bool resets = false;
    bool passes_all() const { return blocked_ports.empty() && !refuses && !resets; }
  };
  LinkRules(std::size_t nodes, const LinkModel& base, std::uint64_t seed);

  /// The number of a link. Whoever is no node stands for all clients.
  std::size_t number_of(Link link) const;

  /// Imposing a name again replaces that rule.
  void impose(const std::string& name, const std::vector<Link>& links, const LinkModel& model);
  void lift(const std::string& name);
  std::vector<LinkRule> in_force() const;  // in the order imposed

  bool blocked(std::size_t link) const { return states_[link].blocked; }
  const Filter& filter(std::size_t link) const { return states_[link].filter; }
  bool holds(std::size_t link) const { return states_[link].holds; }
  std::int64_t rate(std::size_t link) const { return states_[link].rate; }
  bool limits_frames(std::size_t link) const { return states_[link].frame_max > 0; }
  /// Whether a frame of so many bytes is too large for the link.
  bool swallows(std::size_t link, std::size_t bytes) const {
    std::int64_t most = states_[link].frame_max;
    return most > 0 && static_cast<std::int64_t>(bytes) > most;
  }
  bool keeps_order(std::size_t link) const { return states_[link].keeps_order; }

  /// Probes have lanes of their own, so that looking changes nothing.
  enum class Lane : std::uint8_t { traffic, probe };
  Fate decide(std::size_t link, Lane lane);

  std::uint64_t base_draws(std::size_t link) const;  // for traffic
  std::uint64_t rule_draws() const { return rule_draws_; }

 private:
  using Lanes = std::vector<LinkLane>;  // of one link: for traffic, for probes
  struct State {
    bool blocked = false;
    bool holds = false;
    bool keeps_order = true;
    std::int64_t rate = 0;
    std::int64_t frame_max = 0;
    Filter filter{};
    Lanes lanes;  // of the base model
  };
  struct Rule {
    LinkRule said;
    std::vector<Lanes> lanes;  // by link; none where the rule does not apply
  };
  void recompute();
  void add(State& state, const LinkModel& model) const;
  Lanes lanes_for(const std::string& purpose, std::size_t link) const;

  std::size_t nodes_;
  LinkModel base_;
  std::uint64_t seed_;
  std::vector<State> states_;
  std::vector<Rule> rules_;  // in the order imposed
  std::uint64_t imposed_ = 0;  // how often, so that a rule draws anew each time it comes
  std::uint64_t rule_draws_ = 0;
};

}  // namespace sunder
