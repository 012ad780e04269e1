#include "checker/replicated/updates.h"

#include <algorithm>

namespace sunder::replicated {

Updates::Updates(Object& object, Findings& findings) : object_(object) {
  read_logs(findings);
  usable_ = measure(findings);
  if (!usable_) return;
  place(findings);
  if (usable_) match_holes(findings);
}

const Event* Updates::at(Dot dot) const {
  std::uint32_t event = made_[dot.replica][dot.counter - 1];
  return event == nobody ? nullptr : &object_.events[event];
}

void Updates::context_of(const Event& event, bool own, Context& context) const {
  context.assign(object_.replica_count(), 0);
  for (const Seen& seen : object_.seen_by(event)) context[seen.replica] = seen.counter;
  if (event.dot.counter != 0) context[event.dot.replica] = event.dot.counter - (own ? 0 : 1);
}

void Updates::past_of(const Event& event, Context& context) const {
  if (!event.past) return context_of(event, false, context);
  context.assign(object_.replica_count(), 0);
  for (const Seen& seen : object_.past_in(event.past)) context[seen.replica] = seen.counter;
}

void Updates::read_logs(Findings& findings) {
  for (std::uint32_t i = 0; i < object_.events.size(); ++i) {
    if (object_.events[i].tag >= 0) by_tag_.emplace_back(object_.events[i].tag, i);
  }
  std::sort(by_tag_.begin(), by_tag_.end());
  for (std::size_t i = 1; i < by_tag_.size() && trouble_.empty(); ++i) {
    if (by_tag_[i].first != by_tag_[i - 1].first) continue;
    trouble_ = who(object_, object_.events[by_tag_[i - 1].second]) + " and " +
               who(object_, object_.events[by_tag_[i].second]) + " have the same tag";
  }
  if (!trouble_.empty()) return;
  for (std::size_t i = 0; i < object_.events.size(); ++i) {
    if (object_.events[i].verb != Verb::log || !object_.events[i].ok()) continue;
    for (std::size_t k = 0; k < object_.events[i].log.count; ++k) {
      read_entry(object_.events[i], object_.logs[object_.events[i].log.at + k], findings);
    }
  }
}

void Updates::read_entry(const Event& log, const LogEntry& entry, Findings& findings) {
  auto found = std::lower_bound(by_tag_.begin(), by_tag_.end(), std::pair(entry.tag, 0U));
  std::string named =
      name_of(object_, entry.dot) + ", tagged " + text_of(*object_.values, entry.tag);
  if (found == by_tag_.end() || found->first != entry.tag) {
    auto failed = std::find_if(object_.failed.begin(), object_.failed.end(),
                               [&](const FailedUpdate& one) { return one.tag == entry.tag; });
    if (failed != object_.failed.end()) {
      findings.add("failed-update",
                   "The log of " + who(object_, log) + " holds " + named +
                       ", but that update (op " + std::to_string(failed->invoked) +
                       ") was reported to have failed, so it must not take effect.",
                   {&log});
    } else {
      findings.add("phantom-update",
                   "The log of " + who(object_, log) + " holds " + named +
                       ", which no client ever asked for.",
                   {&log});
    }
    return;
  }
  Event& event = object_.events[found->second];
  if (event.invoked > log.completed) {
    findings.add("future-update",
                 "The log of " + who(object_, log) + " holds " + named +
                     ", but this update was invoked only later, as " + who(object_, event) + ".",
                 {&log, &event});
    return;
  }
  if (event.dot.counter == 0 && !event.ok()) {
    event.dot = entry.dot;
    event.seen = entry.seen;
    event.past = entry.past;
    event.stamp = entry.stamp;
    event.witnessed = true;
    return;
  }
  if (!event.witnessed) return;
  auto differs = [&] {
    if (event.dot != entry.dot) return true;
    if (event.stamp.has_value() &&
        (event.stamp->time != entry.stamp->time || event.stamp->node != entry.stamp->node)) {
      return true;
    }
    Context one(object_.replica_count());
    Context other(object_.replica_count());
    for (const Seen& seen : object_.seen_by(event)) one[seen.replica] = seen.counter;
    for (const Seen& seen : object_.seen_by(entry)) other[seen.replica] = seen.counter;
    one[entry.dot.replica] = other[entry.dot.replica] = 0;
    if (one != other || event.past.has_value() != entry.past.has_value()) return true;
    auto as_context = [&](const std::optional<Slice>& slice) {
      Context past(object_.replica_count());
      for (const Seen& seen : object_.past_in(slice)) past[seen.replica] = seen.counter;
      return past;
    };
    return as_context(event.past) != as_context(entry.past);
  };
  if (!differs()) return;
  findings.add("inconsistent-witness",
               "The log of " + who(object_, log) + " tells of " + named +
                   " something else than was told before of " + who(object_, event) +
                   ", which is " + name_of(object_, event.dot) + ".",
               {&log, &event});
}

// Before anything is allocated by counters: a witness may claim any number of updates.
bool Updates::measure(Findings& findings) {
  std::vector<std::uint32_t> most(object_.replica_count(), 0);
  std::vector<const Event*> by(object_.replica_count(), nullptr);
  std::uint64_t updates = 0;
  for (const Event& event : object_.events) {
    if (is_update(event.verb)) ++updates;
    auto note = [&](Dot dot) {
      if (dot.counter <= most[dot.replica]) return;
      most[dot.replica] = dot.counter;
      by[dot.replica] = &event;
    };
    for (const Seen& seen : object_.seen_by(event)) {
      if (event.dot.counter == 0 || seen.replica != event.dot.replica) note(seen);
    }
    if (event.dot.counter != 0) note(event.dot);
  }
  std::uint64_t claimed = 0;
  std::uint32_t largest = 0;
  for (std::uint32_t r = 0; r < most.size(); ++r) {
    claimed += most[r];
    if (most[r] > most[largest]) largest = r;
  }
  if (claimed > updates) {
    findings.add("phantom-update",
                 "What replies saw adds up to " + std::to_string(claimed) +
                     " updates, but clients asked for only " + std::to_string(updates) +
                     " that did not fail; " + who(object_, *by[largest]) + " counts up to " +
                     name_of(object_, {largest, most[largest]}) + ".",
                 {by[largest]});
    return false;
  }
  made_.resize(most.size());
  for (std::size_t r = 0; r < most.size(); ++r) made_[r].assign(most[r], nobody);
  return true;
}

void Updates::place(Findings& findings) {
  for (std::uint32_t i = 0; i < object_.events.size(); ++i) {
    const Event& event = object_.events[i];
    if (!is_update(event.verb)) continue;
    if (event.dot.counter == 0) {
      if (!event.ok()) lost_.push_back(i);
      continue;
    }
    std::uint32_t& slot = made_[event.dot.replica][event.dot.counter - 1];
    if (slot != nobody) {
      const Event& other = object_.events[slot];
      findings.add("duplicate-dot",
                   "Both " + who(object_, other) + " and " + who(object_, event) +
                       " are said to be " + name_of(object_, event.dot) + ".",
                   {&other, &event});
      usable_ = false;
    }
    slot = i;
  }
  known_.resize(made_.size());
  for (std::uint32_t r = 0; r < made_.size(); ++r) {
    const auto& line = made_[r];
    known_[r] =
        static_cast<std::uint32_t>(std::find(line.begin(), line.end(), nobody) - line.begin());
    for (std::uint32_t k = known_[r]; k < line.size(); ++k) {
      if (line[k] == nobody) holes_.push_back({r, k + 1});
    }
  }
}

// A hole must be one of the updates without a reply, invoked before anybody saw the hole was
// answered. Since all of those bounds are upper bounds, counting decides whether they can be dealt
// out.
void Updates::match_holes(Findings& findings) {
  if (holes_.empty()) return;
  std::vector<std::vector<std::uint32_t>> sight(made_.size());  // by dot: the first event to see it
  for (std::size_t r = 0; r < made_.size(); ++r) sight[r].assign(made_[r].size() + 1, nobody);
  auto earlier = [&](std::uint32_t a, std::uint32_t b) {
    if (a == nobody || b == nobody) return b == nobody ? a : b;
    return object_.events[a].completed < object_.events[b].completed ? a : b;
  };
  Context context;
  for (std::uint32_t i = 0; i < object_.events.size(); ++i) {
    if (!object_.events[i].witnessed) continue;
    context_of(object_.events[i], true, context);
    for (std::size_t r = 0; r < context.size(); ++r) {
      sight[r][context[r]] = earlier(sight[r][context[r]], i);
    }
  }
  for (auto& line : sight) {
    for (std::size_t k = line.size() - 1; k > 0; --k) line[k - 1] = earlier(line[k - 1], line[k]);
  }
  std::vector<std::pair<std::uint32_t, Dot>> bounds;  // position before which it was invoked, hole
  for (Dot hole : holes_) {
    bounds.emplace_back(object_.events[sight[hole.replica][hole.counter]].completed, hole);
  }
  std::sort(bounds.begin(), bounds.end());
  for (std::size_t i = 0; i < bounds.size(); ++i) holes_[i] = bounds[i].second;
  std::size_t open = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    while (open < lost_.size() && object_.events[lost_[open]].invoked < bounds[i].first) ++open;
    if (open > i) continue;
    Dot hole = bounds[i].second;
    const Event& seer = object_.events[sight[hole.replica][hole.counter]];
    findings.add("phantom-update",
                 who(object_, seer) + " saw " + name_of(object_, hole) +
                     ", but no client got a reply for such an update" +
                     (lost_.empty() ? "" : ", and there are too few without any reply") +
                     (object_.failed.empty() ? "" : "; updates that failed must not take effect") +
                     ".",
                 {&seer});
    usable_ = false;
    return;
  }
}

}  // namespace sunder::replicated
