// "mutex": no two clients surely hold a lock at once, and nobody releases what is not held.

#include "checker/domain/lock_calls.h"

namespace sunder {
namespace {

using namespace domain;

class Mutex final : public LockChecker {
 public:
  explicit Mutex(bool owned) : LockChecker({.owned = owned}), owned_(owned) {}

 private:
  void judge(Calls calls, Findings& findings) override {
    std::size_t holds =
        owned_ ? judge_exclusion(calls, findings) : judge_permits(calls, 1, findings);
    judge_releases(calls, findings);
    if (holds == 0) findings.vacuous("Nobody ever held the lock.");
  }

  std::string passed(const Findings& findings) const override {
    return "Of " + counted(findings.figure("holds"), "hold") +
           " no two surely overlapped, and no release succeeded without an acquire.";
  }

  bool owned_;
};

}  // namespace

void add_mutex(Registry<CheckerEntry>& registry) {
  for (bool owned : {false, true}) {
    registry.add(entry_of("mutex", owned ? "owner-lock" : "mutex",
                          "No two clients surely hold a lock at once.", {}, {},
                          [owned] { return std::make_unique<Mutex>(owned); }));
  }
}

}  // namespace sunder
