#pragma once
// The shapes of partitions: which links are cut so that who can still talk to whom.

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/options.h"
#include "nemesis/policy/targets.h"

namespace sunder {

/// What a partition cuts.
struct Cut {
  std::string shape;                        // as carried out
  std::vector<std::vector<NodeId>> groups;  // who still talks to whom; may overlap
  std::vector<Link> links;                  // ascending
};

/// The option by which a run says what its partitions look like: mix draws one of the others.
OptionSpec shape_option();
std::string draw_shape(const std::string& option, Rng& rng);

/// Settles which links a shape means now:
/// halves             two random halves
/// one                a random node alone
/// leader             the leader alone (a random node when none is known)
/// majority-minority  a random minority, in every other draw with the leader in it
/// majorities-ring    every node sees a majority, and no two the same one
/// bridge             two halves that only one node, which sees all, joins
/// one-way            a minority or the leader that can send but not receive, or receive but not
///                    send
/// bipartition        every node on a side drawn for it, neither side empty
/// link               one link, both ways: its nodes still see each other through the rest
/// link-one-way       one way of one link
/// n1,n3              these nodes on one side, the others on the other
/// The mix does not draw the last four: it is as old as the seeds that people have noted down.
/// A shape that these nodes are too few for becomes the next simpler one: ring, bridge, one.
Cut make_cut(std::string_view shape, const NodeReports& reports, Rng& rng);

}  // namespace sunder
