// How soon the service was back: after each fault, and after the proof that all faults are gone.

#include <algorithm>
#include <map>
#include <optional>

#include "checker/service/observer.h"

namespace sunder {
namespace {

using service::EndedOp;
using service::Observer;
using service::Rate;

constexpr Duration slice = std::chrono::milliseconds(500);  // in which a rate is measured
constexpr std::size_t windows_max = 500;                    // looked at

/// What followed the ends of the faults of one kind.
struct Aftermath {
  std::int64_t ended = 0;          // faults of which there is something to measure
  std::vector<Duration> first_ok;  // from the first try after a fault
  std::vector<Duration> normal;    // until the rate of ok operations was as without faults
};

Value times(std::vector<Duration>& all) {
  std::sort(all.begin(), all.end());
  Map map;
  map["count"] = static_cast<std::int64_t>(all.size());
  map["median"] = all.empty() ? Value() : Value(nanoseconds(all[(all.size() - 1) / 2]));
  map["max"] = all.empty() ? Value() : Value(nanoseconds(all.back()));
  return map;
}

/// detail: {no_fault: rate, kinds: {kind: {ended, first_ok: times, normal: times}}, left_out,
/// healed, tried_after_healing, first_ok_after_healing} where times are {count, median, max} in ns
/// from the first try after the end of a fault until an operation was ok, and until nine tenths of
/// the rate without faults were reached in some half second. The next fault ends the
/// measurement, so `count` may be less than `ended`. cores: [{without, tried, first_ok}], one for
/// each time that a core of the nodes was alone and no other fault was on.
class Recovery final : public Checker {
 public:
  void begin(const CheckContext& context) override { bound_ = context.options.duration("bound"); }
  void feed(const OpView& op) override { observer_.feed(op); }

  Verdict finish() override {
    observer_.finish();
    Verdict verdict{.checker = "recovery"};
    if (observer_.ops().empty()) {
      verdict.summary = "No client operation was invoked.";
      return verdict;
    }
    for (const EndedOp& op : observer_.ops()) {
      if (!observer_.in_fault(op.invoked)) usual_.add(op);
    }
    std::size_t looked_at = 0;
    for (const FaultWindow& window : observer_.windows()) {
      if (!window.confirmed || window.end_op == no_op) continue;
      if (++looked_at <= windows_max) look_after(window);
    }
    Map detail;
    detail["left_out"] = static_cast<std::int64_t>(looked_at - std::min(looked_at, windows_max));
    detail["no_fault"] = to_value(usual_);
    judge_healing(verdict, detail);
    judge_cores(verdict, detail);
    tell_kinds(verdict, detail);
    verdict.detail = std::move(detail);
    return verdict;
  }

 private:
  // The next confirmed fault, which would blur what followed the one before.
  Instant next_fault(Instant after) const {
    Instant next = never;
    for (const FaultWindow& window : observer_.windows()) {
      if (!window.confirmed || window.end <= after) continue;
      next = std::min(next, std::max(window.begin, after));
    }
    return next;
  }

  void look_after(const FaultWindow& window) {
    Instant until = next_fault(window.end);
    std::span<const EndedOp> ops = observer_.between(window.end, until);
    if (ops.empty()) return;
    Aftermath& aftermath = aftermaths_[window.kind];
    ++aftermath.ended;
    std::optional<Duration> first;
    for (const EndedOp& op : ops) {
      if (op.phase != Phase::ok || op.completed >= until) continue;
      // Whoever does not ask gets no answer: the time before the first try is nobody's wait.
      first = std::min(first.value_or(Duration::max()), op.completed - ops.front().invoked);
    }
    if (first) aftermath.first_ok.push_back(*first);
    if (std::optional<Duration> normal = until_normal(ops, ops.front().invoked)) {
      aftermath.normal.push_back(*normal);
    }
  }

  std::optional<Duration> until_normal(std::span<const EndedOp> ops, Instant begin) const {
    Rate rate;
    std::int64_t number = 0;  // of the slice
    for (const EndedOp& op : ops) {
      std::int64_t own = (op.invoked - begin) / slice;
      if (own != number) {
        if (is_normal(rate)) break;
        rate = {};
        number = own;
      }
      rate.add(op);
    }
    return is_normal(rate) ? std::optional(slice * number) : std::nullopt;
  }

  bool is_normal(const Rate& rate) const {
    return rate.ok > 0 && rate.per_mille() * 10 >= usual_.per_mille() * 9;
  }

  // Answers are no promise of any model, so their lack is not invalid. But a run whose clients got
  // none from a cluster that was proved to be whole shows less than it seems to.
  void judge_healing(Verdict& verdict, Map& detail) {
    verdict.validity = Validity::valid;
    Instant healed = observer_.healed();
    if (healed == never) {
      verdict.summary = "Healing was not proved, so nothing is known of the time after it.";
      return;
    }
    detail["healed"] = nanoseconds(healed);
    Progress after = progress(healed, never);
    detail["tried_after_healing"] = after.tried;
    if (after.tried == 0) {
      verdict.summary = "No operation was tried after the proof of healing.";
      return;
    }
    if (after.came) detail["first_ok_after_healing"] = nanoseconds(after.took);
    verdict.summary = "After the proof of healing ";
    tell(after, verdict);
  }

