// Linearizability (Herlihy and Wing, TOPLAS 1990) of every datatype, each key by itself.

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include "checker/linearizable/certificate.h"
#include "checker/linearizable/decide.h"
#include "checker/linearizable/explain.h"
#include "harness/api/checker.h"

namespace sunder {
namespace {

using namespace linearizable;
using Clock = std::chrono::steady_clock;

constexpr std::size_t anomalies_limit = 10;

class Linearizable final : public Checker {
 public:
  explicit Linearizable(const DatatypeEntry& entry) : entry_(entry) {}

  void begin(const CheckContext& context) override {
    context_ = context;
    datatype_ = entry_.make(context.options);
    told_at_ = Clock::now();
    recorder_ = std::make_unique<Recorder>(*datatype_, context.keyed);
    deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::min<Duration>(
                                   context.time_budget, std::chrono::hours(10000)));
  }

  void feed(const OpView& op) override { recorder_->feed(op); }

  Verdict finish() override {
    Verdict verdict{.checker = "linearizable"};
    if (recorder_->client_ops() == 0 && recorder_->trouble().empty()) {
      verdict.summary = "The history has no client operation, so there is nothing to judge.";
      return verdict;
    }
    split_ = !context_.keyed || context_.options.boolean("split");
    for (Partition& partition : recorder_->take(split_)) {
      operations_ += partition.operations.size();
      cases_.push_back({std::move(partition), {}});
    }
    if (recorder_->trouble().empty()) decide_all();
    judge(verdict);
    if (context_.certificate) context_.certificate(certificate());
    return verdict;
  }

 private:
  /// One key's operations, and what was decided of them so far.
  struct Case {
    Partition partition;
    Judgement judgement;
  };

  // Keys take turns with growing shares of the time, so that a hard one does not hide the others.
  void decide_all() {
    std::vector<Case*> waiting;
    for (Case& one : cases_) waiting.push_back(&one);
    for (auto share = std::chrono::milliseconds(500); !waiting.empty(); share *= 4) {
      bool last = waiting.size() == 1 || Clock::now() + share >= deadline_;
      decide_some(waiting, share, last);
      std::erase_if(waiting, [](const Case* one) { return one->judgement.decided(); });
      if (last || (context_.stop != nullptr && context_.stop->load())) break;
      if (context_.progress && !waiting.empty()) {
        context_.progress("linearizable: " + std::to_string(cases_.size() - waiting.size()) +
                          " of " + std::to_string(cases_.size()) + " keys decided");
      }
    }
  }

