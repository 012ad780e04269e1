#include "checker/replicated/judge.h"

#include <algorithm>

#include "checker/replicated/bare.h"
#include "checker/replicated/list_order.h"
#include "checker/replicated/list_rules.h"
#include "checker/replicated/meanings.h"
#include "checker/replicated/witness.h"

namespace sunder::replicated {
namespace {

constexpr const char* too_long = "the time budget ended before every reply was judged";

class Judge {
 public:
  Judge(Object& object, const Demands& demands, const Budget& budget, const std::string& where)
      : object_(object), demands_(demands), budget_(budget), findings_(where) {}

  Judgement run() {
    for (const Event& event : object_.events) {
      result_.witnessed |= event.witnessed || event.log.count != 0;
      result_.replies += event.answered ? 1 : 0;
      result_.final_reads += event.verb == Verb::final_read && event.ok() ? 1 : 0;
    }
    std::string twice = object_.kind == Kind::list ? repeated_insert(object_) : "";
    if (!twice.empty()) {
      doubt(twice);
      return std::move(result_);
    }
    if (object_.kind == Kind::list) check_positions(object_, findings_);
    if (result_.witnessed) {
      with_witness();
    } else {
      without_witness();
    }
    conclude();
    return std::move(result_);
  }

 private:
  void with_witness() {
    Updates updates(object_, findings_);
    if (!updates.trouble().empty()) doubt(updates.trouble());
    if (!updates.usable()) return order(nullptr);
    check_witness(object_, updates, demands_, findings_);
    Answers answers = check_answers(object_, updates, budget_, findings_);
    if (answers.over_budget) doubt(too_long);
    if (!updates.holes().empty() && findings_.none()) {
      doubt(judge_holes(object_, updates, answers.open, demands_, budget_, findings_));
    }
    order(&updates);
  }

  void without_witness() {
    if (object_.kind == Kind::list) {
      Bare bare = check_bare_documents(object_, demands_, findings_);
      if (!bare.proved) doubt(bare.reason);
      order(nullptr);
    } else {
      doubt(judge_bare(object_, demands_, budget_, findings_));
    }
  }

  void order(const Updates* updates) {
    if (object_.kind != Kind::list) return;
    doubt(check_list_order(object_, updates, demands_.order, budget_, findings_));
  }

  void doubt(const std::string& reason) {
    if (result_.reason.empty()) result_.reason = reason;
  }

  void conclude() {
    result_.anomalies = findings_.take();
    if (!result_.anomalies.empty()) {
      result_.validity = Validity::invalid;
      return;
    }
    if (result_.replies == 0) doubt("no reply says a state, so there is nothing to judge");
    if (demands_.finale && result_.final_reads == 0) {
      doubt("no final read was answered, so whether replicas converge was not observed");
    }
    if (result_.reason.empty()) result_.validity = Validity::valid;
  }

  Object& object_;
  const Demands& demands_;
  const Budget& budget_;
  Findings findings_;
  Judgement result_;
};

}  // namespace

Judgement judge(Object& object, const Demands& demands, const Budget& budget,
                const std::string& where) {
  return Judge(object, demands, budget, where).run();
}

}  // namespace sunder::replicated
