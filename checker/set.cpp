// "set": what was added is there in the final reads, and nothing else is.

#include "checker/domain/set_calls.h"

namespace sunder {
namespace {

using namespace domain;

class Set final : public SetChecker {
 private:
  // Reads that began before the last add had completed are left out: only later ones must hold all.
  void judge(Calls calls, Findings& findings) override {
    collect(calls);
    std::uint32_t settled = 0;
    for (std::uint32_t at : calls) {
      bool counts = !is_read(at) && call(at).completed != open_end;
      if (counts) settled = std::max(settled, call(at).completed);
    }
    std::erase_if(reads_, [&](std::uint32_t at) { return call(at).invoked < settled; });
    if (reads_.empty()) {
      return findings.unknown(
          "No read began after all adds had completed, so nobody looked for what was added.");
    }
    bool added = std::any_of(elements_.begin(), elements_.end(), [](const Element& element) {
      return element.acknowledged != open_end;
    });
    if (!added) findings.vacuous("No add was acknowledged, so nothing has to be there.");
    judge_contents(findings);
    judge_presence(findings);
  }

  void judge_presence(Findings& findings) {
    std::vector<std::uint32_t> held_by(elements_.size(), UINT32_MAX);
    std::vector<std::uint32_t> holders(elements_.size());
    for (std::uint32_t at : reads_) {
      for (std::int32_t local : read(at)) {
        auto place = static_cast<std::size_t>(local);
        if (held_by[place] != at) ++holders[place];
        held_by[place] = at;
      }
    }
    for (std::size_t place = 0; place < elements_.size(); ++place) {
      const Element& element = elements_[place];
      bool acknowledged = element.acknowledged != open_end;
      if (element.adds != 0) findings.figure("attempts", 1);
      if (acknowledged) findings.figure("acknowledged", 1);
      bool recovered = !acknowledged && element.invoked != open_end && holders[place] != 0;
      if (recovered) findings.figure("recovered", 1);
      if (!acknowledged || holders[place] == reads_.size()) continue;
      auto local = static_cast<std::int32_t>(place);
      findings.add("lost", [&] { return lost(local, holders[place]); });
    }
    findings.figure("final_reads", reads_.size());
  }

  Story lost(std::int32_t local, std::uint32_t holders) const {
    auto lacks = [&](std::uint32_t at) {
      auto elements = read(at);
      return std::find(elements.begin(), elements.end(), local) == elements.end();
    };
    std::uint32_t at = *std::find_if(reads_.begin(), reads_.end(), lacks);
    std::string text = "The element " + this->text(local) + " is lost: " + add_text(local) +
                       " was acknowledged, but the final " + read_text(at) + " does not hold it";
    text += holders == 0 ? "."
                         : ", while " + counted(holders, "other final read") +
                               (holders == 1 ? " does." : " do.");
    return {text, ops_of({elements_[static_cast<std::size_t>(local)].add, at}), detail_of(local)};
  }

  std::string passed(const Findings& findings) const override {
    return "All " + counted(findings.figure("acknowledged"), "acknowledged element") +
           " are in every one of the " + counted(findings.figure("final_reads"), "final read") +
           ", and nothing else but " + std::to_string(findings.figure("recovered")) +
           " of unknown outcome.";
  }
};

}  // namespace

void add_set(Registry<CheckerEntry>& registry) {
  registry.add(entry_of("set", "g-set", "What was added is in the final reads, each element once.",
                        {}, {}, [] { return std::make_unique<Set>(); }));
}

}  // namespace sunder
