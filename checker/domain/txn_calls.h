#pragma once
// Transactions of reads of lists and appends to them, as Elle's list-append has them.

#include <span>
#include <vector>

#include "checker/domain/domain_checker.h"

namespace sunder::domain {

class TxnChecker : public DomainChecker {
 protected:
  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override;
  Reading end_call(std::size_t at, ValueView answer, std::string_view error) override;
  std::string expects() const override;

  /// One micro-operation: an append of a value, or a read and what it found.
  struct Micro {
    bool append = false;
    std::int32_t key = 0;    // of list_keys_
    std::int32_t value = 0;  // of values_, of an append
    std::size_t first = 0;   // of a read: its part of elements_
    std::size_t size = 0;
  };

  std::span<const Micro> micros(std::size_t at) const {
    return {micros_.data() + first_[at], size_[at]};
  }
  /// Of a read of an ok call.
  std::span<const std::int32_t> elements(const Micro& read) const {
    return {elements_.data() + read.first, read.size};
  }
  std::string list_text(std::span<const std::int32_t> list) const;

  Ids list_keys_;
  Ids values_;

 private:
  bool read_list(std::size_t at, ValueView list, bool answered);
  bool read_found(Micro& micro, ValueView found);

  std::vector<std::size_t> first_, size_;  // by call: its part of micros_
  std::vector<Micro> micros_;
  std::vector<std::int32_t> elements_;
};

}  // namespace sunder::domain
