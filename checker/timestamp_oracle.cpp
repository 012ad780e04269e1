// "timestamp-oracle": timestamps are unique, and a later call gets a greater one.

#include "checker/domain/domain_checker.h"

namespace sunder {
namespace {

using namespace domain;

class TimestampOracle final : public DomainChecker {
 private:
  Reading begin_call(std::size_t at, std::string_view verb, ValueView) override {
    bool known = verb == "timestamp" || verb == "generate" || verb == "get-ts" || verb == "ts";
    if (!known) return Reading::refused;
    stamp_.resize(at);
    stamp_.push_back(0);
    return Reading::understood;
  }

  Reading end_call(std::size_t at, ValueView answer, std::string_view) override {
    if (!call(at).ok()) return Reading::understood;
    std::size_t width = 1;
    if (answer.kind() == Value::Kind::list) {
      width = answer.size();
      bool integers = width != 0;
      answer.each([&](ValueView part) { integers &= part.kind() == Value::Kind::integer; });
      if (!integers) return Reading::refused;
      ++width;  // a list of one is no integer
    } else if (answer.kind() != Value::Kind::integer) {
      return Reading::refused;
    }
    if (width_ == 0) width_ = width;
    if (width != width_) return Reading::refused;
    stamp_[at] = ids_.of(answer);
    return Reading::understood;
  }

  std::string expects() const override {
    return "timestamp, which answers an integer or a list of integers, always of one shape";
  }

  // Ids become ranks once, so that comparing is comparing numbers.
  void rank() {
    if (!rank_.empty()) return;
    std::vector<std::pair<Value, std::int32_t>> values;
    for (std::size_t id = 0; id < ids_.size(); ++id) {
      values.emplace_back(ids_.value(static_cast<std::int32_t>(id)), static_cast<std::int32_t>(id));
    }
    std::sort(values.begin(), values.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    rank_.resize(ids_.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      rank_[static_cast<std::size_t>(values[i].second)] = static_cast<std::int32_t>(i);
    }
  }

  std::int32_t rank_of(std::uint32_t at) const {
    return rank_[static_cast<std::size_t>(stamp_[at])];
  }

  void judge(Calls calls, Findings& findings) override {
    rank();
    std::vector<std::uint32_t> given;
    for (std::uint32_t at : calls) {
      if (call(at).ok()) given.push_back(at);
    }
    findings.figure("timestamps", given.size());
    if (given.empty()) return findings.vacuous("No timestamp was given.");
    judge_unique(given, findings);
    judge_order(given, findings);
  }

  void judge_unique(const std::vector<std::uint32_t>& given, Findings& findings) {
    local_.begin(ids_.size());
    std::vector<std::uint32_t> first;
    for (std::uint32_t at : given) {
      auto place = static_cast<std::size_t>(local_.of(stamp_[at]));
      if (place == first.size()) {
        first.push_back(at);
        continue;
      }
      findings.add("duplicate", [&]() -> Story {
        return {"The timestamp " + text(at) + " was given twice: to " + told(first[place], "call") +
                    " and to " + told(at, "call") + ".",
                ops_of({first[place], at}), detail_of(first[place], at)};
      });
    }
  }

  void judge_order(const std::vector<std::uint32_t>& given, Findings& findings) {
    constexpr std::uint32_t nobody = UINT32_MAX;
    std::uint32_t greatest = nobody;
    std::vector<std::uint32_t> own(lanes(), nobody);  // by process: its greatest
    auto raise = [&](std::uint32_t& to, std::uint32_t at) {
      if (to == nobody || rank_of(at) > rank_of(to)) to = at;
    };
    in_real_time(
        given,
        [&](std::uint32_t at) {
          raise(greatest, at);
          raise(own[static_cast<std::size_t>(call(at).lane)], at);
        },
        [&](std::uint32_t at) {
          std::uint32_t mine = own[static_cast<std::size_t>(call(at).lane)];
          if (mine != nobody && rank_of(mine) > rank_of(at)) {
            findings.add("nonmonotonic-process", [&] { return backwards(mine, at); });
          } else if (greatest != nobody && rank_of(greatest) > rank_of(at)) {
            findings.add("nonmonotonic", [&] { return backwards(greatest, at); });
          }
        });
  }

  Story backwards(std::uint32_t before, std::uint32_t at) const {
    return {"The timestamp went back: " + told(at, "call") + " was given " + text(at) +
                ", although " + told(before, "call") + " had ended before with the greater " +
                text(before) + ".",
            ops_of({before, at}), detail_of(before, at)};
  }

  std::string text(std::uint32_t at) const { return ids_.text(stamp_[at]); }
  Map detail_of(std::uint32_t first, std::uint32_t second) const {
    Map map;
    map["first"] = ids_.value(stamp_[first]);
    map["second"] = ids_.value(stamp_[second]);
    return map;
  }

  std::string passed(const Findings& findings) const override {
    return "All " + counted(findings.figure("timestamps"), "timestamp") +
           " are different, and none is smaller than one whose call had ended before.";
  }

  Ids ids_;
  LocalIds local_;
  std::vector<std::int32_t> stamp_;  // by call: an id
  std::vector<std::int32_t> rank_;   // by id
  std::size_t width_ = 0;            // the shape of all of them; 0: none was seen yet
};

}  // namespace

void add_timestamp_oracle(Registry<CheckerEntry>& registry) {
  registry.add(entry_of("timestamp-oracle", "timestamp-oracle",
                        "Timestamps are unique, and a later call gets a greater one.",
                        "An oracle that gives timestamps: integers, or lists of integers.", {},
                        [] { return std::make_unique<TimestampOracle>(); }));
}

}  // namespace sunder
