#pragma once
// Sends to and polls from a log with keys (topics' partitions) and offsets, as in Kafka.

#include <vector>

#include "checker/domain/domain_checker.h"

namespace sunder::domain {

/// No offset is known.
inline constexpr std::int64_t no_offset = INT64_MIN;

class LogChecker : public DomainChecker {
 protected:
  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override;
  Reading end_call(std::size_t at, ValueView answer, std::string_view error) override;
  std::string expects() const override;

  enum class Kind : std::uint8_t { access, assign, subscribe };

  /// One message that a call sent or polled, in the order of the call.
  struct Record {
    std::uint32_t call = 0;
    std::int32_t key = 0;    // of names_
    std::int32_t value = 0;  // of ids_
    std::int64_t offset = no_offset;
    bool sent = false;  // otherwise polled
  };

  Kind kind(std::size_t at) const { return kind_[at]; }
  bool polls(std::size_t at) const { return polls_[at] != 0; }
  std::span<const Record> records(std::size_t at) const {
    return {records_.data() + first_[at], size_[at]};
  }
  std::string message_text(const Record& record) const;  // "5 of key 3"
  std::string call_text(std::uint32_t at) const;
  Map detail_of(const Record& record) const;

  Ids ids_;
  Names names_;

 private:
  /// Appends what a list of micro-operations says; false when it makes no sense.
  bool read_list(std::size_t at, ValueView list, bool answered);
  bool read_send(std::size_t at, const std::vector<ValueView>& parts, bool answered);
  bool read_polled(std::size_t at, ValueView by_key);
  bool same_sends(std::size_t at, std::size_t asked, std::size_t asked_size) const;

  std::vector<Kind> kind_;
  std::vector<std::uint8_t> polls_;
  std::vector<std::size_t> first_, size_;  // by call: its part of records_
  std::vector<Record> records_;
};

}  // namespace sunder::domain
