#pragma once
// Which models a small history keeps, as a set of bits: bit i stands for models()[i].

#include <functional>
#include <string>

#include "tests/checker/weak/support/definition.h"

namespace sunder::weak::support {

using Verdicts = std::uint32_t;

/// One for each model.
Verdicts all_models();
/// By the definitions.
Verdicts verdicts_of(const Registers& registers);
inline bool holds(Verdicts verdicts, std::size_t model) { return (verdicts >> model & 1) != 0; }
std::size_t place_of(std::string_view model);  // in models(). REQUIRES: there is one

/// The models that the edges say follow from a model, itself among them.
Verdicts implied_by(std::size_t model);

/// How often a model held where another was refuted, and for each such pair a smallest history.
class Separations {
 public:
  Separations();
  void add(const Registers& registers, Verdicts verdicts);
  void add(const Registers& registers) { add(registers, verdicts_of(registers)); }

  std::uint64_t histories() const { return histories_; }
  std::uint64_t count(std::size_t held, std::size_t refuted) const;
  const Registers& example(std::size_t held, std::size_t refuted) const;
  /// Every pair that contradicts the edges, with its example.
  std::string contradictions() const;
  /// Every pair that the edges do not connect and that was separated fewer than `least` times.
  std::string missing(std::uint64_t least) const;
  std::string table() const;  // for people

 private:
  struct Pair {
    std::uint64_t count = 0;
    Registers example;
  };
  const Pair& at(std::size_t held, std::size_t refuted) const;

  std::uint64_t histories_ = 0;
  std::size_t models_;
  std::vector<Pair> pairs_;
};

}  // namespace sunder::weak::support
