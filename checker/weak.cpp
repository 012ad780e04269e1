// The models that are weaker than linearizability, for registers with unique writes; and "all",
// which places a history among them.

#include "checker/linearizable/datatypes/shapes.h"
#include "checker/weak/decode.h"
#include "checker/weak/explain.h"
#include "checker/weak/models.h"
#include "checker/weak/place.h"
#include "checker/weak/reduce.h"
#include "harness/api/checker.h"

namespace sunder {
namespace {

using namespace weak;

constexpr std::size_t unwritten_told_max = 10;

/// What deciding one model and placing a history have in common.
class WeakChecker : public Checker {
 public:
  void begin(const CheckContext& context) override {
    context_ = context;
    decoder_ = std::make_unique<Decoder>(
        context.keyed, linearizable::option_value(context.options.text("initial")));
    limits_.deadline = std::chrono::steady_clock::now() +
                       std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                           std::min<Duration>(context.time_budget, std::chrono::hours(10000)));
    limits_.memory = context.memory_budget;
    limits_.stop = context.stop;
    limits_.staleness = std::chrono::milliseconds(context.options.integer("staleness-ms"));
  }

  void feed(const OpView& op) override { decoder_->feed(op); }

  Verdict finish() override {
    Decoded decoded = decoder_->take();
    Verdict verdict;
    if (decoded.client_ops == 0) {
      verdict.summary = "The history has no client operation, so there is nothing to judge.";
    } else if (!decoded.trouble.empty()) {
      // What was not understood may have written anything, so that nothing is proved.
      verdict.summary =
          "The history cannot be judged as registers with unique writes. " + decoded.trouble;
    } else if (!decoded.unwritten.empty()) {
      verdict.validity = Validity::invalid;
      verdict.anomalies = explain_unwritten(decoded, unwritten_told_max);
      verdict.summary = verdict.anomalies.front().explanation + " No model allows that.";
    } else {
      judge(decoded, verdict);
    }
    return verdict;
  }

 protected:
  virtual void judge(const Decoded& decoded, Verdict& verdict) = 0;

  static Map figures(const Decoded& decoded) {
    Map detail;
    detail["operations"] = static_cast<std::int64_t>(decoded.registers.size());
    detail["sessions"] = static_cast<std::int64_t>(decoded.registers.sessions());
    detail["keys"] = decoded.registers.keys;
    detail["reads"] = static_cast<std::int64_t>(decoded.reads);
    return detail;
  }

  CheckContext context_;
  Limits limits_;

 private:
  std::unique_ptr<Decoder> decoder_;
};

class OneModel final : public WeakChecker {
 public:
  explicit OneModel(const Model& model) : model_(model) {}

 private:
  void judge(const Decoded& decoded, Verdict& verdict) override {
    verdict.checker = model_.name;
    verdict.detail = figures(decoded);
    Finding finding = model_.decide(decoded.registers, limits_);
    std::string name(model_.name);
    if (finding.outcome == Outcome::unknown) {
      verdict.summary = "Undecided whether the history is " + name + ". " + finding.reason;
    } else if (finding.outcome == Outcome::refuted) {
      Limits brief = limits_;
      brief.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(4);
      verdict.validity = Validity::invalid;
      verdict.anomalies.push_back(
          explain(model_, decoded, reduce(model_, decoded.registers, finding, brief)));
      verdict.summary = "Not " + name + ": " + verdict.anomalies.front().explanation;
    } else if (decoded.reads == 0) {
      verdict.summary = "Nothing was read, so that the history shows nothing about " + name + ".";
    } else {
      verdict.validity = Validity::valid;
      verdict.summary = "All " + std::to_string(decoded.registers.size()) +
                        " operations are explained by " + name + ".";
    }
  }

  const Model& model_;
};

std::string names(const std::vector<const Model*>& models) {
  std::string text;
  for (const Model* model : models) text += (text.empty() ? "" : ", ") + std::string(model->name);
  return text.empty() ? "none" : text;
}

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::holds: return "holds";
    case Outcome::refuted: return "refuted";
    case Outcome::unknown: return "unknown";
  }
  return "";
}

/// detail.models: [{model, outcome, by, reason, summary, explanation}], strongest first; edges:
/// [[stronger, weaker]]; strongest_held, weakest_refuted, undecided: names.
class Placer final : public WeakChecker {
 public:
  explicit Placer(bool judges) : judges_(judges) {}

