#pragma once
// ASSERT stays on in every build: a broken invariant of ours must never become a verdict.

#include <functional>
#include <string>
#include <string_view>

namespace sunder {

/// Prints the failed condition, its place and the context of the run (seed, op), then aborts.
[[noreturn]] void assert_failed(const char* condition, const char* file, int line,
                                std::string_view message);

/// What is printed beside every failed ASSERT of this thread, for example "seed 7, op 1203".
/// The function must stay callable until the scope ends.
class AssertContext {
 public:
  explicit AssertContext(std::function<std::string()> describe);
  ~AssertContext();
  AssertContext(const AssertContext&) = delete;
  AssertContext& operator=(const AssertContext&) = delete;

 private:
  std::function<std::string()> describe_;
  AssertContext* outer_;
  friend void assert_failed(const char*, const char*, int, std::string_view);
};

}  // namespace sunder

#define ASSERT(condition)                                                   \
  do {                                                                      \
    if (!(condition)) [[unlikely]]                                          \
      ::sunder::assert_failed(#condition, __FILE__, __LINE__, {});          \
  } while (false)

#define ASSERT_MSG(condition, message)                                      \
  do {                                                                      \
    if (!(condition)) [[unlikely]]                                          \
      ::sunder::assert_failed(#condition, __FILE__, __LINE__, (message));   \
  } while (false)
