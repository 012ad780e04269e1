#pragma once
// What the liars agreed on beforehand. They need not talk: everything follows from what all of
// them see.

#include "nodes/pbft/config.h"
#include "nodes/pbft/messages.h"

namespace sunder::pbft {

class Plan {
 public:
  Plan(const Config& config, std::size_t nodes) : config_(config), nodes_(nodes) {}

  bool is_faulty(NodeId node) const;
  bool is_liar(NodeId node) const { return is_among(config_, config_.liars, node, nodes_); }
  bool is_twin(NodeId node) const { return is_among(config_, config_.twins, node, nodes_); }

  /// Which of the two stories a correct replica hears, 0 or 1. Faulty ones hear the first.
  int story_for(NodeId node) const;
  /// The lie of the hour: mixed liars change it every few sequence numbers.
  Lie lie_at(std::int64_t view, std::int64_t sequence) const;
  Duration delay() const { return config_.lie_delay; }

 private:
  Config config_;
  std::size_t nodes_;
};

/// The second story of a batch: without its last request.
Batch second_story(const Batch& batch);

/// The same wrong answer from all of them.
Reply false_reply(Reply reply);

}  // namespace sunder::pbft