  void decide_some(const std::vector<Case*>& waiting, Clock::duration share, bool last) {
    std::size_t threads =
        std::min<std::size_t>(static_cast<std::size_t>(std::max(context_.jobs, 1)), waiting.size());
    std::atomic<std::size_t> next{0};
    auto work = [&] {
      for (std::size_t i = next++; i < waiting.size(); i = next++) {
        auto left = std::max(deadline_ - Clock::now(), Clock::duration{0});
        auto rounds = static_cast<std::int64_t>((waiting.size() - i + threads - 1) / threads);
        auto mine = last ? left / rounds : std::min(share, left);
        Budget budget{.deadline = Clock::now() + mine,
                      .memory = context_.memory_budget / threads,
                      .stop = context_.stop};
        if (context_.progress) {
          budget.progress = [this, one = waiting[i]](std::uint32_t passed, std::uint32_t returns) {
            tell(*one, passed, returns);
          };
        }
        waiting[i]->judgement =
            decide(*datatype_, waiting[i]->partition.operations, budget,
                   {.wants_order = static_cast<bool>(context_.certificate), .keys = keys()});
      }
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }

  // At most once a second, from whichever thread.
  void tell(const Case& one, std::uint32_t passed, std::uint32_t returns) {
    std::lock_guard lock(telling_);
    if (Clock::now() - told_at_ < std::chrono::seconds(1)) return;
    told_at_ = Clock::now();
    std::string text = "linearizable: an order passes " + std::to_string(passed) + " of " +
                       std::to_string(returns) + " returns";
    if (context_.keyed && split_) append_edn(text += " on key ", key_of(one));
    context_.progress(text);
  }

  Value key_of(const Case& one) const {
    return context_.keyed && split_ ? recorder_->keys()[one.partition.key] : Value{};
  }

  void judge(Verdict& verdict) {
    std::size_t invalid = 0;
    std::size_t by_monitor = 0;
    std::uint64_t steps = 0;
    const Case* hard = nullptr;
    List invalid_keys;
    for (const Case& one : cases_) {
      steps += one.judgement.steps;
      by_monitor += one.judgement.by_monitor ? 1 : 0;
      if (!one.judgement.decided() && hard == nullptr) hard = &one;
      if (one.judgement.outcome != Decision::Outcome::not_linearizable) continue;
      ++invalid;
      if (context_.keyed && split_) invalid_keys.push_back(key_of(one));
      if (verdict.anomalies.size() < anomalies_limit) {
        verdict.anomalies.push_back(anomaly(one, patience(verdict.anomalies.size())));
      }
    }
    Map detail;
    detail["keys"] = static_cast<std::int64_t>(cases_.size());
    detail["operations"] = static_cast<std::int64_t>(operations_);
    detail["steps"] = static_cast<std::int64_t>(steps);
    detail["keys_by_monitor"] = static_cast<std::int64_t>(by_monitor);
    detail["invalid_keys"] = std::move(invalid_keys);
    detail["undecodable"] = static_cast<std::int64_t>(recorder_->troubles());
    verdict.detail = std::move(detail);
    conclude(verdict, invalid, hard);
  }

  /// How long an explanation may be made smaller: the first is what people read, and ten keys are
  /// not to take ten times as long.
  static Duration patience(std::size_t before) {
    return before == 0 ? std::chrono::milliseconds(2000) : std::chrono::milliseconds(250);
  }

  Anomaly anomaly(const Case& one, Duration patience) const {
    const Operations& all = one.partition.operations;
    Scene scene{*datatype_, *recorder_, all, context_.keyed && split_, key_of(one)};
    if (!one.judgement.by_monitor) return anomaly(all, scene, one.judgement.refutation, patience);
    // The pattern is the proof. A window of the search says more to people, where it is found soon.
    const Pattern& pattern = one.judgement.pattern;
    const Call& cited = all[pattern.operations.front()].call;
    bool one_value = datatype_->needs(cited) || datatype_->leaves(cited);
    Operations shown = one_value ? all : those_of(pattern, all);
    Judgement searched = decide(*datatype_, shown, explaining_budget(patience),
                                {.use_monitors = false, .keys = keys()});
    Anomaly by_pattern = explain(scene, pattern);
    if (searched.outcome != Decision::Outcome::not_linearizable) return by_pattern;
    Anomaly by_search = anomaly(shown, scene, searched.refutation, patience);
    auto add = [](const Anomaly& from, Anomaly& to, std::initializer_list<const char*> names) {
      for (const char* name : names) to.detail.map()[name] = *from.detail.find(name);
    };
    if (one_value) {
      add(by_pattern, by_search, {"pattern", "theorem"});
      return by_search;
    }
    // Where there is more than one value, the pattern says it in fewer words, and what the search
    // held inside at the end leaves out all other values.
    add(by_search, by_pattern, {"stuck_op"});
    return by_pattern;
  }

  /// A container holds each value apart: without some of its values, what remains of a linearizable
  /// history is one. So the search need look at no others than those of the pattern, and at calls
  /// that may have taken any.
  static Operations those_of(const Pattern& pattern, const Operations& all) {
    std::set<std::uint32_t> cited(pattern.operations.begin(), pattern.operations.end());
    Operations shown;
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      if (cited.contains(i) || all[i].crashed()) shown.push_back(all[i]);
    }
    return shown;
  }

  Anomaly anomaly(const Operations& operations, const Scene& scene, const Refutation& refutation,
                  Duration patience) const {
    std::unique_ptr<Model> model = model_of(*datatype_, keys());
    Contradiction contradiction =
        reduce(operations, refutation, *datatype_, *model, explaining_budget(patience));
    return explain(scene, contradiction, *model);
  }

