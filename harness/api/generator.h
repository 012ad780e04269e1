#pragma once
// What to try next, as an immutable value in the manner of Jepsen's generators: asking is free and
// repeatable, so combinators may look ahead. Combinators live in harness/generate.

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "harness/core/op.h"

namespace sunder {

/// A seat that performs ops: 0, 1 ... for clients, negative for nemeses (thread -1 - k is
/// nemesis-k). A client thread gets a new process number after each `info`.
using Thread = std::int32_t;

/// A set of threads as bits; iterates clients ascending, then nemeses.
class ThreadSet {
 public:
  ThreadSet() = default;
  static ThreadSet range(int clients, int nemeses);  // 0..clients-1 and -1..-nemeses
  bool contains(Thread thread) const;
  void insert(Thread thread);
  void erase(Thread thread);
  std::size_t size() const;
  bool empty() const;
  Thread nth(std::size_t n) const;  // in iteration order. REQUIRES: n < size()
  ThreadSet clients() const;  // those of this set that are clients
  ThreadSet nemeses() const;  // and the others
  ThreadSet operator&(const ThreadSet& other) const;
  bool operator==(const ThreadSet& other) const;
  template <class Visit>
  void each(Visit visit) const {
    for (std::size_t word = 0; word < clients_.size(); ++word) {
      for (std::uint64_t bits = clients_[word]; bits != 0; bits &= bits - 1) {
        visit(static_cast<Thread>(word * 64 + static_cast<std::size_t>(__builtin_ctzll(bits))));
      }
    }
    for (std::uint64_t bits = nemeses_; bits != 0; bits &= bits - 1) {
      visit(static_cast<Thread>(-1 - __builtin_ctzll(bits)));
    }
  }

 private:
  std::vector<std::uint64_t> clients_;
  std::uint64_t nemeses_ = 0;  // at most 64
};

/// The moment in which a generator is asked. `free` is a subset of `all`; combinators narrow both.
struct Context {
  Instant time;
  ThreadSet all;
  ThreadSet free;
  const std::vector<Process>* client_processes = nullptr;  // thread -> its present process

  Process process_of(Thread thread) const;
  Thread thread_of(Process process) const;  // REQUIRES: the process is a present one
  Context narrowed(const ThreadSet& threads) const;
};

class Generator;

/// Nothing more, ever.
struct Exhausted {};
/// Nothing now; ask again after the next event.
struct Pending {};
/// An op to invoke, at op.time or as soon after as can be, by op.process, which is free. `sleep`
/// and `log` never reach the system or the history: sleep keeps the thread busy for `pause`, log
/// prints op.value.
struct Ready;

using Emission = std::variant<Exhausted, Pending, Ready>;

class Rule {
 public:
  virtual ~Rule() = default;
  virtual Emission next(const Context& context) const = 0;
  /// What remains after learning of an event: an invocation or a completion. `self` is this rule.
  virtual Generator after(const Context& context, const Op& event, const Generator& self) const;
};

class Generator {
 public:
  Generator() = default;  // exhausted
  explicit Generator(std::shared_ptr<const Rule> rule) : rule_(std::move(rule)) {}
  Emission next(const Context& context) const;
  Generator after(const Context& context, const Op& event) const;
  bool same_as(const Generator& other) const { return rule_ == other.rule_; }

 private:
  std::shared_ptr<const Rule> rule_;
};

struct Ready {
  enum class Kind : std::uint8_t { invoke, sleep, log };
  Op op;
  Generator rest;
  Kind kind = Kind::invoke;
  Duration pause{0};
};

}  // namespace sunder
