// "total-queue": everything that was put in comes out, once, and nothing else does.
//
// An element is missing when its enqueue was acknowledged before the queue was last found empty and
// it never came out. Each crashed dequeue may have taken one such element, and a crashed drain any
// number of them: what they can explain is not held against the queue. An option says whether
// such a history is valid then.

#include "checker/domain/queue_calls.h"

namespace sunder {
namespace {

using namespace domain;

class TotalQueue final : public QueueChecker {
 public:
  void begin(const CheckContext& context) override {
    QueueChecker::begin(context);
    if (context.options.text("failed-take") == "observed") let_failed_takes_tell();
  }

 private:
  /// An element that never came out though it was acknowledged, as often as `times`.
  struct Missing {
    std::size_t place;
    std::uint64_t times;
  };

  void judge(Calls calls, Findings& findings) override {
    collect(calls);
    judge_deliveries(findings, context_.options.text("duplicates") == "allowed");
    std::uint32_t emptied = 0;  // the queue was last found empty by a call that began here
    for (std::uint32_t at : empties_) emptied = std::max(emptied, call(at).invoked);
    std::vector<Missing> missing;
    std::uint64_t total = 0;
    std::uint64_t unjudged = 0;
    std::uint64_t acknowledged = 0;
    for (std::size_t place = 0; place < elements_.size(); ++place) {
      note(place, findings);
      acknowledged += elements_[place].acknowledged;
      const Element& element = elements_[place];
      std::uint32_t out = element.delivered + element.maybe;
      if (element.acknowledged <= out) continue;
      std::uint32_t absent = element.acknowledged - out;
      std::uint32_t old = 0;  // acknowledged before that
      for (std::uint32_t at : enqueues(place)) old += call(at).acknowledged() < emptied ? 1 : 0;
      std::uint32_t surely = old > out ? old - out : 0;
      if (surely != 0) missing.push_back({place, surely});
      total += surely;
      unjudged += absent - surely;
    }
    judge_missing(missing, total, findings);
    if (acknowledged == 0) findings.vacuous("No enqueue was acknowledged.");
    if (unjudged != 0) {
      findings.unknown(counted(unjudged, "acknowledged element") +
                       " did not come out, but the queue was not found empty after that: it may "
                       "still hold them. Only a drain in the end can tell.");
    }
  }

  void note(std::size_t place, Findings& findings) const {
    const Element& element = elements_[place];
    findings.figure("attempts", element.attempts);
    findings.figure("acknowledged", element.acknowledged);
    findings.figure("delivered", element.delivered);
    bool recovered = element.acknowledged == 0 && element.attempts != 0 && element.delivered != 0;
    if (recovered) findings.figure("recovered", 1);
  }

  void judge_missing(const std::vector<Missing>& missing, std::uint64_t total, Findings& findings) {
    findings.figure("missing", total);
    findings.figure("crashed_takes", crashed_takes_.size());
    std::uint64_t explained =
        crashed_drain_ ? total : std::min<std::uint64_t>(total, crashed_takes_.size());
    std::uint64_t lost = total - explained;
    if (total != 0 && lost == 0) {
      findings.figure("taken_by_crashed", total);
      if (context_.options.text("crashed-takes") == "explain") return;
      return findings.unknown(
          counted(total, "acknowledged element") + " never came out, for example " +
          text(missing.front().place) + "; " +
          (crashed_drain_ ? "a crashed drain" : counted(crashed_takes_.size(), "crashed dequeue")) +
          " may have taken them.");
    }
    for (const Missing& one : missing) {
      for (std::uint64_t i = 0; i < one.times && lost > 0; ++i, --lost) {
        findings.add("lost", [&] { return tell_lost(one.place, total); });
      }
    }
  }

  Story tell_lost(std::size_t place, std::uint64_t total) const {
    std::uint32_t witness = empties_.front();
    for (std::uint32_t at : empties_) {
      if (call(at).invoked > call(witness).invoked) witness = at;
    }
    std::uint32_t enqueue = enqueues(place).front();
    for (std::uint32_t at : enqueues(place)) {
      if (call(at).acknowledged() < call(enqueue).acknowledged()) enqueue = at;
    }
    std::string text = "The element " + this->text(place) +
                       " is lost: " + told(enqueue, "enqueue of " + this->text(place)) +
                       " was acknowledged, it never came out, and " + take_text(witness) +
                       ", which began later, " +
                       (kind(witness) == Kind::drain ? "left nothing behind." : "found nothing.");
    if (!crashed_takes_.empty()) {
      text += " " + counted(total, "element") + " never came out, and " +
              counted(crashed_takes_.size(), "crashed dequeue") + " can explain no more than that.";
    }
    return {text, ops_of({enqueue, witness}), detail_of(place)};
  }

  static std::string taken_by_crashed(const Findings& findings) {
    std::uint64_t taken = findings.figure("taken_by_crashed");
    if (taken == 0) return {};
    return " Of the rest, crashed dequeues may have taken " + std::to_string(taken) + ".";
  }

  std::string passed(const Findings& findings) const override {
    std::uint64_t came = findings.figure("acknowledged") - findings.figure("taken_by_crashed");
    return "All " + counted(came, "acknowledged element") + " came out" +
           (context_.options.text("duplicates") == "allowed" ? "" : ", none of them twice") +
           ", and nothing else did but " + std::to_string(findings.figure("recovered")) +
           " of unknown outcome." + taken_by_crashed(findings);
  }
};

}  // namespace

void add_total_queue(Registry<CheckerEntry>& registry) {
  for (const char* datatype : queue_datatypes) {
    std::vector<OptionSpec> options{
        {.name = "duplicates",
         .kind = OptionSpec::Kind::choice,
         .fallback = "forbidden",
         .help = "whether an element may come out more often than it was put in",
         .choices = {"forbidden", "allowed"}},
        {.name = "crashed-takes",
         .kind = OptionSpec::Kind::choice,
         .fallback = "unknown",
         .help = "what becomes of a history in which crashed dequeues may have taken what is "
                 "missing: it is unknown, or they explain it",
         .choices = {"unknown", "explain"}},
        {.name = "failed-take",
         .kind = OptionSpec::Kind::choice,
         .fallback = "ignored",
         .help =
             "whether a dequeue that failed with the error 'empty', or without one, found nothing",
         .choices = {"ignored", "observed"}}};
    registry.add(entry_of("total-queue", datatype,
                          "Everything that was put into a queue comes out, and nothing else.", {},
                          std::move(options), [] { return std::make_unique<TotalQueue>(); }));
  }
}

}  // namespace sunder
