// "set-full": when each element that was added became visible, and whether it stayed so.
//
// An element is known from the first completion that proves it is in the set: of an add that was
// acknowledged, or of a read that held it. A read that begins later and lacks the element is stale;
// if no read that begins after that one holds it again, the element is lost.
//
// With linearizable=true the check is exact. In an order of a grow-only set reads form a chain by
// inclusion, an add stands before the reads that hold its element and behind those that lack it. So
// a cycle with the real-time order, which by the nature of intervals needs only one real-time edge,
// is one of: a read that holds what is begun later (premature), a read that lacks what is known
// before it began (stale), a read that lacks what is known before something that it holds was begun
// (reversed), or two reads of which neither holds all of the other (incomparable).

#include "checker/domain/set_calls.h"

namespace sunder {
namespace {

using namespace domain;

class SetFull final : public SetChecker {
 private:
  static constexpr std::uint32_t no_rank = UINT32_MAX;

  /// When an element was first surely in the set, and by which call.
  struct Known {
    std::uint32_t since = open_end;
    std::uint32_t by = 0;
  };

  void judge(Calls calls, Findings& findings) override {
    collect(calls);
    if (reads_.empty()) return findings.vacuous("Nothing was read.");
    judge_contents(findings);
    rank_reads();
    find_known();
    looked_ = false;
    for (std::size_t place = 0; place < elements_.size(); ++place) judge_element(place, findings);
    if (context_.options.boolean("linearizable")) {
      judge_reversals(findings);
      judge_chain(findings);
    }
    findings.figure("reads", reads_.size());
    if (!looked_) {
      findings.vacuous(
          "No read began after an add was acknowledged, so nobody looked for what was added.");
    }
  }

  /// For each element the reads that hold it, by their rank, ascending and each once: as a row of
  /// one array, so that it costs what the reads themselves cost.
  void rank_reads() {
    starts_.assign(elements_.size() + 1, 0);
    std::vector<std::uint32_t> last(elements_.size(), no_rank);
    auto each = [&](auto visit) {
      std::fill(last.begin(), last.end(), no_rank);
      for (std::uint32_t rank = 0; rank < reads_.size(); ++rank) {
        for (std::int32_t local : read(reads_[rank])) {
          auto place = static_cast<std::size_t>(local);
          if (last[place] != rank) visit(place, rank);
          last[place] = rank;
        }
      }
    };
    each([&](std::size_t place, std::uint32_t) { ++starts_[place + 1]; });
    for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
    ranks_.resize(starts_.back());
    std::vector<std::size_t> next = starts_;
    each([&](std::size_t place, std::uint32_t rank) { ranks_[next[place]++] = rank; });
  }

  std::span<const std::uint32_t> holders(std::size_t place) const {
    return {ranks_.data() + starts_[place], starts_[place + 1] - starts_[place]};
  }

  void find_known() {
    known_.assign(elements_.size(), {});
    for (std::size_t place = 0; place < elements_.size(); ++place) {
      known_[place] = {elements_[place].acknowledged, elements_[place].add};
    }
    for (std::uint32_t at : reads_) {
      for (std::int32_t local : read(at)) {
        Known& known = known_[static_cast<std::size_t>(local)];
        if (call(at).completed < known.since) known = {call(at).completed, at};
      }
    }
  }

  // The last read that lacks an element: the holders are ascending, so that it is where they stop
  // being the last ranks without a gap.
  std::uint32_t last_absent(std::size_t place) const {
    auto rank = static_cast<std::uint32_t>(reads_.size());
    auto held = holders(place);
    for (std::size_t i = held.size(); i > 0 && held[i - 1] == rank - 1; --i) --rank;
    return rank == 0 ? no_rank : rank - 1;
  }

