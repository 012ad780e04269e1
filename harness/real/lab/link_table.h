#pragma once
// What the lab's switch knows of its links: rules by name, and what becomes of the next frame.

#include <string>
#include <vector>

#include "harness/core/link.h"
#include "harness/core/node_id.h"

namespace sunder {

/// Not thread-safe: the switch guards it. The rules mean what they mean in the simulator: a later
/// rule's model replaces an earlier one's; a link is blocked, or holds, while any rule says so.
class LinkTable {
 public:
  LinkTable(std::size_t nodes, const LinkModel& base, std::uint64_t seed);

  void impose(const std::string& rule, const std::vector<Link>& links, const LinkModel& model);
  void lift(const std::string& rule);
  const LinkModel& model(std::size_t source, std::size_t target) const;

  /// When the copies of a frame are due. Frames of one link stay in order, as jitter on a real path
  /// leaves them, unless the model reorders. REQUIRES: the link does not hold.
  struct Passage {
    std::uint8_t copies = 0;
    std::array<Instant, 2> due{};
  };
  Passage carry(std::size_t source, std::size_t target, std::size_t bytes, Instant now);

 private:
  struct State {
    LinkModel model;
    Rng rng;
    Instant free_at;   // of the sender's line, when the rate is limited
    Instant last_due;  // of the frame before
  };
  struct Rule {
    std::string name;
    std::vector<bool> covers;  // by link
    LinkModel model;
  };
  std::size_t at(std::size_t source, std::size_t target) const { return source * nodes_ + target; }
  void recompute();

  std::size_t nodes_;
  LinkModel base_;
  std::vector<State> links_;
  std::vector<Rule> rules_;  // in the order imposed
};

}  // namespace sunder
