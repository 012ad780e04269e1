// "causal-reverse": no read sees an element without one that was acknowledged before it was begun.

#include "checker/domain/set_calls.h"

namespace sunder {
namespace {

using namespace domain;

class CausalReverse final : public SetChecker {
 private:
  void judge(Calls calls, Findings& findings) override {
    collect(calls);
    for (const Element& element : elements_) {
      if (element.adds < 2) continue;
      return findings.unknown("Element " +
                              text(static_cast<std::int32_t>(&element - &elements_[0])) +
                              " was added more than once, so nobody knows which add a read saw.");
    }
    if (reads_.empty()) return findings.vacuous("Nothing was read.");
    judge_contents(findings);
    for (const Element& element : elements_) {
      if (element.acknowledged != open_end) acknowledged_.push_back(element.acknowledged);
    }
    std::sort(acknowledged_.begin(), acknowledged_.end());
    bool saw = false;
    for (std::uint32_t at : reads_) saw |= judge_order(at, findings);
    if (!saw) findings.vacuous("No read saw anything.");
    findings.figure("reads", reads_.size());
    acknowledged_.clear();
  }

  // Let b be what was begun last of all that the read holds. Then the read must hold everything
  // that was acknowledged before that, and counting tells whether it does.
  bool judge_order(std::uint32_t at, Findings& findings) {
    std::int32_t latest = -1;
    auto begun = [&](std::int32_t local) {
      return elements_[static_cast<std::size_t>(local)].invoked;
    };
    for (std::int32_t local : read(at)) {
      bool later = begun(local) != open_end && (latest < 0 || begun(local) > begun(latest));
      if (later) latest = local;
    }
    if (latest < 0) return false;
    auto wanted = std::lower_bound(acknowledged_.begin(), acknowledged_.end(), begun(latest)) -
                  acknowledged_.begin();
    std::ptrdiff_t present = 0;
    for (std::int32_t local : distinct(read(at))) {
      if (elements_[static_cast<std::size_t>(local)].acknowledged < begun(latest)) ++present;
    }
    if (present != wanted) {
      findings.add("causal-reverse", [&] { return reversed(at, latest); });
    }
    return true;
  }

  std::span<const std::int32_t> distinct(std::span<const std::int32_t> elements) {
    seen_.resize(elements_.size(), 0);
    ++round_;
    distinct_.clear();
    for (std::int32_t local : elements) {
      std::uint32_t& seen = seen_[static_cast<std::size_t>(local)];
      if (seen != round_) distinct_.push_back(local);
      seen = round_;
    }
    return distinct_;
  }

  Story reversed(std::uint32_t at, std::int32_t latest) {
    distinct(read(at));  // marks what is held
    std::uint32_t begun = elements_[static_cast<std::size_t>(latest)].invoked;
    std::size_t missing = 0;
    while (elements_[missing].acknowledged >= begun || seen_[missing] == round_) ++missing;
    auto local = static_cast<std::int32_t>(missing);
    Map detail = detail_of(local);
    detail["later"] = detail_of(latest)["element"];
    return {"The " + read_text(at) + " holds " + text(latest) + " but not " + text(local) +
                ", although " + add_text(local) + " was acknowledged before " + add_text(latest) +
                " began: it sees a later write without an earlier one.",
            ops_of({at, elements_[missing].add, elements_[static_cast<std::size_t>(latest)].add}),
            std::move(detail)};
  }

  std::string passed(const Findings& findings) const override {
    return "None of " + counted(findings.figure("reads"), "read") +
           " sees an element without all that were acknowledged before it was begun.";
  }

  std::vector<std::uint32_t> acknowledged_;  // of all elements, sorted
  std::vector<std::uint32_t> seen_;          // by local number: the last round that met it
  std::uint32_t round_ = 0;
  std::vector<std::int32_t> distinct_;
};

}  // namespace

void add_causal_reverse(Registry<CheckerEntry>& registry) {
  registry.add(entry_of("causal-reverse", "g-set",
                        "No read sees an element without one that was acknowledged before it.", {},
                        {}, [] { return std::make_unique<CausalReverse>(); }));
}

}  // namespace sunder
