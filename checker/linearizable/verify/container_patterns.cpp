#include <algorithm>
#include <map>

#include "checker/linearizable/verbs.h"
#include "checker/linearizable/verify/patterns.h"

namespace sunder::linearizable {
namespace {

using container_verb::add;
using container_verb::take;
using container_verb::take_empty;

/// Instants from `first` up to, not including, `end`.
struct Span {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
  bool empty() const { return first >= end; }
};

/// What the whole history says of one value.
struct Life {
  std::vector<const Operation*> adds;
  std::vector<const Operation*> takes;

  bool taken() const { return !takes.empty(); }
  std::uint32_t taken_by() const { return takes.front()->returned; }
  std::uint32_t came() const {
    return taken() ? std::min(adds.front()->returned, taken_by()) : adds.front()->returned;
  }
  std::uint32_t went() const {
    return taken() ? std::max(takes.front()->invoked, adds.front()->invoked) : open_end;
  }
  Span inside() const { return {came(), went()}; }
};

class Lives {
 public:
  explicit Lives(const Claim& claim) {
    for (std::uint32_t i : claim.cited) {
      const Call& call = claim.all[i].call;
      if (call.verb != take_empty) lives_[call.verb == add ? call.input : call.output];
    }
    for (const Operation& operation : claim.all) {
      const Call& call = operation.call;
      if (call.verb == take && operation.crashed()) unknown_takes_ = true;
      bool valued = call.verb == add || (call.verb == take && !operation.crashed());
      auto at = valued ? lives_.find(call.verb == add ? call.input : call.output) : lives_.end();
      if (at == lives_.end()) continue;
      (call.verb == add ? at->second.adds : at->second.takes).push_back(&operation);
    }
  }

  const std::map<std::int32_t, Life>& all() const { return lives_; }
  const Life& of(std::int32_t value) const { return lives_.at(value); }
  /// Whether the history says for sure how long the value was inside.
  bool known(const Life& life) const {
    return life.adds.size() == 1 && life.takes.size() <= 1 &&
           (life.taken() || (!life.adds.front()->crashed() && !unknown_takes_));
  }

