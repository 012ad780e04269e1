#include "harness/core/assert.h"

#include <cstdio>
#include <cstdlib>

namespace sunder {
namespace {

// The one thread-local of the project: an assertion has no other way to learn its run.
thread_local AssertContext* innermost = nullptr;

}  // namespace

AssertContext::AssertContext(std::function<std::string()> describe)
    : describe_(std::move(describe)), outer_(innermost) {
  innermost = this;
}

AssertContext::~AssertContext() { innermost = outer_; }

void assert_failed(const char* condition, const char* file, int line, std::string_view message) {
  std::fprintf(stderr, "sunder: a bug of ours: %s is false at %s:%d", condition, file, line);
  if (!message.empty()) {
    std::fprintf(stderr, ": %.*s", static_cast<int>(message.size()), message.data());
  }
  for (AssertContext* context = innermost; context != nullptr; context = context->outer_) {
    std::fprintf(stderr, " [%s]", context->describe_().c_str());
  }
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace sunder
