#pragma once
// One walk through a history along session order and reads-from, with the causal past at hand.

#include <functional>
#include <vector>

#include "checker/weak/clocks.h"
#include "checker/weak/finding.h"
#include "checker/weak/history.h"

namespace sunder::weak {

/// The reads or the writes of each key, ascending.
class OfKey {
 public:
  OfKey(const Registers& registers, Kind kind);
  std::span<const Index> of(std::int32_t key) const {
    auto at = static_cast<std::size_t>(key);
    return std::span(operations_).subspan(begin_[at], begin_[at + 1] - begin_[at]);
  }
  /// The last one of the key in `session` before operation `end`; `initial` when there is none.
  Index last_before(const Registers& registers, std::int32_t key, std::uint32_t session,
                    Index end) const;

 private:
  std::vector<Index> begin_;
  std::vector<Index> operations_;
};

/// What a visitor of walk_past() is told of an operation.
struct Past {
  Clocks& clocks;  // a visitor may keep clocks of its own here
  /// One past the last write that is in the read's causal past, by session; the source included.
  Clocks::Clock seen;
  /// The same of the source, itself included; Clocks::zero for `initial`.
  Clocks::Clock source;
};

enum class Walked : std::uint8_t { whole, stuck, over };

/// Visits the reads so that whatever is causally before a read is visited before it. `stuck`:
/// session order and reads-from go in a circle. `over`: the limits ended it, or a visit that said
/// false. Clocks live only as long as somebody will still read what they belong to.
Walked walk_past(const Registers& registers, const Limits& limits,
                 const std::function<bool(Index, const Past&)>& read,
                 const std::function<bool(Index, const Past&)>& write = {});

}  // namespace sunder::weak
