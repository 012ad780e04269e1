#pragma once
// How many intervals cover each place of a line, while intervals are taken away.

#include <cstdint>
#include <span>
#include <vector>

namespace sunder::linearizable {

/// A stretch of places, both ends included.
struct Stretch {
  std::uint32_t first;
  std::uint32_t last;
};

/// A segment tree over the places 0 .. count - 1. Each place is reported once, as soon as nothing
/// covers it; each watcher once, as soon as one of its places is reported.
class Coverage {
 public:
  Coverage(std::uint32_t count, std::span<const Stretch> intervals,
           std::span<const Stretch> watchers);

  /// Takes one interval away.
  void remove(Stretch interval);
  /// Reports what is new since the last call: places to `free` (if not null), in order, and the
  /// indexes of watchers to `woken`.
  void collect(std::vector<std::uint32_t>* free, std::vector<std::uint32_t>& woken);

 private:
  struct Node {
    std::int32_t least;  // of the places below, without what is added further up
    std::int32_t added;  // to all of them
  };

  template <class Visit>
  void parts(Stretch stretch, Visit visit) const;
  void pull(std::uint32_t node);
  void collect_below(std::uint32_t node, std::int32_t above, std::vector<std::uint32_t>* free,
                     std::vector<std::uint32_t>& woken);
  void wake(std::uint32_t node, std::vector<std::uint32_t>& woken);

  std::uint32_t size_ = 1;  // a power of two
  std::vector<Node> nodes_;
  // The watchers of a node are those whose stretch it is a part of: waiting_[from_[node]] ...
  std::vector<std::uint32_t> from_;
  std::vector<std::uint32_t> waiting_;
  std::vector<std::uint8_t> woken_;     // by node
  std::vector<std::uint8_t> reported_;  // by watcher
};

}  // namespace sunder::linearizable
