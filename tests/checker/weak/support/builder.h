#pragma once
// Histories of registers, operation by operation.

#include <vector>

#include "checker/weak/history.h"

namespace sunder::testing_support {

/// Operations in the order in which they were called; each returns before the next is called unless
/// positions are given. Handles are numbers of operations in this order.
class RegistersBuilder {
 public:
  using Handle = std::uint32_t;

  Handle write(std::uint32_t session, std::int32_t key);
  Handle read(std::uint32_t session, std::int32_t key, Handle source);  // weak::initial: of none
  void set_positions(Handle operation, std::uint32_t invoked, std::uint32_t returned);
  /// Sessions by number, without those that have no operation; keys up to the greatest.
  weak::Registers build() const;

 private:
  std::vector<weak::Operation> operations_;
};

}  // namespace sunder::testing_support