  void judge_element(std::size_t place, Findings& findings) {
    const Element& element = elements_[place];
    auto held = holders(place);
    if (element.adds != 0) findings.figure("attempts", 1);
    bool acknowledged = element.acknowledged != open_end;
    if (acknowledged) findings.figure("acknowledged", 1);
    bool recovered = !acknowledged && element.invoked != open_end && !held.empty();
    if (recovered) findings.figure("recovered", 1);
    if (known_[place].since == open_end || element.invoked == open_end) return;
    if (acknowledged && held.empty()) findings.figure("never_read", 1);
    looked_ |= call(reads_.back()).invoked > known_[place].since;
    std::uint32_t rank = last_absent(place);
    bool missed = rank != no_rank && call(reads_[rank]).invoked > known_[place].since;
    if (!missed) {
      if (!held.empty()) findings.figure("stable", 1);
      return;
    }
    std::int64_t late = call(reads_[rank]).invoked_at - known_at(place);
    auto local = static_cast<std::int32_t>(place);
    if (held.empty() || held.back() < rank) {
      if (may_be_stale(reads_[rank])) return findings.unknown(undecided(local, reads_[rank]));
      return findings.add("lost", [&] { return lost(local, reads_[rank], late); });
    }
    findings.greatest("stale_longest_ns", late);
    if (!context_.options.boolean("linearizable")) return findings.allow("stale");
    findings.add("stale", [&] { return stale(local, rank, late); });
  }

  // Where reads may be stale, an answer that never came may have shown the element again.
  bool may_be_stale(std::uint32_t at) const {
    return !context_.options.boolean("linearizable") && last_unanswered_ != UINT32_MAX &&
           call(last_unanswered_).invoked > call(at).invoked;
  }

  std::string undecided(std::int32_t local, std::uint32_t at) const {
    return "Whether " + text(local) + " is lost is not known: the " + read_text(at) +
           " lacks it, but reads may be stale, and the " + read_text(last_unanswered_) +
           ", which began later, was never answered.";
  }

  std::int64_t known_at(std::size_t place) const { return call(known_[place].by).completed_at; }

  std::string known_text(std::int32_t local) const {
    const Known& known = known_[static_cast<std::size_t>(local)];
    if (is_read(known.by)) return "the " + read_text(known.by) + " had held it";
    return add_text(local) + " had been acknowledged";
  }

  Story told_missing(std::int32_t local, std::uint32_t at, std::int64_t late) const {
    auto place = static_cast<std::size_t>(local);
    Story story{"The " + read_text(at) + " does not hold " + text(local) +
                    ", although it began after " + known_text(local),
                ops_of({at, known_[place].by, elements_[place].add}), detail_of(local)};
    if (late > 0) story.text += " (" + format_duration(Duration(late)) + " after)";
    story.detail["known"] = static_cast<std::int64_t>(known_[place].since);
    story.detail["read"] = static_cast<std::int64_t>(call(at).invoked);
    story.detail["late_ns"] = late;
    return story;
  }

  Story lost(std::int32_t local, std::uint32_t at, std::int64_t late) const {
    Story story = told_missing(local, at, late);
    story.text += ", and no read that began later holds it: it is lost.";
    return story;
  }

  Story stale(std::int32_t local, std::uint32_t rank, std::int64_t late) const {
    Story story = told_missing(local, reads_[rank], late);
    auto held = holders(static_cast<std::size_t>(local));
    std::uint32_t again = reads_[*std::upper_bound(held.begin(), held.end(), rank)];
    story.text += ": it is stale, for the " + read_text(again) + " holds it.";
    for (std::uint64_t op : ops_of({again})) story.ops.push_back(op);
    return story;
  }

  // What is known after the read began is no reason for staleness; but it must be there if it was
  // known before something that the read holds was begun. Counting tells whether it is.
  void judge_reversals(Findings& findings) {
    std::vector<std::uint32_t> since;
    for (const Known& known : known_) since.push_back(known.since);
    std::sort(since.begin(), since.end());
    marks_.assign(elements_.size(), UINT32_MAX);
    for (std::uint32_t at : reads_) {
      std::int32_t latest = -1;
      for (std::int32_t local : read(at)) {
        if (later(local, latest)) latest = local;
      }
      if (latest < 0) continue;
      std::uint32_t begun = elements_[static_cast<std::size_t>(latest)].invoked;
      std::uint32_t from = call(at).invoked;
      if (begun <= from) continue;
      auto below = [&](std::uint32_t end) {
        return std::lower_bound(since.begin(), since.end(), end) - since.begin();
      };
      std::ptrdiff_t wanted = below(begun) - below(from);
      for (std::int32_t local : read(at)) {
        auto place = static_cast<std::size_t>(local);
        if (marks_[place] == at) continue;
        marks_[place] = at;
        if (known_[place].since >= from && known_[place].since < begun) --wanted;
      }
      if (wanted != 0) findings.add("reversed", [&] { return reversed(at, latest); });
    }
  }

