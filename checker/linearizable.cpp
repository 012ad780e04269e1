// Linearizability (Herlihy and Wing, TOPLAS 1990) of a cas-register, each key by itself.

#include <algorithm>
#include <charconv>
#include <map>

#include "checker/linearizable/decode.h"
#include "checker/linearizable/explain.h"
#include "checker/linearizable/search.h"
#include "harness/api/checker.h"

namespace sunder {
namespace {

using linearizable::Limits;
using linearizable::Outcome;
using linearizable::RegisterDecoder;
using linearizable::RegisterModel;
using linearizable::RegisterOperation;
using Clock = std::chrono::steady_clock;

constexpr std::size_t anomalies_limit = 10;

/// One key's operations, and what the search said about them so far.
struct Partition {
  std::int32_t key = 0;
  std::vector<RegisterOperation> operations;
  linearizable::SearchResult<std::int32_t> result;
};

class LinearizableRegister final : public Checker {
 public:
  void begin(const CheckContext& context) override {
    context_ = context;
    const auto& options = context.options.all();
    auto option = [&](std::string_view name) {
      auto found = options.find(name);
      return found == options.end() ? std::string() : found->second;
    };
    std::string initial = option("initial");
    bool from_nil = initial.empty() || initial == "nil";
    decoder_ = std::make_unique<RegisterDecoder>(context.keyed, option("failed-cas") == "observed",
                                                 !from_nil);
    initial_ = from_nil ? 0 : decoder_->values().intern(initial_value(initial));
    deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::min<Duration>(
                                   context.time_budget, std::chrono::hours(10000)));
  }

  void feed(const OpView& op) override { decoder_->feed(op); }

  Verdict finish() override {
    Verdict verdict{.checker = "linearizable"};
    if (decoder_->client_ops() == 0 && decoder_->trouble().empty()) {
      verdict.summary = "The history has no client operation, so there is nothing to judge.";
      return verdict;
    }
    split();
    search_all();
    judge(verdict);
    return verdict;
  }

