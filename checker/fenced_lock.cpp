// "fenced-lock": tokens grow, and the resource refuses stale ones. Whether two hold the lock at
// once is a matter of clocks and pauses, which fencing makes harmless; it is judged only on demand.

#include "checker/domain/lock_calls.h"

namespace sunder {
namespace {

using namespace domain;

class FencedLock final : public LockChecker {
 public:
  FencedLock() : LockChecker({.owned = true, .fenced = true}) {}

 private:
  void judge(Calls calls, Findings& findings) override {
    std::vector<std::uint32_t> grants;
    std::vector<std::uint32_t> writes;
    for (std::uint32_t at : calls) {
      if (fate(at) != Fate::happened || !has_number(at)) continue;
      if (kind(at) == Kind::acquire) grants.push_back(at);
      if (kind(at) == Kind::write) writes.push_back(at);
    }
    findings.figure("tokens", grants.size());
    findings.figure("writes", writes.size());
    judge_unique(grants, findings);
    judge_growth(grants, findings);
    judge_writes(writes, findings);
    if (context_.options.boolean("exclusion")) {
      judge_exclusion(calls, findings);
      judge_releases(calls, findings);
    }
    if (grants.empty()) findings.vacuous("No acquire answered a token.");
  }

  void judge_unique(std::vector<std::uint32_t> grants, Findings& findings) {
    std::sort(grants.begin(), grants.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(number(a), a) < std::pair(number(b), b);
    });
    for (std::size_t i = 1; i < grants.size(); ++i) {
      if (number(grants[i - 1]) != number(grants[i])) continue;
      findings.add("duplicate-token", [&]() -> Story {
        return {"The same token was given twice: to " + grant_text(grants[i - 1]) + " and to " +
                    grant_text(grants[i]) + ".",
                ops_of({grants[i - 1], grants[i]}), detail_of(grants[i])};
      });
    }
  }

  void judge_growth(const std::vector<std::uint32_t>& grants, Findings& findings) {
    each_behind(grants, [&](std::uint32_t before, std::uint32_t at) {
      findings.add("token-regressed", [&]() -> Story {
        return {"Tokens must grow, but " + grant_text(at) + " began after " + grant_text(before) +
                    " had been acknowledged.",
                ops_of({before, at}), detail_of(at)};
      });
    });
  }

  void judge_writes(const std::vector<std::uint32_t>& writes, Findings& findings) {
    auto text = [&](std::uint32_t at) {
      return told(at, "write with token " + std::to_string(number(at)));
    };
    each_behind(writes, [&](std::uint32_t before, std::uint32_t at) {
      findings.add("stale-token", [&]() -> Story {
        return {"The resource accepted a stale token: " + text(at) + " began after " +
                    text(before) + " had been accepted, so it had to be refused.",
                ops_of({before, at}), detail_of(at)};
      });
    });
  }

  // Calls visit(before, at) for each call with a smaller number than one that had ended before.
  template <class Visit>
  void each_behind(const std::vector<std::uint32_t>& some, Visit visit) const {
    std::uint32_t greatest = UINT32_MAX;
    in_real_time(
        some,
        [&](std::uint32_t at) {
          if (greatest == UINT32_MAX || number(at) > number(greatest)) greatest = at;
        },
        [&](std::uint32_t at) {
          if (greatest != UINT32_MAX && number(greatest) > number(at)) visit(greatest, at);
        });
  }

  Map detail_of(std::uint32_t at) const {
    Map map;
    map["token"] = number(at);
    return map;
  }

  std::string passed(const Findings& findings) const override {
    return "All " + counted(findings.figure("tokens"), "token") + " grew, and none of " +
           counted(findings.figure("writes"), "accepted write") + " had a stale one.";
  }
};

}  // namespace

void add_fenced_lock(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{{.name = "exclusion",
                                   .kind = OptionSpec::Kind::boolean,
                                   .fallback = "false",
                                   .help = "also demand that no two surely hold the lock at once"}};
  struct Datatype {
    const char* name;
    const char* summary;  // of one that no other check knows
  };
  for (Datatype datatype :
       {Datatype{"fenced-mutex", ""},
        Datatype{"fenced-resource",
                 "A lock with fencing tokens, and what it protects: acquire, release, write."}}) {
    registry.add(entry_of("fenced-lock", datatype.name,
                          "Fencing tokens grow, and a write with a stale one is refused.",
                          datatype.summary, options,
                          [] { return std::make_unique<FencedLock>(); }));
  }
}

}  // namespace sunder
