#pragma once
// Adds and reads of numbers, as the checks of counters share them.

#include <vector>

#include "checker/domain/domain_checker.h"

namespace sunder::domain {

class CounterChecker : public DomainChecker {
 protected:
  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override;
  Reading end_call(std::size_t at, ValueView answer, std::string_view error) override;
  std::string expects() const override;

  bool is_read(std::size_t at) const { return is_read_[at] != 0; }
  /// What an add adds, or what an ok read answered.
  std::int64_t number(std::size_t at) const { return numbers_[at]; }
  /// The timestamp that came with an answer; nullopt when there was none.
  std::optional<std::int64_t> stamp(std::size_t at) const;

  /// What a read can have answered, by the adds alone.
  struct Bounds {
    std::int64_t least = 0;
    std::int64_t most = 0;
  };
  /// Sums up the adds of one key. Adds that may have happened count where they widen the bounds.
  void add_up(Calls calls, std::int64_t initial);
  Bounds bounds(std::size_t read) const;

  std::string read_text(std::size_t at) const;  // "process 1's read of 5 (op 3)"
  Map detail_of(std::size_t read) const;

 private:
  /// Amounts by position, and after sum_up() the sums of all up to and with each.
  struct Sums {
    std::vector<std::pair<std::uint32_t, std::int64_t>> steps;
    void sum_up();
    std::int64_t before(std::uint32_t position) const;
  };

  std::vector<std::uint8_t> is_read_;
  std::vector<std::int64_t> numbers_;
  std::vector<std::int64_t> stamps_;
  std::vector<std::uint8_t> has_stamp_;
  std::int64_t initial_ = 0;
  Sums up_begun_, up_done_, down_begun_, down_done_;
};

}  // namespace sunder::domain