  /// What was tried in a time in which answers are due.
  struct Progress {
    std::int64_t tried = 0;
    bool came = false;  // an ok
    Duration took{0};   // from the first try to that, or to the last answer of any kind
  };

  Progress progress(Instant begin, Instant end) const {
    std::span<const EndedOp> ops = observer_.between(begin, end);
    Progress progress{.tried = static_cast<std::int64_t>(ops.size())};
    if (ops.empty()) return progress;
    // The bound counts from the first try: whoever does not ask gets no answer.
    Instant first_try = ops.front().invoked;
    Instant first_ok = never;
    Instant last = first_try;
    for (const EndedOp& op : ops) {
      last = std::max(last, std::min(op.completed, end));
      if (op.phase == Phase::ok && op.completed < end) first_ok = std::min(first_ok, op.completed);
    }
    progress.came = first_ok != never;
    progress.took = std::min(first_ok, last) - first_try;
    return progress;
  }

  void tell(const Progress& progress, Verdict& verdict) const {
    verdict.summary +=
        (progress.came ? "the first operation was ok within " : "no operation was ok in ") +
        format_duration(progress.took) + ".";
    if (progress.took <= bound_) return;
    verdict.validity = Validity::unknown;
    verdict.summary += " That is more than the bound of " + format_duration(bound_) + ".";
  }

  // A core that is left whole and alone must answer while it is, or within the bound if that is
  // sooner.
  void judge_cores(Verdict& verdict, Map& detail) {
    List cores;
    for (std::size_t i = 0; i < observer_.windows().size(); ++i) {
      const FaultWindow& window = observer_.windows()[i];
      if (window.kind != "core" || !window.confirmed) continue;
      if (!is_alone(i)) {
        // One that ends the run was to show progress; of others nobody knows which fault is why.
        if (!ends_the_faults(i)) continue;
        verdict.validity = Validity::unknown;
        verdict.summary += " The core that was left was not alone: another fault was still on.";
        continue;
      }
      Progress alone = progress(observer_.struck(i), observer_.undone(i));
      std::string names;
      for (const std::string& name : window.targets) names += (names.empty() ? "" : " ") + name;
      verdict.summary += " Without " + names + " ";
      if (alone.tried == 0) {
        verdict.summary += "nothing was tried.";
      } else {
        tell(alone, verdict);
      }
      if (!alone.came) verdict.validity = Validity::unknown;
      Map core;
      core["without"] = names;
      core["tried"] = alone.tried;
      if (alone.came) core["first_ok"] = nanoseconds(alone.took);
      cores.emplace_back(std::move(core));
    }
    if (!cores.empty()) detail["cores"] = std::move(cores);
  }

  /// Whether no other fault was on during this one.
  bool is_alone(std::size_t window) const {
    const std::vector<FaultWindow>& all = observer_.windows();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i == window) continue;
      if (all[i].begin < observer_.undone(window) && all[window].begin < all[i].end) return false;
    }
    return true;
  }

  /// Whether no fault began later than this one.
  bool ends_the_faults(std::size_t window) const {
    const std::vector<FaultWindow>& all = observer_.windows();
    return std::none_of(all.begin(), all.end(), [&](const FaultWindow& other) {
      return other.begin > all[window].begin;
    });
  }

  void tell_kinds(Verdict& verdict, Map& detail) {
    Map kinds;
    for (auto& [kind, aftermath] : aftermaths_) {
      Map map;
      map["ended"] = aftermath.ended;
      map["first_ok"] = times(aftermath.first_ok);
      map["normal"] = times(aftermath.normal);
      kinds[kind] = std::move(map);
      if (aftermath.first_ok.empty()) continue;
      verdict.summary += " After a " + kind + ": " + format_duration(aftermath.first_ok.back()) +
                         " at most until an ok.";
    }
    detail["kinds"] = std::move(kinds);
  }

  Duration bound_{0};
  Observer observer_;
  Rate usual_;
  std::map<std::string, Aftermath> aftermaths_;
};

}  // namespace

void add_recovery(Registry<CheckerEntry>& registry) {
  registry.add(CheckerEntry{
      .name = "recovery",
      .summary = "How soon operations were ok again after each fault and after healing.",
      .options = {{.name = "bound",
                   .kind = OptionSpec::Kind::duration,
                   .fallback = "10s",
                   .help = "an operation must be ok this long after the first one that was tried "
                           "when healing was proved"}},
      .make = [] { return std::make_unique<Recovery>(); }});
}

}  // namespace sunder
