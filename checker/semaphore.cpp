// "semaphore": no more permits are surely held at once than there are.

#include "checker/domain/lock_calls.h"

namespace sunder {
namespace {

using namespace domain;

class Semaphore final : public LockChecker {
 public:
  Semaphore() : LockChecker({.counted = true}) {}

 private:
  void judge(Calls calls, Findings& findings) override {
    std::size_t holds = judge_permits(calls, context_.options.integer("permits"), findings);
    judge_releases(calls, findings);
    if (holds == 0) findings.vacuous("Nobody ever held a permit.");
  }

  std::string passed(const Findings& findings) const override {
    return "In " + counted(findings.figure("holds"), "acquire") +
           " there were never surely more "
           "than " +
           counted(static_cast<std::uint64_t>(context_.options.integer("permits")), "permit") +
           " held at once.";
  }
};

}  // namespace

void add_semaphore(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{{.name = "permits",
                                   .kind = OptionSpec::Kind::integer,
                                   .fallback = "1",
                                   .help = "how many permits there are"}};
  registry.add(entry_of("semaphore", "semaphore",
                        "No more permits are surely held at once than there are.", {},
                        std::move(options), [] { return std::make_unique<Semaphore>(); }));
}

}  // namespace sunder
