#pragma once
// Which writes are causally after another.

#include <vector>

#include "checker/staleness/clusters.h"
#include "checker/weak/finding.h"

namespace sunder::staleness {

/// Searches forwards from a write along session order and reads-from.
class CausalReach {
 public:
  CausalReach(const Registers& registers, const Clusters& clusters)
      : registers_(registers), clusters_(clusters) {}

  struct Answer {
    Index overwriter = weak::initial;  // none
    bool decided = true;               // within the limits
  };
  /// A write of the same key that is causally after `write`, where there is one.
  /// No operation on the way can have been invoked after it, which bounds the search.
  Answer overwriter_of(Index write, const weak::Limits& limits);

 private:
  void list_readers();
  void reach(Index operation);

  const Registers& registers_;
  const Clusters& clusters_;
  std::vector<Index> readers_;             // of each write
  std::vector<std::uint32_t> readers_begin_;
  std::vector<Index> reached_;             // by session: all from here on were reached
  std::vector<std::uint32_t> touched_;     // sessions to forget before the next search
  struct Stretch {
    Index begin = 0;
    Index end = 0;
  };
  std::vector<Stretch> waiting_;
};

}  // namespace sunder::staleness
