#pragma once
// Results of things that can go wrong for reasons outside the program. Bugs are ASSERTs instead.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace sunder {

/// Why an expected thing did not happen. `context` is a whole sentence for people: what was tried
/// and what it met, and the cure when there is one.
struct Error {
  enum class Code : std::uint8_t {
    timed_out,
    refused,
    not_found,
    malformed,    // input that cannot be understood (exit code 64)
    environment,  // a missing binary, ability, host, disk or port (exit code 69)
  };
  Code code;
  std::string context;
};

/// A value, or the reason there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  const T& operator*() const& { return std::get<0>(state_); }  // REQUIRES: *this is true
  T& operator*() & { return std::get<0>(state_); }             // REQUIRES: *this is true
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  const T* operator->() const { return &std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }  // REQUIRES: *this is false

 private:
  std::variant<T, Error> state_;
};

/// The result of an act that yields nothing.
struct Done {};
using Status = Result<Done>;

}  // namespace sunder
