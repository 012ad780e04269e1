// "unique-ids": no id is ever given twice.

#include "checker/domain/domain_checker.h"

namespace sunder {
namespace {

using namespace domain;

class UniqueIds final : public DomainChecker {
 private:
  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override {
    if (verb != "generate") return Reading::refused;
    ids_of_.resize(at);
    ids_of_.push_back(0);
    asked_.resize(at);
    asked_.push_back(ids_.of(arguments));
    return Reading::understood;
  }

  // An answer that came too late to be sure of still shows what was given; what was merely asked
  // for does not.
  Reading end_call(std::size_t at, ValueView answer, std::string_view) override {
    if (call(at).ok() && answer.is_nil()) return Reading::refused;
    if (call(at).failed()) return Reading::understood;
    std::int32_t id = ids_.of(answer);
    if (call(at).ok() || id != asked_[at]) ids_of_[at] = id;
    return Reading::understood;
  }

  std::string expects() const override { return "generate, which answers an id"; }

  void judge(Calls calls, Findings& findings) override {
    local_.begin(ids_.size());
    std::vector<std::uint32_t> first;
    std::uint64_t given = 0;
    for (std::uint32_t at : calls) {
      if (ids_of_[at] == 0) continue;
      if (call(at).ok()) ++given;
      auto place = static_cast<std::size_t>(local_.of(ids_of_[at]));
      if (place == first.size()) {
        first.push_back(at);
        continue;
      }
      findings.add("duplicate", [&] { return duplicate(first[place], at); });
    }
    findings.figure("given", given);
    findings.figure("distinct", first.size());
    if (given == 0) findings.vacuous("No id was given.");
  }

  Story duplicate(std::uint32_t first, std::uint32_t second) const {
    std::string id = ids_.text(ids_of_[first]);
    Map detail;
    detail["id"] = ids_.value(ids_of_[first]);
    return {"The id " + id + " was given twice: to " + told(first, "generate") + " and to " +
                told(second, "generate") + ".",
            ops_of({first, second}), std::move(detail)};
  }

  std::string passed(const Findings& findings) const override {
    return "All " + counted(findings.figure("given"), "id") + " that were given are different.";
  }

  Ids ids_;
  LocalIds local_;
  std::vector<std::int32_t> ids_of_;  // by call: the id it was given, 0 when nobody knows
  std::vector<std::int32_t> asked_;   // by call
};

}  // namespace

void add_unique_ids(Registry<CheckerEntry>& registry) {
  registry.add(entry_of("unique-ids", "unique-ids", "No id is ever given twice.", {}, {},
                        [] { return std::make_unique<UniqueIds>(); }));
}

}  // namespace sunder
