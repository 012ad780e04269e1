#pragma once
// The edits that made a text, and how one that was made without some of them joins.

#include <vector>

#include "nodes/clock/vector.h"
#include "nodes/ttf/edit.h"

namespace sunder::ttf {

/// SOCT2's integration (Suleiman, Cart and Ferrie, "Serialization of Concurrent Operations in a
/// Distributed Collaborative Environment", GROUP 1997): the history is reordered, by exchanging
/// neighbours, so that what the new edit was made after comes before what it was made without;
/// then it is moved past the latter. Sites do that in different orders, and TP1 and TP2 make them
/// agree all the same.
class History {
 public:
  explicit History(const Mistakes& mistakes, bool as_arrived)
      : mistakes_(mistakes), as_arrived_(as_arrived) {}

  /// An edit of the text as it is.
  void add(std::int64_t origin, std::int64_t sequence, const Edit& edit) {
    entries_.push_back({edit, origin, sequence});
  }
  /// An edit of a site, made after so many edits of each site, all of which are here. Gives, and
  /// keeps, what it is of the text as it is.
  Edit integrate(std::int64_t origin, std::int64_t sequence, Edit edit,
                 const clock::VectorClock& seen);

 private:
  struct Entry {
    Edit edit;
    std::int64_t origin = 0;
    std::int64_t sequence = 0;
  };
  std::size_t first_unseen(const clock::VectorClock& seen) const;
  std::size_t separate(std::size_t from, const clock::VectorClock& seen);
  void exchange(std::size_t at);

  Mistakes mistakes_;
  bool as_arrived_;  // a flaw: nothing is reordered
  std::vector<Entry> entries_;
};

}  // namespace sunder::ttf
