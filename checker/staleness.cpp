// How stale reads of registers were. Never invalid: it measures, it does not judge.

#include <algorithm>

#include "checker/linearizable/datatypes/shapes.h"
#include "checker/staleness/ending.h"
#include "checker/staleness/figures.h"
#include "checker/staleness/tell.h"
#include "harness/api/checker.h"

namespace sunder {
namespace {

using namespace staleness;

constexpr std::size_t examples_told = 10;

/// The smallest k of each key and of the whole history.
struct Atomicities {
  std::vector<AtomicityFinding> keys;

  Atomicity worst() const {
    Atomicity worst = Atomicity::one;
    for (const AtomicityFinding& key : keys) worst = std::max(worst, key.smallest);
    return worst;
  }
  std::int64_t count(Atomicity of) const {
    return std::count_if(keys.begin(), keys.end(),
                         [&](const AtomicityFinding& key) { return key.smallest == of; });
  }
};

/// detail: {keys, reads, writes, unwritten_reads, atomicity, all, faults, no_fault, after_quiet,
/// lag, missed_by_age, processes}. atomicity: {k: "1", "2", "more" or "none", keys: {the same: how
/// many}, examples: as why_not_smaller() has them, of at most 10 keys}. all and what follows it are
/// lower bounds (checker/staleness/bounds.h), as in checker/staleness/figures.h.
class Staleness final : public Checker {
 public:
  void begin(const CheckContext& context) override {
    Value first_value = linearizable::option_value(context.options.text("initial"));
    decoder_ = std::make_unique<weak::Decoder>(context.keyed, first_value);
    watch_ = std::make_unique<EndingWatch>(context.keyed);
    stop_ = context.stop;
  }

  void feed(const OpView& op) override {
    decoder_->feed(op);
    watch_->feed(op);
  }

  Verdict finish() override {
    Verdict verdict{.checker = "staleness"};
    decoded_ = decoder_->take();
    if (!decoded_.trouble.empty()) {
      verdict.summary = "The history cannot be measured as a register. " + decoded_.trouble;
      return verdict;
    }
    if (decoded_.reads == 0) {
      verdict.summary = "Nothing was read, so there is nothing to measure.";
      return verdict;
    }
    watch_->take(decoded_);
    Clusters clusters(decoded_.registers);
    std::vector<Bound> bounds = bounds_of(decoded_.registers, clusters);
    if (stop_ != nullptr && stop_->load()) {
      verdict.summary = "It was stopped before everything was measured.";
      return verdict;
    }
    Atomicities atomicities = decide(clusters);
    verdict.validity = Validity::valid;
    verdict.summary = summary(bounds, atomicities);
    verdict.detail = detail(clusters, bounds, atomicities);
    return verdict;
  }

 private:
  Atomicities decide(const Clusters& clusters) const {
    Atomicities all;
    for (std::int32_t key = 0; key < clusters.keys(); ++key) {
      all.keys.push_back(smallest_k(clusters.of_key(key)));
    }
    for (const weak::Unwritten& one : decoded_.unwritten) {
      all.keys[static_cast<std::size_t>(one.key)] = {.smallest = Atomicity::nowhere};
    }
    return all;
  }

  static std::string summary(const std::vector<Bound>& bounds, const Atomicities& atomicities) {
    std::size_t stale = 0;
    std::uint32_t newer = 0;
    std::int64_t time = 0;
    for (const Bound& one : bounds) {
      if (one.stale()) ++stale;
      newer = std::max(newer, one.newer);
      time = std::max(time, one.stale_for);
    }
    std::string text = std::to_string(stale) + " of " + std::to_string(bounds.size()) +
                       " reads were surely stale";
    if (stale != 0) {
      text += ", at worst by at least " + std::to_string(newer) +
              (newer == 1 ? " version and " : " versions and ") + format_duration(Duration(time));
    }
    switch (atomicities.worst()) {
      case Atomicity::one: return text + "; every key is 1-atomic, which is linearizable.";
      case Atomicity::two: return text + "; every key is 2-atomic, not every one 1-atomic.";
      case Atomicity::more:
        return text + "; " + std::to_string(atomicities.count(Atomicity::more)) +
               " keys are not even 2-atomic.";
      case Atomicity::nowhere: break;
    }
    return text + "; reads of values that had not been written are not counted.";
  }

  Value detail(const Clusters& clusters, const std::vector<Bound>& bounds,
               const Atomicities& atomicities) const {
    const Registers& registers = decoded_.registers;
    Value whole = by_fault(registers, bounds, watch_->faults());
    Map& map = whole.map();
    map["keys"] = std::int64_t{registers.keys};
    map["reads"] = static_cast<std::int64_t>(decoded_.reads);
    map["writes"] = static_cast<std::int64_t>(registers.size() - bounds.size());
    map["unwritten_reads"] = static_cast<std::int64_t>(decoded_.unwritten.size());
    map["atomicity"] = atomicity_detail(clusters, atomicities);
    map["lag"] = lag_over_time(registers, bounds);
    map["missed_by_age"] = missed_by_age(bounds);
    map["processes"] = by_process(registers, bounds, decoded_.processes);
    return whole;
  }

  Value atomicity_detail(const Clusters& clusters, const Atomicities& atomicities) const {
    Map keys;
    List examples;
    for (Atomicity one :
         {Atomicity::nowhere, Atomicity::more, Atomicity::two, Atomicity::one}) {
      keys[to_string(one)] = atomicities.count(one);
      if (one == Atomicity::one) continue;
      for (std::int32_t key = 0; key < clusters.keys(); ++key) {
        const AtomicityFinding& finding = atomicities.keys[static_cast<std::size_t>(key)];
        if (finding.smallest != one || examples.size() == examples_told) continue;
        examples.push_back(why_not_smaller(key, finding, clusters.of_key(key), decoded_));
      }
    }
    return Map{{"k", std::string(to_string(atomicities.worst()))},
               {"keys", std::move(keys)},
               {"examples", std::move(examples)}};
  }

  const std::atomic<bool>* stop_ = nullptr;
  std::unique_ptr<weak::Decoder> decoder_;
  std::unique_ptr<EndingWatch> watch_;
  weak::Decoded decoded_;
};

}  // namespace

void add_staleness(Registry<CheckerEntry>& registry) {
  registry.add(CheckerEntry{
      .name = "staleness",
      .datatype = "register",
      .consistency = "staleness",
      .summary = "How stale reads were at the least, by version and time, with and without faults; "
                 "and whether the history is 1- or 2-atomic.",
      .datatype_summary = "One value, read and written, each value once.",
      .domain = true,
      .options = {{.name = "initial",
                   .fallback = "nil",
                   .help = "the value before the first write"}},
      .make = [] { return std::make_unique<Staleness>(); }});
}

}  // namespace sunder