 private:
  std::map<std::int32_t, Life> lives_;  // of the values that are cited
  bool unknown_takes_ = false;
};

/// Whether every instant of `whole` is in some part.
bool covers(std::vector<Span> parts, Span whole) {
  std::sort(parts.begin(), parts.end(),
            [](const Span& a, const Span& b) { return a.first < b.first; });
  for (const Span& part : parts) {
    if (part.first > whole.first) break;
    whole.first = std::max(whole.first, part.end);
  }
  return whole.empty();
}

std::string taken_twice(const Claim& claim, const Lives& lives) {
  bool three = claim.cited.size() == 3 && claim.at(1).call.verb == take &&
               claim.at(2).call == claim.at(1).call && claim.cited[1] != claim.cited[2];
  if (!three) return "it must name an add and two takes of one value";
  return lives.of(claim.at(1).call.output).adds.size() == 1 ? "" : "the value was not put in once";
}

std::string without_add(const Claim& claim, const Lives& lives) {
  if (claim.cited.size() != 1 || claim.at(0).call.verb != take) return "it must name a take";
  return lives.of(claim.at(0).call.output).adds.empty() ? "" : "the value was put in";
}

std::string before_add(const Claim& claim, const Lives& lives) {
  if (claim.cited.size() != 2 || claim.at(1).call.verb != take) return "it must name a take";
  const Life& life = lives.of(claim.at(1).call.output);
  if (life.adds.size() != 1) return "the value was not put in once";
  bool early = claim.at(1).returned < life.adds.front()->invoked;
  return early ? "" : "the take did not return before the add";
}

std::string fifo_inversion(const Claim& claim, const Lives& lives) {
  if (claim.cited.size() < 3 || claim.at(0).call.verb != add || claim.at(2).call.verb != add) {
    return "it must name two values";
  }
  const Life& later = lives.of(claim.at(0).call.input);
  const Life& earlier = lives.of(claim.at(2).call.input);
  if (!later.taken()) return "the later value was not taken";
  bool inverted = earlier.came() < later.adds.front()->invoked && later.taken_by() < earlier.went();
  return inverted ? "" : "the values were not taken in the wrong order";
}

std::string covered_empty(const Claim& claim, const Lives& lives) {
  if (claim.cited.empty() || claim.at(0).call.verb != take_empty) {
    return "it must name a take that found nothing";
  }
  std::vector<Span> inside;
  for (const auto& [value, life] : lives.all()) inside.push_back(life.inside());
  return covers(inside, {claim.at(0).invoked, claim.at(0).returned})
             ? ""
             : "at some moment none of these values was inside";
}

/// By when the value was gone: the first of the cited takes of nothing, or of values that came
/// after it, had returned.
std::uint32_t gone_by(const Life& life, const Claim& claim, const Lives& lives) {
  std::uint32_t earliest = open_end;
  for (std::uint32_t i : claim.cited) {
    const Operation& operation = claim.all[i];
    bool empty = operation.call.verb == take_empty;
    if (operation.call.verb == add) continue;
    std::uint32_t begun =
        empty ? operation.invoked : lives.of(operation.call.output).adds.front()->invoked;
    if (life.came() < begun) earliest = std::min(earliest, operation.returned);
  }
  return earliest;
}

std::string lost_values(const Claim& claim, const Lives& lives) {
  for (const auto& [value, life] : lives.all()) {
    if (life.adds.size() != 1 || life.takes.size() > 1) return "a value in it is not unique";
  }
  std::uint32_t moment = 0;
  std::size_t lost = 0;
  for (const auto& [value, life] : lives.all()) {
    if (life.taken()) continue;
    if (life.adds.front()->crashed()) return "a value in it was perhaps never put in";
    ++lost;
    moment = std::max(moment, gone_by(life, claim, lives));
  }
  if (moment == open_end) return "a value in it may still be inside";
  auto unknown = std::count_if(claim.all.begin(), claim.all.end(), [&](const Operation& one) {
    return one.call.verb == take && one.crashed() && one.invoked < moment;
  });
  bool more = lost > static_cast<std::size_t>(unknown);
  return more ? "" : "as many calls of unknown outcome can have taken the values";
}

std::string priority_inversion(const Claim& claim, const Lives& lives) {
  if (claim.cited.empty() || claim.at(0).call.verb != add) return "it must name an add";
  std::int32_t late = claim.at(0).call.input;
  const Life& taken = lives.of(late);
  if (!taken.taken()) return "the value was not taken";
  std::vector<Span> inside;
  for (const auto& [value, life] : lives.all()) {
    if (value < late) inside.push_back(life.inside());
  }
  return covers(inside, {taken.went(), taken.taken_by()})
             ? ""
             : "at some moment none of the smaller values was inside";
}

/// In a linearization of a stack's history without all other values, some value is pushed onto the
/// empty stack and its pop leaves it empty again.
std::string no_lowest(const Lives& lives) {
  std::vector<Span> inside;
  for (const auto& [value, life] : lives.all()) {
    if (life.inside().empty()) return "a value in it need never have been there";
    inside.push_back(life.inside());
  }
  std::sort(inside.begin(), inside.end(),
            [](const Span& a, const Span& b) { return a.first < b.first; });
  std::vector<Span> free{{0, 0}};  // between them, in order
  std::uint32_t reach = 0;
  for (const Span& span : inside) {
    if (span.first > reach) free.push_back({reach, span.first});
    reach = std::max(reach, span.end);
  }
  if (reach != open_end) free.push_back({reach, open_end});
  auto is_covered = [&](Span span) {
    auto after = std::lower_bound(free.begin(), free.end(), span.end,
                                  [](const Span& f, std::uint32_t end) { return f.first < end; });
    return (after - 1)->end <= span.first;
  };
  for (const auto& [value, life] : lives.all()) {
    bool pushed_above = is_covered({life.adds.front()->invoked, life.came()});
    bool popped_above = life.taken() && is_covered({life.went(), life.taken_by()});
    if (!pushed_above && !popped_above) return "a value in it can have been the lowest";
  }
  return inside.empty() ? "it names no value" : "";
}

}  // namespace

std::string disprove_container(const Claim& claim, ContainerKind kind) {
  for (std::uint32_t i : claim.cited) {
    if (claim.all[i].crashed() && claim.all[i].call.verb != add) {
      return "a call in it need not have happened";
    }
  }
  Lives lives(claim);
  if (claim.pattern == "taken-twice") return taken_twice(claim, lives);
  if (claim.pattern == "take-without-add") return without_add(claim, lives);
  if (claim.pattern == "take-before-add") return before_add(claim, lives);
  if (claim.pattern == "lost-values" && kind == ContainerKind::queue) {
    return lost_values(claim, lives);
  }
  for (const auto& [value, life] : lives.all()) {
    if (!lives.known(life)) return "nobody knows how long a value in it was inside";
  }
  if (claim.pattern == "covered-empty") return covered_empty(claim, lives);
  if (claim.pattern == "fifo-inversion" && kind == ContainerKind::queue) {
    return fifo_inversion(claim, lives);
  }
  if (claim.pattern == "no-lowest-value" && kind == ContainerKind::stack) return no_lowest(lives);
  if (claim.pattern == "priority-inversion" && kind == ContainerKind::priority_queue) {
    return priority_inversion(claim, lives);
  }
  return "this datatype has no such pattern";
}

}  // namespace sunder::linearizable
