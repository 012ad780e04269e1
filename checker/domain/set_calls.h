#pragma once
// Adds of elements and reads of all of them, as the checks of grow-only sets share them.

#include <vector>

#include "checker/domain/domain_checker.h"

namespace sunder::domain {

class SetChecker : public DomainChecker {
 protected:
  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override;
  Reading end_call(std::size_t at, ValueView answer, std::string_view error) override;
  std::string expects() const override;

  /// What is known of one element of a key.
  struct Element {
    std::uint32_t invoked = open_end;       // the first add that may have happened
    std::uint32_t acknowledged = open_end;  // the first completion of an add
    std::uint32_t add = UINT32_MAX;         // a call that added it: acknowledged, pending or failed
    std::uint32_t adds = 0;
  };

  bool is_read(std::size_t at) const { return element_[at] < 0; }
  std::span<const std::int32_t> read(std::size_t at) const {
    return {pool_.data() + first_[at], size_[at]};
  }
  /// Fills elements_ and reads_ from the calls of one key; local_ numbers the elements.
  void collect(Calls calls);
  /// Counts elements that a read holds more than once, and those that nobody can have put there:
  /// never added, added only by calls that failed, or added later.
  void judge_contents(Findings& findings);

  std::string text(std::int32_t local) const { return ids_.text(local_.global(local)); }
  std::string add_text(std::int32_t local) const;  // "process 1's add of 5 (op 3)"
  std::string read_text(std::size_t at) const;
  Map detail_of(std::int32_t local) const;

  std::vector<Element> elements_;     // by local number
  std::vector<std::uint32_t> reads_;  // ok ones, in order of invocation
  std::uint32_t last_unanswered_ = UINT32_MAX;  // the last read that may have been, or none
  LocalIds local_;

 private:
  void judge_read(std::uint32_t read, Findings& findings);

  Ids ids_;
  std::vector<std::int32_t> element_;  // by call: what it adds, -1 for reads
  std::vector<std::size_t> first_;     // by call: where in pool_ what it read begins
  std::vector<std::uint32_t> size_;
  std::vector<std::int32_t> pool_;
  // By local number, for judge_contents(): the last read that held it, and what was told of it.
  std::vector<std::uint32_t> held_by_;
  std::vector<std::uint8_t> told_;
};

}  // namespace sunder::domain
