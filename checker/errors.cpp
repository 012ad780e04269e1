// The errors that operations ended with, grouped by their text. Never invalid: a store may refuse
// whatever it likes; but whoever wrote its client should have met every text before.

#include <algorithm>
#include <map>

#include "harness/api/checker.h"

namespace sunder {
namespace {

constexpr std::size_t text_max = 200;   // bytes of an error that tell groups apart
constexpr std::size_t groups_max = 50;  // told; the rest is counted

/// Errors that differ in nothing but their numbers.
struct Group {
  Phase phase = Phase::info;
  std::string verb;
  std::string text;
  auto operator<=>(const Group&) const = default;
};

struct Found {
  std::int64_t count = 0;
  std::uint64_t example = 0;  // index of the first such completion
  std::string error;          // its own text
};

// "no answer in 5000 ms" is "no answer in # ms": ports, terms and times must not make each error a
// kind of its own.
std::string without_numbers(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, text_max)) {
    bool digit = c >= '0' && c <= '9';
    if (digit && !out.empty() && out.back() == '#') continue;
    out += digit ? '#' : c;
  }
  return out;
}

/// detail: {operations, kinds, errors: [{phase, verb, error, count, example}]}, the most frequent
/// first; `example` is the index of an op in the history.
class Errors final : public Checker {
 public:
  void begin(const CheckContext&) override {}

  void feed(const OpView& op) override {
    if (!op.process.is_client() || op.error.empty()) return;
    if (op.phase != Phase::fail && op.phase != Phase::info) return;
    ++operations_;
    Found& found = groups_[{op.phase, std::string(op.verb), without_numbers(op.error)}];
    if (found.count++ > 0) return;
    found.example = op.index;
    found.error = op.error.substr(0, text_max);
  }

  Verdict finish() override {
    Verdict verdict{.checker = "errors", .validity = Validity::valid};
    std::vector<std::pair<const Group*, const Found*>> ranked;
    for (const auto& [group, found] : groups_) ranked.emplace_back(&group, &found);
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return a.second->count > b.second->count;
    });
    verdict.summary = ranked.empty() ? "No operation ended with an error." : told(ranked.front());
    List errors;
    for (const auto& [group, found] : ranked) {
      if (errors.size() == groups_max) break;
      Map map;
      map["phase"] = to_string(group->phase);
      map["verb"] = group->verb;
      map["error"] = found->error;
      map["count"] = found->count;
      map["example"] = static_cast<std::int64_t>(found->example);
      errors.emplace_back(std::move(map));
    }
    Map detail;
    detail["operations"] = operations_;
    detail["kinds"] = static_cast<std::int64_t>(groups_.size());
    detail["errors"] = std::move(errors);
    verdict.detail = std::move(detail);
    return verdict;
  }

 private:
  std::string told(const std::pair<const Group*, const Found*>& first) const {
    std::string kinds = groups_.size() == 1 ? "One kind of error"
                                            : std::to_string(groups_.size()) + " kinds of error";
    return kinds + " ended " + std::to_string(operations_) + " operations; the most frequent, " +
           std::to_string(first.second->count) + " times: " + first.first->verb + " " +
           std::string(to_string(first.first->phase)) + ", '" + first.second->error +
           "' (first at op " + std::to_string(first.second->example) + ").";
  }

  std::map<Group, Found> groups_;
  std::int64_t operations_ = 0;
};

}  // namespace

void add_errors(Registry<CheckerEntry>& registry) {
  registry.add(CheckerEntry{.name = "errors",
                            .summary = "Which errors operations ended with, and how often.",
                            .make = [] { return std::make_unique<Errors>(); }});
}

}  // namespace sunder
