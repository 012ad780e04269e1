#pragma once
// Which writes are causally after another.

#include <vector>

#include "checker/staleness/clusters.h"
#include "checker/weak/finding.h"

namespace sunder::staleness {

/// Searches forwards from a write along session order and reads-from.
class CausalReach {
 public:
  CausalReach(const Registers& registers, const Clusters& clusters);

  /// No read returned before its write was invoked. Then what is causally after a write was invoked
  /// after it had settled, and nothing on the way there was invoked later: that bounds searches.
  bool forward_in_time() const { return forward_in_time_; }

  struct Answer {
    Index overwriter = weak::initial;  // none
    bool decided = true;               // within the limits
  };
  /// A write of the same key that is causally after `write`, where there is one.
  Answer overwriter_of(Index write, const weak::Limits& limits);

 private:
  void list_readers();
  void reach(Index operation);

  const Registers& registers_;
  const Clusters& clusters_;
  bool forward_in_time_ = true;
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
