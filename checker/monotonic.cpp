// "monotonic": a counter that only grows is never seen to shrink.

#include "checker/domain/counter_calls.h"

namespace sunder {
namespace {

using namespace domain;

class Monotonic final : public CounterChecker {
 private:
  static constexpr std::uint32_t nobody = UINT32_MAX;

  void judge(Calls calls, Findings& findings) override {
    std::vector<std::uint32_t> reads;
    for (std::uint32_t at : calls) {
      bool shrinks = !is_read(at) && number(at) < 0 && !call(at).failed();
      if (shrinks) {
        return findings.unknown("The counter does not only grow: " +
                                told(at, "add of " + std::to_string(number(at))) + ".");
      }
      if (is_read(at) && call(at).ok()) reads.push_back(at);
    }
    findings.figure("reads", reads.size());
    if (reads.size() < 2) return findings.vacuous("Fewer than two reads tell nothing of an order.");
    judge_source(calls, reads, findings);
    judge_sessions(reads, findings);
    judge_stamps(reads, findings);
  }

  void judge_source(Calls calls, const std::vector<std::uint32_t>& reads, Findings& findings) {
    add_up(calls, context_.options.integer("initial"));
    for (std::uint32_t at : reads) {
      Bounds whole = bounds(at);
      bool early = number(at) < context_.options.integer("initial");
      if (number(at) <= whole.most && !early) continue;
      findings.add("unexpected", [&]() -> Story {
        std::string why = early ? "less than the counter began with."
                                : "more than all adds that were begun before it ended can make (" +
                                      std::to_string(whole.most) + ").";
        return {"The answer of " + read_text(at) + " is " + why, ops_of({at}), detail_of(at)};
      });
    }
  }

  void judge_sessions(const std::vector<std::uint32_t>& reads, Findings& findings) {
    bool real_time = context_.options.text("order") == "realtime";
    std::uint32_t greatest = nobody;
    std::vector<std::uint32_t> own(lanes(), nobody);  // by process: its greatest
    auto raise = [&](std::uint32_t& to, std::uint32_t at) {
      if (to == nobody || number(at) > number(to)) to = at;
    };
    in_real_time(
        reads,
        [&](std::uint32_t at) {
          raise(greatest, at);
          raise(own[static_cast<std::size_t>(call(at).lane)], at);
        },
        [&](std::uint32_t at) {
          std::uint32_t mine = own[static_cast<std::size_t>(call(at).lane)];
          if (mine != nobody && number(mine) > number(at)) {
            findings.add("nonmonotonic-process", [&] { return backwards(mine, at); });
          } else if (real_time && greatest != nobody && number(greatest) > number(at)) {
            findings.add("nonmonotonic", [&] { return backwards(greatest, at); });
          }
        });
  }

  Story backwards(std::uint32_t before, std::uint32_t at) const {
    Map detail = detail_of(at);
    detail["before"] = number(before);
    return {"The counter went back: " + read_text(at) + " began after " + read_text(before) +
                " had ended.",
            ops_of({before, at}), std::move(detail)};
  }

  // In order of their timestamps, values never shrink; equal timestamps mean equal values.
  void judge_stamps(std::vector<std::uint32_t> reads, Findings& findings) {
    std::erase_if(reads, [&](std::uint32_t at) { return !stamp(at); });
    std::sort(reads.begin(), reads.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::tuple(*stamp(a), number(a), a) < std::tuple(*stamp(b), number(b), b);
    });
    findings.figure("timestamps", reads.size());
    for (std::size_t i = 1; i < reads.size(); ++i) {
      std::uint32_t before = reads[i - 1];
      std::uint32_t at = reads[i];
      bool same_time = *stamp(before) == *stamp(at);
      if (same_time ? number(before) == number(at) : number(before) <= number(at)) continue;
      findings.add("nonmonotonic-timestamp", [&]() -> Story {
        return {"By their timestamps the counter did not grow: " + read_text(before) +
                    " has the timestamp " + std::to_string(*stamp(before)) + ", and " +
                    read_text(at) + " has " + std::to_string(*stamp(at)) + ".",
                ops_of({before, at}), detail_of(at)};
      });
    }
  }

  std::string passed(const Findings& findings) const override {
    bool real_time = context_.options.text("order") == "realtime";
    return "No " + std::string(real_time ? "read" : "process") + " among " +
           counted(findings.figure("reads"), "read") + " saw the counter go back.";
  }
};

}  // namespace

void add_monotonic(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{
      {.name = "order",
       .kind = OptionSpec::Kind::choice,
       .fallback = "realtime",
       .help = "whose reads must never go back: those of each process, or of all in real time",
       .choices = {"process", "realtime"}},
      {.name = "initial",
       .kind = OptionSpec::Kind::integer,
       .fallback = "0",
       .help = "the number before the first add"}};
  registry.add(entry_of("monotonic", "counter",
                        "A counter that only grows is never seen to shrink.", {},
                        std::move(options), [] { return std::make_unique<Monotonic>(); }));
}

}  // namespace sunder
