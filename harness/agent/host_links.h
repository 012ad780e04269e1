#pragma once
// What an agent on a host of its own does to its node's links: it cuts off what arrives, and bends
// what leaves.

#include <memory>
#include <string>
#include <vector>

#include "harness/agent/link_bender.h"
#include "harness/agent/link_plan.h"
#include "harness/agent/link_shaper.h"
#include "harness/agent/undo_journal.h"
#include "harness/core/value.h"
#include "harness/faultkit/cuts.h"

namespace sunder {

/// What bends packets: netem where the kernel has it and can do what is asked, else a queue of the
/// packet filter that we read; or one of the two alone.
enum class Packets : std::uint8_t { automatic, netem, queue };

/// Everything is in the journal before it is done. Not thread-safe.
class HostLinks {
 public:
  struct Place {
    std::uint8_t self = 0;               // nodes are numbered from 1
    std::vector<std::string> addresses;  // of all nodes, in order
    std::vector<std::uint16_t> spared;   // TCP ports that are never cut
    std::vector<std::uint16_t> ports;    // of nodes: only these are bent, and those of probes
    std::uint64_t seed = 0;
    std::vector<std::uint16_t> client_ports{};  // TCP ports at which clients ask our node
    Packets packets = Packets::automatic;
  };
  /// Nothing where it can be used, else why not.
  struct Means {
    Status netem = Done{};
    Status queue = Done{};
  };
  /// `journal` must outlive the links.
  explicit HostLinks(UndoJournal& journal) : journal_(journal) {}
  void settle(Place place);
  /// How links can be bent here, found out by settle().
  const Means& means() const { return means_; }

  /// From now on exactly this is cut off.
  Status cut(const Cuts& cuts);
  /// What was struck since settle().
  Result<CutCounts> counts() const;
  /// From now on exactly these rules bend what leaves: maps of a name, targets and a model.
  Status bend(const List& rules);
  /// Ends all of it, as far as the journal knows. Whether there was something.
  bool undo();
  /// By how much a bent packet was sent later than it should, at most, since this was last asked.
  Duration take_lateness() { return bender_ ? bender_->take_lateness() : Duration{0}; }

 private:
  Result<std::vector<LinkRule>> rules_from(const List& rules) const;
  Status bend_by(const LinkPlan& plan);
  Status shape(const LinkPlan& plan);
  Status treat(const LinkPlan& plan, const std::vector<std::uint16_t>& without = {});
  Status straighten();
  CutPlace cut_place() const;

  UndoJournal& journal_;
  Place place_;
  CutCounts counted_;  // by tables that are gone
  Means means_;
  LinkShaper shaper_{{}};
  std::unique_ptr<LinkBender> bender_;  // once something was to be bent by us
  bool laid_ = false;                   // the kernel's rules are there
};

}  // namespace sunder
