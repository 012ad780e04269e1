#include "tests/checker/weak/support/replicas.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder::weak::support {

void Replicas::write(WriteId id, const Write& write) {
  ASSERT(id == sent_.size());
  Replica& own = replicas_[write.session];
  sent_.push_back({write, ++own.clock, own.applied});
  for (Replica& replica : replicas_) replica.applied.push_back(false);
  bool waits =
      rules_.delivery == Delivery::all_in_order || rules_.delivery == Delivery::key_in_order;
  if (!waits) catch_up(own, id);
}

WriteId Replicas::read(std::uint32_t session, std::uint32_t key) {
  return replicas_[session].values[key];
}

bool Replicas::is_done(WriteId id) {
  return rules_.answer == Answer::at_once || replicas_[sent_[id].write.session].applied[id];
}

void Replicas::work(Rng& rng) {
  if (sent_.empty()) return;
  // The later replicas lag behind.
  std::size_t one = rng.below(replicas_.size());
  std::size_t other = rng.below(replicas_.size());
  Replica& replica = replicas_[std::min(one, other)];
  // Some messages are overtaken, so that order is a matter of the rules.
  std::size_t first = rng.below(sent_.size());
  // Now and then much arrives at once, and what was sent before is still missing.
  std::size_t messages = rng.below(6) == 0 ? sent_.size() - first : 1;
  for (std::size_t i = 0; i < sent_.size() && messages > 0; ++i) {
    WriteId id = (first + i) % sent_.size();
    if (replica.applied[id] || !may_arrive(replica, id)) continue;
    apply(replica, id);
    --messages;
  }
}

bool Replicas::may_arrive(const Replica& replica, WriteId id) const {
  for (WriteId earlier = 0; earlier < id; ++earlier) {
    if (!replica.applied[earlier] && must_come_first(earlier, id)) return false;
  }
  return true;
}

bool Replicas::must_come_first(WriteId earlier, WriteId id) const {
  const Write& before = sent_[earlier].write;
  const Write& write = sent_[id].write;
  switch (rules_.delivery) {
    case Delivery::any: return false;
    case Delivery::by_sender_and_key:
      return before.session == write.session && before.key == write.key;
    case Delivery::by_sender: return before.session == write.session;
    case Delivery::causal: return sent_[id].seen[earlier];
    case Delivery::by_sender_or_key:
      return before.session == write.session || before.key == write.key;
    case Delivery::key_in_order: return before.key == write.key;
    case Delivery::all_in_order: return true;
  }
  return false;
}

void Replicas::catch_up(Replica& replica, WriteId id) {
  for (WriteId earlier = 0; earlier < id; ++earlier) {
    if (!replica.applied[earlier] && must_come_first(earlier, id)) catch_up(replica, earlier);
  }
  apply(replica, id);
}

void Replicas::apply(Replica& replica, WriteId id) {
  const Sent& sent = sent_[id];
  replica.applied[id] = true;
  WriteId& value = replica.values[sent.write.key];
  bool clocks = rules_.winner != Winner::latest;
  auto rank = [&](WriteId one) { return std::pair(sent_[one].time, sent_[one].write.session); };
  if (!clocks || value == no_write || rank(value) < rank(id)) value = id;
  if (rules_.winner == Winner::logical_clock) replica.clock = std::max(replica.clock, sent.time);
}

}  // namespace sunder::weak::support
