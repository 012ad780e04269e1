#pragma once
// What carries real packets knows of its links: rules by name, and what becomes of the next packet.

#include <string>
#include <vector>

#include "harness/core/link_rules.h"

namespace sunder {

/// Not thread-safe: its owner guards it.
class LinkTable {
 public:
  LinkTable(std::size_t nodes, const LinkModel& base, std::uint64_t seed);

  void impose(const std::string& rule, const std::vector<Link>& links, const LinkModel& model);
  void lift(const std::string& rule);
  std::vector<LinkRule> rules() const { return rules_.in_force(); }
  bool blocked(std::size_t source, std::size_t target) const {
    return rules_.blocked(at(source, target));
  }
  /// Of any link, between clients and a node too.
  bool blocked(Link link) const { return rules_.blocked(rules_.number_of(link)); }
  const LinkRules::Filter& filter(Link link) const {
    return rules_.filter(rules_.number_of(link));
  }
  bool holds(std::size_t source, std::size_t target) const {
    return rules_.holds(at(source, target));
  }

  /// When the copies of a packet are due, and whether a bit of it flips on the way. Those of one
  /// link stay in order unless a model says otherwise. REQUIRES: the link does not hold.
  struct Passage {
    std::uint8_t copies = 0;
    bool corrupt = false;
    std::array<Instant, 2> due{};
  };
  Passage carry(std::size_t source, std::size_t target, std::size_t bytes, Instant now);

 private:
  struct State {
    std::int64_t rate = 0;
    Instant free_at = at_start;   // of the sender's line, when the rate is limited
    Instant last_due = at_start;  // of the packet before
  };
  std::size_t at(std::size_t source, std::size_t target) const { return source * nodes_ + target; }
  void rules_changed();

  std::size_t nodes_;
  LinkRules rules_;
  std::vector<State> links_;
};

}  // namespace sunder