  bool later(std::int32_t local, std::int32_t than) const {
    std::uint32_t begun = elements_[static_cast<std::size_t>(local)].invoked;
    return begun != open_end &&
           (than < 0 || begun > elements_[static_cast<std::size_t>(than)].invoked);
  }

  Story reversed(std::uint32_t at, std::int32_t latest) const {
    std::uint32_t begun = elements_[static_cast<std::size_t>(latest)].invoked;
    std::size_t place = 0;
    while (marks_[place] == at || known_[place].since >= begun ||
           known_[place].since < call(at).invoked) {
      ++place;
    }
    auto local = static_cast<std::int32_t>(place);
    Map detail = detail_of(local);
    detail["later"] = detail_of(latest)["element"];
    return {"The " + read_text(at) + " holds " + text(latest) + " but not " + text(local) +
                ", although " + known_text(local) + " before " + add_text(latest) +
                " began: no order of the set explains both.",
            ops_of({at, known_[place].by, elements_[static_cast<std::size_t>(latest)].add}),
            std::move(detail)};
  }

  // Sorted by how many elements they hold, each read must hold all of the one before it.
  void judge_chain(Findings& findings) {
    std::vector<std::uint32_t> sizes(reads_.size());
    for (std::uint32_t rank : ranks_) ++sizes[rank];
    std::vector<std::uint32_t> order(reads_.size());
    for (std::uint32_t rank = 0; rank < order.size(); ++rank) order[rank] = rank;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return sizes[a] < sizes[b]; });
    marks_.assign(elements_.size(), UINT32_MAX);
    for (std::size_t i = 1; i < order.size(); ++i) {
      std::uint32_t smaller = reads_[order[i - 1]];
      std::uint32_t larger = reads_[order[i]];
      for (std::int32_t local : read(larger)) marks_[static_cast<std::size_t>(local)] = larger;
      for (std::int32_t local : read(smaller)) {
        if (marks_[static_cast<std::size_t>(local)] == larger) continue;
        findings.add("incomparable", [&] { return incomparable(smaller, larger, local); });
        break;
      }
    }
  }

  Story incomparable(std::uint32_t smaller, std::uint32_t larger, std::int32_t only) const {
    auto first = read(smaller);
    auto second = read(larger);
    auto other = std::find_if(second.begin(), second.end(), [&](std::int32_t local) {
      return std::find(first.begin(), first.end(), local) == first.end();
    });
    std::string text = "The " + read_text(smaller) + " holds " + this->text(only) + " but not " +
                       this->text(*other) + ", and the " + read_text(larger) + " holds " +
                       this->text(*other) + " but not " + this->text(only) +
                       ": elements of a set that only grows come in one order for everybody.";
    Map detail = detail_of(only);
    detail["other"] = detail_of(*other)["element"];
    return {text, ops_of({smaller, larger}), std::move(detail)};
  }

  std::string passed(const Findings& findings) const override {
    std::string text = "Of " + counted(findings.figure("acknowledged"), "acknowledged element") +
                       ", none is lost, in " + counted(findings.figure("reads"), "read");
    return context_.options.boolean("linearizable")
               ? text + "; none was ever missing from a read that began later."
               : text + "; reads may be stale.";
  }

  std::vector<std::size_t> starts_;   // of each element's row in ranks_
  std::vector<std::uint32_t> ranks_;  // of reads that hold it
  std::vector<Known> known_;
  std::vector<std::uint32_t> marks_;  // by element: the read that was last seen to hold it
  bool looked_ = false;
};

}  // namespace

void add_set_full(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{
      {.name = "linearizable",
       .kind = OptionSpec::Kind::boolean,
       .fallback = "true",
       .help = "what is known to be in the set must be in every later read; false: in the last"}};
  registry.add(entry_of("set-full", "g-set",
                        "Every element that was added stays visible: none is lost, stale, twice "
                        "in a read, or there too early.",
                        {}, std::move(options), [] { return std::make_unique<SetFull>(); }));
}

}  // namespace sunder
