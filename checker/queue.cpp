// "queue": whatever comes out was put in, and comes out no more often than that.

#include "checker/domain/queue_calls.h"

namespace sunder {
namespace {

using namespace domain;

class Queue final : public QueueChecker {
 private:
  void judge(Calls calls, Findings& findings) override {
    collect(calls);
    judge_deliveries(findings, false);
    std::uint64_t delivered = 0;
    for (const Element& element : elements_) delivered += element.delivered;
    findings.figure("delivered", delivered);
    if (delivered == 0) findings.vacuous("Nothing came out of the queue.");
  }

  std::string passed(const Findings& findings) const override {
    return "All " + counted(findings.figure("delivered"), "element") +
           " that came out had been put in, and came out no more often than that.";
  }
};

}  // namespace

void add_queue(Registry<CheckerEntry>& registry) {
  for (const char* datatype : queue_datatypes) {
    registry.add(entry_of("queue", datatype,
                          "What comes out of a queue was put in, and comes out once.", {}, {},
                          [] { return std::make_unique<Queue>(); }));
  }
}

}  // namespace sunder
