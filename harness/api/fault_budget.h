#pragma once
// How much may be broken at a time, over all faults of a run together.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/link.h"
#include "harness/core/node_id.h"
#include "harness/core/rng.h"

namespace sunder {

enum class FaultLimit : std::uint8_t {
  any,       // whatever the faults like
  quorum,    // a majority of the nodes always runs, and its members reach each other
  minority,  // the same, and each fault strikes as many nodes as that leaves
};

std::string_view to_string(FaultLimit limit);

/// The book of what is broken. Faults book what they are about to break, and release it once it is
/// mended. Nodes that are stopped or stand still count, and links that carry nothing; clocks and
/// slow links cost nothing.
class FaultBudget {
 public:
  /// REQUIRES: limit is not any.
  FaultBudget(FaultLimit limit, std::span<const NodeId> nodes);

  /// Books as many of the wanted nodes for this fault as may be broken beside all that is; which,
  /// is drawn. Under `minority` others of `running` are added until a minority is broken. Returns
  /// the nodes that were booked now, ascending.
  std::vector<NodeId> book(const std::string& fault, const std::vector<NodeId>& wanted,
                           const std::vector<NodeId>& running, Rng& rng);
  /// Books all of the links or none. False: a majority would not be left.
  bool book(const std::string& fault, const std::vector<Link>& links);
  void release(const std::string& fault);
  void release(const std::string& fault, NodeId node);

  FaultLimit limit() const { return limit_; }
  /// How many nodes run and reach each other in both directions, by what is booked. Found greedily:
  /// never too many.
  std::size_t sound() const;

 private:
  bool majority_is_sound() const { return 2 * sound() > nodes_.size(); }
  bool try_to_book(const std::string& fault, NodeId node);

  FaultLimit limit_;
  std::vector<NodeId> nodes_;
  std::map<std::string, std::set<NodeId>> broken_;     // by fault
  std::map<std::string, std::vector<Link>> cut_;
};

}  // namespace sunder
