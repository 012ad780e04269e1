// "counter": reads that no order of the adds explains.
//
// What the adds alone allow refutes a read in the field's own words. It proves nothing: reads that
// are possible one by one may contradict each other. So a history that passes is handed to the
// linearizability checker, which is exact, and fast where all adds are of one number.

#include <numeric>

#include "checker/domain/counter_calls.h"

namespace sunder {

void add_linearizable(Registry<CheckerEntry>& registry);

namespace {

using namespace domain;

class Counter final : public CounterChecker {
 public:
  void begin(const CheckContext& context) override {
    CounterChecker::begin(context);
    Registry<CheckerEntry> registry;
    add_linearizable(registry);
    const CheckerEntry& entry = *registry.find("linearizable counter");
    CheckContext own = context;
    own.certificate = nullptr;
    own.options = *Options::parse(entry.options,
                                  {{"initial", context.options.all().find("initial")->second}});
    exact_ = entry.make();
    exact_->begin(own);
  }

  void feed(const OpView& op) override {
    CounterChecker::feed(op);
    exact_->feed(op);
  }

 private:
  void judge(Calls calls, Findings& findings) override {
    std::int64_t initial = context_.options.integer("initial");
    add_up(calls, initial);
    std::vector<std::uint32_t> reads;
    std::int64_t step = 0;
    bool up = false;
    bool down = false;
    for (std::uint32_t at : calls) {
      if (is_read(at)) {
        if (call(at).ok()) reads.push_back(at);
      } else if (!call(at).failed()) {
        up |= number(at) > 0;
        down |= number(at) < 0;
        step = std::gcd(step, number(at));
      }
    }
    findings.figure("reads", reads.size());
    std::uint64_t before = findings.anomalies();
    for (std::uint32_t at : reads) judge_bounds(at, initial, step, findings);
    if (!up || !down) judge_direction(reads, down, findings);
    refuted_ |= findings.anomalies() != before;
    if (reads.empty()) findings.vacuous("The counter was never read.");
  }

  void judge_bounds(std::uint32_t at, std::int64_t initial, std::int64_t step, Findings& findings) {
    auto [least, most] = bounds(at);
    std::int64_t value = number(at);
    if (value < least || value > most) {
      const char* name = value < least ? "below-bounds" : "above-bounds";
      findings.add(name, [&, low = least, high = most] { return out_of_bounds(at, low, high); });
    } else if (step > 1 && (value - initial) % step != 0) {
      findings.add("impossible-value", [&]() -> Story {
        return {"No choice of adds makes what " + read_text(at) +
                    " answered: every add is of a multiple of " + std::to_string(step) + ".",
                ops_of({at}), detail_of(at)};
      });
    }
  }

  Story out_of_bounds(std::uint32_t at, std::int64_t least, std::int64_t most) const {
    Map detail = detail_of(at);
    detail["least"] = least;
    detail["most"] = most;
    bool below = number(at) < least;
    return {"The answer of " + read_text(at) +
                " is impossible: with the adds that had been "
                "acknowledged before it began and those that were begun before it ended, the "
                "counter was " +
                (below ? "never below " + std::to_string(least)
                       : "never above " + std::to_string(most)) +
                ".",
            ops_of({at}), std::move(detail)};
  }

  // Adds of one sign: what was read later is never on the other side of what was read before.
  void judge_direction(const std::vector<std::uint32_t>& reads, bool down, Findings& findings) {
    std::uint32_t farthest = UINT32_MAX;
    auto beyond = [&](std::uint32_t a, std::uint32_t b) {
      return down ? number(a) < number(b) : number(a) > number(b);
    };
    in_real_time(
        reads,
        [&](std::uint32_t at) {
          if (farthest == UINT32_MAX || beyond(at, farthest)) farthest = at;
        },
        [&](std::uint32_t at) {
          if (farthest == UINT32_MAX || !beyond(farthest, at)) return;
          findings.add("nonmonotonic", [&]() -> Story {
            return {std::string("The counter only ") + (down ? "shrinks" : "grows") + ", but " +
                        read_text(at) + " began after " + read_text(farthest) + " had ended.",
                    ops_of({farthest, at}), detail_of(at)};
          });
        });
  }

  void judge_rest(Findings& findings) override {
    if (refuted_) return;
    Verdict verdict = exact_->finish();
    if (verdict.validity == Validity::unknown) return findings.unknown(verdict.summary);
    for (const Anomaly& anomaly : verdict.anomalies) {
      findings.add(anomaly.name, [&]() -> Story {
        Map detail = anomaly.detail.is_map() ? anomaly.detail.map() : Map{};
        return {anomaly.explanation, anomaly.ops, std::move(detail)};
      });
    }
  }

  std::string passed(const Findings& findings) const override {
    return "One order of the adds explains all " + counted(findings.figure("reads"), "read") + ".";
  }

  std::unique_ptr<Checker> exact_;
  bool refuted_ = false;
};

}  // namespace

void add_counter(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{{.name = "initial",
                                   .kind = OptionSpec::Kind::integer,
                                   .fallback = "0",
                                   .help = "the number before the first add"}};
  registry.add(entry_of("counter", "counter", "Some order of the adds explains all reads together.",
                        {}, std::move(options), [] { return std::make_unique<Counter>(); }));
}

}  // namespace sunder