  Budget explaining_budget(Duration patience) const {
    return {.thread_deadline = thread_time() + patience,
            .memory = context_.memory_budget,
            .stop = context_.stop};
  }

  /// The keys, where all of them are one object.
  const ValueTable* keys() const { return split_ ? nullptr : &recorder_->keys(); }

  void conclude(Verdict& verdict, std::size_t invalid, const Case* hard) const {
    std::string all =
        std::to_string(operations_) + " operations" +
        (context_.keyed && split_ ? " on " + std::to_string(cases_.size()) + " keys" : "");
    if (!recorder_->trouble().empty()) {
      verdict.anomalies.clear();  // a contradiction among half-read operations proves nothing
      verdict.summary =
          "The history cannot be judged as a " + entry_.name + ". " + recorder_->trouble();
    } else if (invalid != 0) {
      verdict.validity = Validity::invalid;
      verdict.summary = "Not linearizable: " + verdict.anomalies.front().explanation;
      if (invalid > 1) verdict.summary += " " + std::to_string(invalid) + " keys are affected.";
    } else if (hard != nullptr) {
      verdict.summary = undecided(*hard);
    } else {
      verdict.validity = Validity::valid;
      verdict.summary = "All " + all + " are linearizable.";
    }
  }

  std::string undecided(const Case& hard) const {
    auto decided = std::count_if(cases_.begin(), cases_.end(),
                                 [](const Case& one) { return one.judgement.decided(); });
    std::string text = "Undecided: " + hard.judgement.reason + ". ";
    std::string where = "Of the ";
    if (context_.keyed && split_) {
      std::string key;
      append_edn(key, key_of(hard));
      text += std::to_string(decided) + " of " + std::to_string(cases_.size()) +
              " keys are linearizable. ";
      where = "On key " + key + ", of ";
    }
    return text + where + std::to_string(hard.partition.operations.size()) +
           " operations, an order was found that passes the first " +
           std::to_string(hard.judgement.passed) + " of " + std::to_string(hard.judgement.returns) +
           " returns.";
  }

  Value certificate() const {
    List partitions;
    for (const Case& one : cases_) {
      if (!one.judgement.decided()) continue;
      Value proof = prove(one.partition.operations, one.judgement);
      proof.map()["key"] = key_of(one);
      partitions.push_back(std::move(proof));
    }
    Map options;
    for (const auto& [name, value] : context_.options.all()) options[name] = value;
    Map whole;
    whole["format"] = "sunder-certificate";
    whole["version"] = 1;
    whole["consistency"] = "linearizable";
    whole["datatype"] = entry_.name;
    whole["options"] = std::move(options);
    whole["keyed"] = context_.keyed;
    whole["split"] = split_;
    whole["partitions"] = std::move(partitions);
    return Value(std::move(whole));
  }

  const DatatypeEntry& entry_;
  CheckContext context_;
  std::unique_ptr<Datatype> datatype_;
  std::unique_ptr<Recorder> recorder_;
  Clock::time_point deadline_;
  std::vector<Case> cases_;
  std::size_t operations_ = 0;
  bool split_ = true;  // each key is judged by itself
  std::mutex telling_;
  Clock::time_point told_at_;
};

}  // namespace

void add_linearizable(Registry<CheckerEntry>& registry) {
  for (const DatatypeEntry& datatype : datatypes()) {
    CheckerEntry entry{
        .name = "linearizable " + datatype.name,
        .datatype = datatype.name,
        .consistency = "linearizable",
        .summary = "Every operation takes effect at one instant between its call and its return.",
        .datatype_summary = datatype.summary,
        .options = datatype.options,
        .make = [&datatype] { return std::make_unique<Linearizable>(datatype); }};
    entry.options.push_back({.name = "split",
                             .kind = OptionSpec::Kind::boolean,
                             .fallback = "true",
                             .help = "judge each key by itself, which is as strong and faster"});
    registry.add(std::move(entry));
  }
}

}  // namespace sunder
