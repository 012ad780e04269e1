#pragma once
// Who bends which link: the kernel's own shaping what it can do as the link model means it, the
// agent packet by packet all else.

#include <cstdint>
#include <map>
#include <vector>

#include "harness/core/link_rules.h"

namespace sunder {

struct LinkPlan {
  std::map<std::uint16_t, LinkModel> classes;    // of shaping, by number, which is never 0
  std::map<std::size_t, std::uint16_t> classed;  // targets by index, and the class of each
  std::vector<LinkRule> queued;                  // what is left, rules without links left out
};

/// REQUIRES: all links have the same source. Shaping takes a link under one single rule. Links that
/// do not mind share a class, and one that doubles packets is shaped only where nothing else is:
/// newer kernels refuse netem beside one that does.
LinkPlan plan_links(const std::vector<LinkRule>& rules, bool shaping);

}  // namespace sunder