 private:
  void judge(const Decoded& decoded, Verdict& verdict) override {
    verdict.checker = "placement";
    Placement placement = place(decoded.registers, limits_, patient(context_.progress));
    std::vector<Anomaly> anomalies;
    List rows;
    for (const Placed& placed : placement.models) {
      Map row;
      row["model"] = placed.model->name;
      row["outcome"] = word(placed.outcome);
      row["summary"] = placed.model->summary;
      if (placed.by != nullptr) row["by"] = placed.by->name;
      if (placed.outcome == Outcome::unknown) row["reason"] = placed.reason;
      if (placed.outcome == Outcome::refuted && placed.by == placed.model) {
        anomalies.push_back(explain(*placed.model, decoded, placed.contradiction));
        row["explanation"] = anomalies.back().explanation;
      }
      rows.push_back(std::move(row));
    }
    Map detail = figures(decoded);
    detail["models"] = std::move(rows);
    detail["edges"] = edge_names();
    detail["strongest_held"] = names(placement.strongest_held());
    detail["weakest_refuted"] = names(placement.weakest_refuted());
    detail["undecided"] = names(placement.undecided());
    verdict.detail = std::move(detail);
    conclude(decoded, placement, std::move(anomalies), verdict);
  }

  static List edge_names() {
    List all;
    for (const Edge& edge : edges()) all.push_back(Value::pair(edge.stronger, edge.weaker));
    return all;
  }

  // Tells at most once a second what is being decided.
  static std::function<void(const std::string&)> patient(
      const std::function<void(const std::string&)>& progress) {
    if (!progress) return {};
    auto told_at =
        std::make_shared<std::chrono::steady_clock::time_point>(std::chrono::steady_clock::now());
    return [progress, told_at](const std::string& text) {
      auto now = std::chrono::steady_clock::now();
      if (now - *told_at < std::chrono::seconds(1)) return;
      *told_at = now;
      progress(text);
    };
  }

  // Weakest first: what breaks the least promise says the most. Without a judgement the placement
  // only tells: the history is what it is.
  void conclude(const Decoded& decoded, const Placement& placement, std::vector<Anomaly> anomalies,
                Verdict& verdict) const {
    bool open = !placement.undecided().empty();
    if (judges_ && !anomalies.empty()) {
      verdict.validity = Validity::invalid;
      verdict.anomalies = {std::make_move_iterator(anomalies.rbegin()),
                           std::make_move_iterator(anomalies.rend())};
    } else if (!judges_ || (!open && decoded.reads > 0)) {
      verdict.validity = Validity::valid;
    }
    verdict.summary = "Strongest models that hold: " + names(placement.strongest_held()) +
                      ". Weakest refuted: " + names(placement.weakest_refuted()) + ".";
    if (open) verdict.summary += " Undecided: " + names(placement.undecided()) + ".";
    if (decoded.reads == 0) verdict.summary += " Nothing was read, so that this shows nothing.";
  }

  bool judges_;
};

std::vector<OptionSpec> option_specs() {
  return {{.name = "initial", .fallback = "nil", .help = "the value before the first write"},
          {.name = "staleness-ms",
           .kind = OptionSpec::Kind::integer,
           .fallback = "1000",
           .help = "how old a read may be for bounded-staleness, in milliseconds"}};
}

CheckerEntry entry(std::string consistency, std::string summary) {
  return {.name = consistency + " register",
          .datatype = "register",
          .consistency = std::move(consistency),
          .summary = std::move(summary),
          .datatype_summary = "One value, read and written.",
          .options = option_specs()};
}

}  // namespace

void add_weak(Registry<CheckerEntry>& registry) {
  for (const Model& model : models()) {
    // linearizable.cpp has every datatype; convergence.cpp judges what is eventual by its end, too.
    if (model.name == "linearizable" || model.name == "eventual") continue;
    CheckerEntry one = entry(std::string(model.name), std::string(model.summary));
    one.make = [&model] { return std::make_unique<OneModel>(model); };
    registry.add(std::move(one));
  }
  CheckerEntry all =
      entry("all", "Every model of the lattice: which of them hold, and which do not.");
  all.name = "all models of register";
  all.domain = true;
  all.make = [] { return std::make_unique<Placer>(true); };
  registry.add(std::move(all));
  CheckerEntry placement =
      entry("placement", "Where a history stands in the lattice, as a figure.");
  placement.name = "placement of register";
  placement.domain = true;
  placement.tells_only = true;
  placement.make = [] { return std::make_unique<Placer>(false); };
  registry.add(std::move(placement));
}

}  // namespace sunder
