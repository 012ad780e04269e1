// Whether processes agree in the end: the liveness of eventual consistency, of registers.

#include <algorithm>

#include "checker/linearizable/datatypes/shapes.h"
#include "checker/staleness/distribution.h"
#include "checker/staleness/ending.h"
#include "checker/staleness/tell.h"
#include "checker/weak/explain.h"
#include "harness/api/checker.h"

namespace sunder {
namespace {

using namespace staleness;
using Clock = std::chrono::steady_clock;

constexpr std::size_t anomalies_limit = 10;
constexpr std::size_t keys_told = 100;

/// detail: {within (ns), quiet (the op after which nothing was disturbed, or nil),
/// ends: {converged, differs, lost, overwritten, late, one-process, no-finale, open, unwritten,
/// undecided: keys each}, old_in_real_time (keys that agree on a value which only real time calls
/// old), agreed_after (distribution() in ns, of the keys whose last reads agree),
/// slowest: [{key, end, reads, agreed_after}] (at most 100 keys)}.
class ConvergenceChecker final : public Checker {
 public:
  void begin(const CheckContext& context) override {
    within_ = context.options.duration("converge-within");
    Value first_value = linearizable::option_value(context.options.text("initial"));
    decoder_ = std::make_unique<weak::Decoder>(context.keyed, first_value);
    watch_ = std::make_unique<EndingWatch>(context.keyed);
    auto budget = std::min<Duration>(context.time_budget, std::chrono::hours(10000));
    limits_ = {.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(budget),
               .memory = context.memory_budget,
               .stop = context.stop};
  }

  void feed(const OpView& op) override {
    decoder_->feed(op);
    watch_->feed(op);
  }

  Verdict finish() override {
    Verdict verdict{.checker = "convergence"};
    decoded_ = decoder_->take();
    if (!decoded_.trouble.empty()) {
      verdict.summary = "The history cannot be judged as a register. " + decoded_.trouble;
      return verdict;
    }
    Ending ending = watch_->take(decoded_);
    Clusters clusters(decoded_.registers);
    Convergence found = converge(decoded_.registers, clusters, ending, within_, limits_);
    verdict.detail = detail(found, ending);
    verdict.anomalies = anomalies(found);
    if (!verdict.anomalies.empty()) {
      verdict.validity = Validity::invalid;
      verdict.summary = "Not converged: " + verdict.anomalies.front().explanation;
      if (found.finding.outcome == weak::Outcome::refuted) {
        verdict.summary += " " + found.finding.reason;
      }
      return verdict;
    }
    bool holds = found.finding.outcome == weak::Outcome::holds;
    verdict.validity = holds ? Validity::valid : Validity::unknown;
    verdict.summary = found.finding.reason;
    return verdict;
  }

 private:
  std::vector<Anomaly> anomalies(const Convergence& found) const {
    std::vector<Anomaly> all;
    for (const KeyEnding& key : found.keys) {
      if (!refuted(key.end) || all.size() == anomalies_limit) continue;
      all.push_back(explain(key, decoded_));
    }
    // Where values come from nowhere, agreeing on them is worth nothing.
    std::vector<Anomaly> unwritten =
        weak::explain_unwritten(decoded_, anomalies_limit - all.size());
    all.insert(all.end(), unwritten.begin(), unwritten.end());
    return all;
  }

  Value detail(const Convergence& found, const Ending& ending) const {
    Map ends;
    for (int end = 0; end <= static_cast<int>(KeyEnd::undecided); ++end) {
      auto count = std::count_if(found.keys.begin(), found.keys.end(), [&](const KeyEnding& key) {
        return static_cast<int>(key.end) == end;
      });
      ends[to_string(static_cast<KeyEnd>(end))] = std::int64_t{count};
    }
    std::vector<const KeyEnding*> agreed;
    std::vector<std::int64_t> times;
    std::int64_t old = 0;
    for (const KeyEnding& key : found.keys) {
      if (key.old_in_real_time) ++old;
      if (!key.agreed_after.has_value()) continue;
      agreed.push_back(&key);
      times.push_back(*key.agreed_after);
    }
    std::stable_sort(agreed.begin(), agreed.end(), [](const KeyEnding* a, const KeyEnding* b) {
      return *a->agreed_after > *b->agreed_after;
    });
    if (agreed.size() > keys_told) agreed.resize(keys_told);
    List slowest;
    for (const KeyEnding* key : agreed) slowest.push_back(told(*key));
    Map map;
    map["within"] = nanoseconds(within_);
    map["quiet"] = ending.quiet.position < 0 ? Value{} : Value(ending.quiet.position);
    map["ends"] = std::move(ends);
    map["old_in_real_time"] = old;
    map["agreed_after"] = distribution(std::move(times));
    map["slowest"] = std::move(slowest);
    return map;
  }

  Value told(const KeyEnding& key) const {
    return Map{{"key", decoded_.keys[decoded_.key_ids[static_cast<std::size_t>(key.key)]]},
               {"end", std::string(to_string(key.end))},
               {"reads", std::int64_t{key.reads}},
               {"agreed_after", *key.agreed_after}};
  }

  Duration within_{0};
  weak::Limits limits_;
  std::unique_ptr<weak::Decoder> decoder_;
  std::unique_ptr<EndingWatch> watch_;
  weak::Decoded decoded_;
};

}  // namespace

void add_convergence(Registry<CheckerEntry>& registry) {
  CheckerEntry entry{
      .name = "convergence",
      .datatype = "register",
      .consistency = "convergence",
      .summary = "Whether the final reads of all processes agree, on a value that nothing "
                 "overwrote: the liveness of eventual consistency.",
      .datatype_summary = "One value, read and written, each value once.",
      .domain = true,
      .options = {{.name = "initial",
                   .fallback = "nil",
                   .help = "the value before the first write"},
                  {.name = "converge-within",
                   .kind = OptionSpec::Kind::duration,
                   .fallback = "0s",
                   .help = "how long after the last write of a key, and after all faults were "
                           "healed, its reads may still differ"}},
      .make = [] { return std::make_unique<ConvergenceChecker>(); }};
  CheckerEntry eventual = entry;
  registry.add(std::move(entry));
  // Eventual consistency is that, and that no value comes from nowhere, which it judges as well.
  eventual.name = "eventual register";
  eventual.consistency = "eventual";
  eventual.summary = "Reads return what was written, and in the end all agree on a last write.";
  eventual.domain = false;
  // "In the end" is not at once: a stale read just after the last write breaks no promise.
  eventual.options.back().fallback = "5s";
  registry.add(std::move(eventual));
}

}  // namespace sunder
