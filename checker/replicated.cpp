// Replicated datatypes by their specifications: Burckhardt, Gotsman, Yang and Zawirski (POPL 2014);
// lists by Attiya, Burckhardt, Gotsman, Morrison, Yang and Zawirski (PODC 2016).

#include "checker/replicated/decode.h"
#include "checker/replicated/judge.h"
#include "checker/replicated/record.h"
#include "harness/api/checker.h"

namespace sunder {
namespace {

using namespace replicated;
using Clock = std::chrono::steady_clock;

constexpr std::size_t anomalies_limit = 10;

/// A consistency model of replicated datatypes.
struct Model {
  std::string_view name;
  std::string_view summary;
  Demands::Order order;
};

constexpr Model eventual{
    "eventual",
    "Every answer is what the datatype makes of some updates; equal updates, equal states.",
    Demands::Order::convergence};
constexpr Model weak_list{
    "weak-list",
    "As eventual, and any two documents agree on the order of the elements they share.",
    Demands::Order::weak};
constexpr Model strong_list{
    "strong-list",
    "As eventual, and one order of all elements, deleted ones included, agrees with all documents.",
    Demands::Order::strong};

class Replicated final : public Checker {
 public:
  Replicated(const Datatype& datatype, const Model& model) : datatype_(datatype), model_(model) {}

  void begin(const CheckContext& context) override {
    context_ = context;
    recorder_ = std::make_unique<Recorder>(datatype_.kind, datatype_.expects, context.keyed);
    deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::min<Duration>(
                                   context.time_budget, std::chrono::hours(10000)));
  }

  void feed(const OpView& op) override { recorder_->feed(op); }

  Verdict finish() override {
    Verdict verdict{.checker = std::string(model_.name)};
    if (recorder_->client_ops() == 0 && recorder_->trouble().empty()) {
      verdict.summary = "The history has no client operation, so there is nothing to judge.";
      return verdict;
    }
    std::vector<Object> objects = recorder_->take();
    if (!recorder_->trouble().empty()) {
      verdict.summary = "The history cannot be judged as a " + std::string(datatype_.name) + ". " +
                        recorder_->trouble();
      return verdict;
    }
    judge_all(objects, verdict);
    return verdict;
  }

 private:
  Demands demands() const {
    Demands demands;
    demands.causal = context_.options.boolean("causal");
    demands.sessions = context_.options.boolean("sessions");
    demands.finale = context_.options.boolean("finale");
    demands.causal_arbitration =
        datatype_.kind == Kind::lww_register && context_.options.text("arbitration") == "causal";
    demands.order = model_.order;
    return demands;
  }

  // Keys share the time: each gets its part of what the ones before left.
  void judge_all(std::vector<Object>& objects, Verdict& verdict) {
    Demands wanted = demands();
    std::size_t invalid = 0;
    std::size_t operations = 0;
    std::size_t witnessed = 0;
    std::size_t final_reads = 0;
    std::size_t silent = 0;
    std::string reason;
    for (std::size_t i = 0; i < objects.size(); ++i) {
      auto left = std::max(deadline_ - Clock::now(), Clock::duration{0});
      Budget budget{.deadline = Clock::now() + left / static_cast<std::int64_t>(objects.size() - i),
                    .memory = context_.memory_budget,
                    .stop = context_.stop};
      std::string where = context_.keyed ? "on key " + key_text(objects[i]) + ": " : "";
      operations += objects[i].events.size();
      Judgement judgement = judge(objects[i], wanted, budget, where);
      objects[i] = {};
      invalid += judgement.validity == Validity::invalid ? 1 : 0;
      witnessed += judgement.witnessed ? 1 : 0;
      final_reads += judgement.final_reads;
      silent += judgement.replies == 0 ? 1 : 0;
      for (Anomaly& anomaly : judgement.anomalies) {
        if (verdict.anomalies.size() < anomalies_limit) {
          verdict.anomalies.push_back(std::move(anomaly));
        }
      }
      // A key that nobody read says nothing, as long as another one does.
      if (judgement.validity == Validity::unknown && judgement.replies != 0 && reason.empty()) {
        reason = where + judgement.reason;
      }
    }
    if (silent == objects.size()) reason = "nothing was read";
    Map detail;
    detail["keys"] = static_cast<std::int64_t>(objects.size());
    detail["operations"] = static_cast<std::int64_t>(operations);
    detail["invalid_keys"] = static_cast<std::int64_t>(invalid);
    detail["keys_with_witness"] = static_cast<std::int64_t>(witnessed);
    detail["final_reads"] = static_cast<std::int64_t>(final_reads);
    verdict.detail = std::move(detail);
    std::string all = std::to_string(operations) + " operations" +
                      (context_.keyed ? " on " + std::to_string(objects.size()) + " keys" : "");
    conclude(verdict, invalid, reason, all, final_reads);
  }

  void conclude(Verdict& verdict, std::size_t invalid, std::string reason, const std::string& all,
                std::size_t final_reads) const {
    std::string name = std::string(datatype_.name) + " (" + std::string(model_.name) + ")";
    if (invalid != 0) {
      verdict.validity = Validity::invalid;
      verdict.summary = "Not a " + name + ": " + verdict.anomalies.front().explanation;
      if (invalid > 1) verdict.summary += " " + std::to_string(invalid) + " keys are affected.";
    } else if (!reason.empty()) {
      verdict.summary = "Undecided: " + reason + ".";
    } else {
      verdict.validity = Validity::valid;
      verdict.summary = "All " + all + " are those of a " + name + ".";
      if (final_reads == 0) {
        verdict.summary += " Without a final read, whether every update spreads was not observed.";
      }
    }
  }

  std::string key_text(const Object& object) const {
    std::string text;
    append_edn(text, recorder_->key(object));
    return text;
  }

  const Datatype& datatype_;
  const Model& model_;
  CheckContext context_;
  std::unique_ptr<Recorder> recorder_;
  Clock::time_point deadline_;
};

void add(Registry<CheckerEntry>& registry, const Datatype& datatype, const Model& model) {
  auto boolean = [](const char* name, const char* fallback, const char* help) {
    return OptionSpec{
        .name = name, .kind = OptionSpec::Kind::boolean, .fallback = fallback, .help = help};
  };
  CheckerEntry entry{.name = std::string(model.name) + " " + std::string(datatype.name),
                     .datatype = std::string(datatype.name),
                     .consistency = std::string(model.name),
                     .summary = std::string(model.summary),
                     .datatype_summary = std::string(datatype.summary)};
  entry.make = [&datatype, &model] { return std::make_unique<Replicated>(datatype, model); };
  entry.options = {
      boolean("causal", "false", "what is seen must be closed under what those updates saw"),
      boolean("sessions", "true", "a process sees what it did and saw before"),
      boolean("finale", "false", "without a final-read the verdict is unknown")};
  if (datatype.kind == Kind::lww_register) {
    entry.options.push_back({.name = "arbitration",
                             .kind = OptionSpec::Kind::choice,
                             .fallback = "any",
                             .help = "causal: a stamp exceeds the stamps that its write saw",
                             .choices = {"any", "causal"}});
  }
  registry.add(std::move(entry));
}

}  // namespace

void add_replicated(Registry<CheckerEntry>& registry) {
  for (const Datatype& datatype : datatypes()) {
    add(registry, datatype, eventual);
    if (datatype.kind != Kind::list) continue;
    add(registry, datatype, weak_list);
    add(registry, datatype, strong_list);
  }
}

}  // namespace sunder