 private:
  static Value initial_value(const std::string& text) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) return Value(number);
    return Value(text);  // a text that is no number is itself the initial value
  }

  void split() {
    std::map<std::int32_t, std::size_t> places;
    RegisterModel model(initial_);
    for (RegisterOperation& operation : decoder_->take()) {
      std::int32_t key = model.partition(operation.call);
      auto [place, fresh] = places.try_emplace(key, partitions_.size());
      if (fresh) partitions_.push_back({key, {}, {}});
      partitions_[place->second].operations.push_back(operation);
    }
    for (Partition& partition : partitions_) {
      linearizable::drop_idle_crashes(partition.operations);
      operations_ += partition.operations.size();
    }
  }

  // Keys take turns with growing shares of the time, so that a hard one does not hide the others.
  void search_all() {
    std::vector<Partition*> waiting;
    for (Partition& partition : partitions_) waiting.push_back(&partition);
    for (auto share = std::chrono::milliseconds(200); !waiting.empty(); share *= 4) {
      std::vector<Partition*> undecided;
      bool last = Clock::now() + share >= deadline_;
      for (std::size_t i = 0; i < waiting.size(); ++i) {
        auto left = std::max(deadline_ - Clock::now(), Clock::duration{0});
        auto mine = last ? left / static_cast<std::int64_t>(waiting.size() - i)
                         : std::min<Clock::duration>(share, left);
        search(*waiting[i], Clock::now() + mine);
        if (waiting[i]->result.outcome == Outcome::gave_up) undecided.push_back(waiting[i]);
      }
      waiting = std::move(undecided);
      if (last || stopped()) break;
      report_progress(waiting.size());
    }
  }

  void search(Partition& partition, Clock::time_point deadline) {
    RegisterModel model(initial_);
    std::int32_t initial = model.initial();
    linearizable::Search<RegisterModel> one(model, partition.operations, std::span(&initial, 1),
                                            limits(deadline));
    partition.result = one.run();
    configurations_ += partition.result.configurations;
  }

  Limits limits(Clock::time_point deadline) const {
    return Limits{.deadline = std::min(deadline, deadline_),
                  .memory = context_.memory_budget,
                  .stop = context_.stop};
  }

  bool stopped() const { return context_.stop != nullptr && context_.stop->load(); }

  void report_progress(std::size_t waiting) const {
    if (!context_.progress || waiting == 0) return;
    context_.progress("linearizable: " + std::to_string(partitions_.size() - waiting) + " of " +
                      std::to_string(partitions_.size()) + " keys decided");
  }

  std::string key_text(const Partition& partition) const {
    return context_.keyed ? decoder_->keys().text(partition.key) : std::string();
  }

  void judge(Verdict& verdict) {
    RegisterModel model(initial_);
    std::size_t invalid = 0;
    const Partition* hard = nullptr;
    List invalid_keys;
    for (const Partition& partition : partitions_) {
      if (partition.result.outcome == Outcome::gave_up && hard == nullptr) hard = &partition;
      if (partition.result.outcome != Outcome::not_linearizable) continue;
      ++invalid;
      if (context_.keyed) invalid_keys.push_back(decoder_->keys()[partition.key]);
      if (verdict.anomalies.size() == anomalies_limit) continue;
      linearizable::Scene scene{model, decoder_->values(), context_.keyed,
                                context_.keyed ? decoder_->keys()[partition.key] : Value{},
                                limits(Clock::now() + std::chrono::seconds(2))};
      verdict.anomalies.push_back(
          linearizable::explain(scene, partition.operations, partition.result));
    }
    Map detail;
    detail["keys"] = static_cast<std::int64_t>(partitions_.size());
    detail["operations"] = static_cast<std::int64_t>(operations_);
    detail["configurations"] = static_cast<std::int64_t>(configurations_);
    detail["invalid_keys"] = std::move(invalid_keys);
    detail["undecodable"] = static_cast<std::int64_t>(decoder_->troubles());
    verdict.detail = std::move(detail);
    conclude(verdict, invalid, hard);
  }

  void conclude(Verdict& verdict, std::size_t invalid, const Partition* hard) const {
    std::string all = std::to_string(operations_) + " operations" +
                      (context_.keyed ? " on " + std::to_string(partitions_.size()) + " keys" : "");
    if (!decoder_->trouble().empty()) {
      verdict.anomalies.clear();  // a contradiction among half-read operations proves nothing
      verdict.summary = "The history cannot be judged as a cas-register. " + decoder_->trouble();
    } else if (invalid != 0) {
      verdict.validity = Validity::invalid;
      verdict.summary = "Not linearizable: " + verdict.anomalies.front().explanation;
      if (invalid > 1) verdict.summary += " " + std::to_string(invalid) + " keys are affected.";
    } else if (hard != nullptr) {
      verdict.summary =
          "Undecided within the budget of time and memory: " +
          (context_.keyed ? "key " + key_text(*hard) + " has" : std::string("there are")) + " " +
          std::to_string(hard->operations.size()) + " operations, of which " +
          std::to_string(hard->result.passed) + " of " + std::to_string(hard->result.returns) +
          " returns could be passed after " + std::to_string(hard->result.configurations) +
          " configurations.";
    } else {
      verdict.validity = Validity::valid;
      verdict.summary = "All " + all + " are linearizable.";
    }
  }

  CheckContext context_;
  std::unique_ptr<RegisterDecoder> decoder_;
  std::int32_t initial_ = 0;
  Clock::time_point deadline_;
  std::vector<Partition> partitions_;
  std::size_t operations_ = 0;
  std::size_t configurations_ = 0;
};

}  // namespace

void add_linearizable(Registry<CheckerEntry>& registry) {
  registry.add(CheckerEntry{
      .name = "linearizable",
      .datatype = "cas-register",
      .consistency = "linearizable",
      .summary = "Every operation takes effect at one instant between its call and its return.",
      .options = {{.name = "failed-cas",
                   .kind = OptionSpec::Kind::choice,
                   .fallback = "ignored",
                   .help = "whether a compare that failed is an observation of the register",
                   .choices = {"ignored", "observed"}},
                  {.name = "initial",
                   .fallback = "nil",
                   .help = "the value of a register before its first write"}},
      .make = [] { return std::make_unique<LinearizableRegister>(); }});
}

}  // namespace sunder
