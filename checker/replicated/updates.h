#pragma once
// Which update is meant by which dot, as replies and logs say it.

#include "checker/replicated/findings.h"

namespace sunder::replicated {

/// One count a replica: which updates were seen.
using Context = std::vector<std::uint32_t>;

class Updates {
 public:
  /// Reads the dots of replies and logs; what logs say of updates without a reply is written into
  /// the object's events. Contradictions are found: an update that nobody asked for, that failed,
  /// or two with one dot. Not to be used when `usable()` is false.
  Updates(Object& object, Findings& findings);

  bool usable() const { return usable_; }
  /// Why nothing can be concluded, a whole sentence without its end; empty: all is understood.
  const std::string& trouble() const { return trouble_; }

  /// The updates of a replica by counter, from 1: events, or nobody where no reply says whose it
  /// is.
  const std::vector<std::uint32_t>& made_by(std::size_t replica) const { return made_[replica]; }
  const Event* at(Dot dot) const;
  /// How many updates of a replica are known without a gap.
  std::uint32_t known(std::size_t replica) const { return known_[replica]; }
  /// Dots that somebody saw and no reply or log explains, in the order in which they were seen.
  const std::vector<Dot>& holes() const { return holes_; }
  /// Updates without a reply that may be what the holes are: events.
  const std::vector<std::uint32_t>& lost() const { return lost_; }

  /// What an event saw, without itself; with `own`, an update sees itself.
  void context_of(const Event& event, bool own, Context& context) const;
  /// What a write replaces. With dotted version vectors that is what its client had read, which may
  /// be less than its replica holds; else it is what the write saw.
  void past_of(const Event& event, Context& context) const;

 private:
  void read_logs(Findings& findings);
  void read_entry(const Event& log, const LogEntry& entry, Findings& findings);
  bool measure(Findings& findings);
  void place(Findings& findings);
  void match_holes(Findings& findings);

  Object& object_;
  bool usable_ = true;
  std::string trouble_;
  std::vector<std::vector<std::uint32_t>> made_;
  std::vector<std::uint32_t> known_;
  std::vector<Dot> holes_;
  std::vector<std::uint32_t> lost_;
  std::vector<std::pair<std::int32_t, std::uint32_t>> by_tag_;  // sorted
};

/// Visits every event of which is known what it saw, with that, in order of invocation. Of updates
/// without a reply, logs may say it.
template <class Visit>
void each_witness(const Object& object, const Updates& updates, Visit visit) {
  Context context;
  for (const Event& event : object.events) {
    if (!event.witnessed) continue;
    updates.context_of(event, false, context);
    visit(event, context);
  }
}

}  // namespace sunder::replicated
