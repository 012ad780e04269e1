#include "tests/checker/weak/support/small_registers.h"

#include <algorithm>

#include "harness/core/rng.h"
#include "tests/checker/weak/support/builder.h"

namespace sunder::testing_support {
namespace {

using weak::Index;
using weak::Registers;

struct Events {  // positions of one operation
  std::uint32_t invoked = 0;
  std::uint32_t returned = weak::never;
};

// Each session calls one after the other; whose turn it is, is drawn.
std::vector<Events> draw_events(Rng& rng, const std::vector<std::uint32_t>& sizes) {
  struct Place {
    std::uint32_t next;
    std::uint32_t end;
    bool called = false;
  };
  std::vector<Place> places;
  std::uint32_t total = 0;
  for (std::uint32_t size : sizes) {
    places.push_back({total, total + size});
    total += size;
  }
  std::vector<Events> events(total);
  std::uint32_t position = 0;
  for (std::uint32_t left = 2 * total; left > 0;) {
    Place& place = places[static_cast<std::size_t>(rng.below(places.size()))];
    if (place.next == place.end) continue;
    --left;
    if (!place.called) {
      events[place.next].invoked = position++;
    } else {
      events[place.next++].returned = position++;
    }
    place.called = !place.called;
  }
  return events;
}

}  // namespace

Registers small_registers(std::uint64_t seed, std::int64_t least, std::int64_t most) {
  Rng rng(seed, Stream::of("small registers"));
  auto sessions = static_cast<std::uint32_t>(rng.between(2, 4));
  auto keys = static_cast<std::uint64_t>(rng.between(1, 3));
  auto count = static_cast<std::uint32_t>(rng.between(least, most));
  std::vector<std::uint32_t> sizes(sessions, 0);
  for (std::uint32_t i = 0; i < count; ++i) ++sizes[static_cast<std::size_t>(rng.below(sessions))];
  std::vector<Events> events = draw_events(rng, sizes);

  Registers made;
  made.keys = static_cast<std::int32_t>(keys);
  made.session_begin.clear();
  for (std::uint32_t session = 0; session < sessions; ++session) {
    made.session_begin.push_back(static_cast<Index>(made.size()));
    for (std::uint32_t i = 0; i < sizes[session]; ++i) {
      Events when = events[made.size()];
      made.operations.push_back({.kind = rng.below(2) == 0 ? weak::Kind::write : weak::Kind::read,
                                 .key = static_cast<std::int32_t>(rng.below(keys)),
                                 .session = session,
                                 .invoked = when.invoked,
                                 .returned = when.returned});
    }
  }
  made.session_begin.push_back(static_cast<Index>(made.size()));

  std::uint64_t wild_percent = rng.below(3) * 20;
  for (weak::Operation& read : made.operations) {
    if (read.is_write()) continue;
    std::vector<Index> sources{weak::initial};
    Index latest = weak::initial;  // of those that were called before it
    for (Index at = 0; at < made.size(); ++at) {
      const weak::Operation& write = made[at];
      if (write.is_read() || write.key != read.key) continue;
      sources.push_back(at);
      bool later = latest == weak::initial || write.invoked > made[latest].invoked;
      if (write.invoked < read.returned && later) latest = at;
    }
    bool wild = rng.below(100) < wild_percent;
    read.source = wild ? sources[static_cast<std::size_t>(rng.below(sources.size()))] : latest;
  }
  return made;
}

std::string text_of(const Registers& registers) {
  std::string text;
  for (Index at = 0; at < registers.size(); ++at) {
    const weak::Operation& what = registers[at];
    if (!registers.has_previous(at) && at > 0) text += "\n";
    text += std::to_string(at) + ":" + (what.is_write() ? "w" : "r") + std::to_string(what.key);
    if (what.source != weak::initial) text += "<" + std::to_string(what.source);
    text += " [" + std::to_string(what.invoked) + "," + std::to_string(what.returned) + "]  ";
  }
  return text;
}

Registers part_of(const Registers& registers, std::span<const Index> keep) {
  Registers part;
  part.keys = registers.keys;
  part.session_begin.clear();
  auto place = [&](Index at) {
    return static_cast<Index>(std::lower_bound(keep.begin(), keep.end(), at) - keep.begin());
  };
  for (std::size_t session = 0; session < registers.sessions(); ++session) {
    part.session_begin.push_back(place(registers.session_begin[session]));
  }
  part.session_begin.push_back(static_cast<Index>(keep.size()));
  for (Index at : keep) {
    part.operations.push_back(registers[at]);
    Index& source = part.operations.back().source;
    if (source != weak::initial) source = place(source);
  }
  return part;
}

namespace {

// before[b] has bit a when a must come before b.
using Relation = std::vector<std::uint32_t>;

constexpr std::uint32_t bit(Index at) { return 1U << at; }

/// Whether some order of the operations of `all` contains the relation and is legal for the reads
/// among them.
class Orders {
 public:
  Orders(const Registers& registers, const Relation& before, std::uint32_t all)
      : registers_(registers),
        before_(before),
        all_(all),
        present_(static_cast<std::size_t>(registers.keys), weak::initial) {}

