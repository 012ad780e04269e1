#pragma once
// One end of Jupiter's two-way protocol (Nichols and others, UIST 1995): operations go both ways at
// once, and each end transforms what it receives past what the other end had not seen.

#include <cstdint>
#include <deque>

#include "nodes/jupiter/edit.h"

namespace sunder::jupiter {

struct LinkFlaws {
  Mistakes mistakes;
  bool waiting_left_as_it_is = false;  // own operations are not moved past received ones
};

class Link {
 public:
  explicit Link(LinkFlaws flaws) : flaws_(flaws) {}

  std::int64_t sent() const { return sent_; }          // operations given to the other end
  std::int64_t received() const { return received_; }  // and had from it

  void send(Change change) {
    waiting_.push_back(std::move(change));
    ++sent_;
  }
  /// The next operation of the other end, which had `confirmed` operations from here when it made
  /// this one. Afterwards it applies to the text here.
  void receive(Change& change, std::int64_t confirmed) {
    drop(confirmed);
    for (Change& mine : waiting_) {
      if (flaws_.waiting_left_as_it_is) {
        Change same = mine;
        transform(change, same, flaws_.mistakes);
      } else {
        transform(change, mine, flaws_.mistakes);
      }
    }
    ++received_;
  }
  /// The other end will never again give something that it made without the first `confirmed`.
  void drop(std::int64_t confirmed) {
    while (sent_ - static_cast<std::int64_t>(waiting_.size()) < confirmed && !waiting_.empty()) {
      waiting_.pop_front();
    }
  }
  // For flaws.
  void grow(const Change& more) {
    if (waiting_.empty()) return;
    waiting_.back().insert(waiting_.back().end(), more.begin(), more.end());
  }
  void skip_to(std::int64_t received) { received_ = received; }
  void forget_waiting() { waiting_.clear(); }

 private:
  LinkFlaws flaws_;
  std::int64_t sent_ = 0;
  std::int64_t received_ = 0;
  std::deque<Change> waiting_;  // sent and not confirmed, each as if made after all received
};

}  // namespace sunder::jupiter