  bool any(std::uint32_t done = 0) {
    if (done == all_) return true;
    for (Index at = 0; at < registers_.size(); ++at) {
      bool is_next = (all_ & ~done & bit(at)) != 0 && (before_[at] & all_ & ~done) == 0;
      if (!is_next) continue;
      const weak::Operation& what = registers_[at];
      Index& value = present_[static_cast<std::size_t>(what.key)];
      if (what.is_read() && what.source != value) continue;
      Index old = value;
      if (what.is_write()) value = at;
      bool found = any(done | bit(at));
      value = old;
      if (found) return true;
    }
    return false;
  }

 private:
  const Registers& registers_;
  const Relation& before_;
  std::uint32_t all_;
  std::vector<Index> present_;
};

template <typename Contains>
Relation relation(const Registers& registers, Contains contains) {
  Relation before(registers.size(), 0);
  for (Index a = 0; a < registers.size(); ++a) {
    for (Index b = 0; b < registers.size(); ++b) {
      if (contains(a, b)) before[b] |= bit(a);
    }
  }
  return before;
}

bool in_session_order(const Registers& registers, Index a, Index b) {
  return a < b && registers[a].session == registers[b].session;
}

std::uint32_t all_of(const Registers& registers) {
  return bit(static_cast<Index>(registers.size())) - 1;
}

// Whether each session has an order of all writes and its own operations.
bool have_views(const Registers& registers, const Relation& before) {
  for (std::uint32_t session = 0; session < registers.sessions(); ++session) {
    std::uint32_t view = 0;
    for (Index at = 0; at < registers.size(); ++at) {
      if (registers[at].is_write() || registers[at].session == session) view |= bit(at);
    }
    if (!Orders(registers, before, view).any()) return false;
  }
  return true;
}

}  // namespace

bool is_sequential(const Registers& registers) {
  Relation before =
      relation(registers, [&](Index a, Index b) { return in_session_order(registers, a, b); });
  return Orders(registers, before, all_of(registers)).any();
}

bool is_ordered_sequential(const Registers& registers) {
  Relation before = relation(registers, [&](Index a, Index b) {
    return in_session_order(registers, a, b) ||
           (registers[b].is_write() && registers[a].returned < registers[b].invoked);
  });
  return Orders(registers, before, all_of(registers)).any();
}

bool is_consistent_prefix(const Registers& registers) {
  Relation before = relation(registers, [&](Index a, Index b) {
    return in_session_order(registers, a, b) &&
           !(registers[a].is_write() && registers[b].is_read());
  });
  return Orders(registers, before, all_of(registers)).any();
}

// All orders of each key's writes, as the parts of all orders of all writes.
bool is_processor(const Registers& registers) {
  std::vector<Index> writes;
  for (Index at = 0; at < registers.size(); ++at) {
    if (registers[at].is_write()) writes.push_back(at);
  }
  std::vector<std::vector<Index>> by_key(static_cast<std::size_t>(registers.keys));
  for (Index at : writes) by_key[static_cast<std::size_t>(registers[at].key)].push_back(at);
  while (true) {
    std::vector<std::uint32_t> rank(registers.size(), 0);
    for (const auto& order : by_key) {
      for (std::uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
    }
    Relation before = relation(registers, [&](Index a, Index b) {
      bool coherent = registers[a].is_write() && registers[b].is_write() &&
                      registers[a].key == registers[b].key && rank[a] < rank[b];
      return coherent || in_session_order(registers, a, b);
    });
    if (have_views(registers, before)) return true;
    std::size_t key = 0;
    while (key < by_key.size() && !std::next_permutation(by_key[key].begin(), by_key[key].end())) {
      ++key;
    }
    if (key == by_key.size()) return false;
  }
}

}  // namespace sunder::testing_support
