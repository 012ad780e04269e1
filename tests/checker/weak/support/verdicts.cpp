#include "tests/checker/weak/support/verdicts.h"

#include "harness/core/assert.h"
#include "tests/checker/weak/support/litmus.h"

namespace sunder::weak::support {

Verdicts all_models() { return (Verdicts{1} << models().size()) - 1; }

Verdicts verdicts_of(const Registers& registers) {
  Verdicts verdicts = 0;
  for (std::size_t i = 0; i < models().size(); ++i) {
    if (keeps(models()[i].name, registers)) verdicts |= Verdicts{1} << i;
  }
  return verdicts;
}

std::size_t place_of(std::string_view model) {
  for (std::size_t i = 0; i < models().size(); ++i) {
    if (models()[i].name == model) return i;
  }
  ASSERT_MSG(false, model);
}

Verdicts implied_by(std::size_t model) {
  Verdicts implied = 0;
  for (std::size_t i = 0; i < models().size(); ++i) {
    if (implies(models()[model], models()[i])) implied |= Verdicts{1} << i;
  }
  return implied;
}

Separations::Separations() : models_(models().size()), pairs_(models_ * models_) {}

void Separations::add(const Registers& registers, Verdicts verdicts) {
  ++histories_;
  for (std::size_t held = 0; held < models_; ++held) {
    if (!holds(verdicts, held)) continue;
    for (std::size_t refuted = 0; refuted < models_; ++refuted) {
      if (holds(verdicts, refuted)) continue;
      Pair& pair = pairs_[held * models_ + refuted];
      if (pair.count++ == 0 || registers.size() < pair.example.size()) pair.example = registers;
    }
  }
}

const Separations::Pair& Separations::at(std::size_t held, std::size_t refuted) const {
  return pairs_[held * models_ + refuted];
}

std::uint64_t Separations::count(std::size_t held, std::size_t refuted) const {
  return at(held, refuted).count;
}

const Registers& Separations::example(std::size_t held, std::size_t refuted) const {
  return at(held, refuted).example;
}

std::string Separations::contradictions() const {
  std::string text;
  for (std::size_t a = 0; a < models_; ++a) {
    for (std::size_t b = 0; b < models_; ++b) {
      if (!implies(models()[a], models()[b]) || count(a, b) == 0) continue;
      text += std::string(models()[a].name) + " does not imply " + std::string(models()[b].name) +
              ": " + to_text(example(a, b)) + "\n";
    }
  }
  return text;
}

std::string Separations::missing(std::uint64_t least) const {
  std::string text;
  for (std::size_t a = 0; a < models_; ++a) {
    for (std::size_t b = 0; b < models_; ++b) {
      if (implies(models()[a], models()[b]) || count(a, b) >= least) continue;
      if (models()[b].name == "eventual") continue;
      text += std::string(models()[a].name) + " without " + std::string(models()[b].name) + ": " +
              std::to_string(count(a, b)) + "\n";
    }
  }
  return text;
}

std::string Separations::table() const {
  std::string text = "how often the row's model held where the column's was refuted, in " +
                     std::to_string(histories_) + " histories ('-': the lattice says never)\n";
  for (std::size_t a = 0; a < models_; ++a) {
    std::string name(models()[a].name);
    text += std::string(20 - name.size(), ' ') + name;
    for (std::size_t b = 0; b < models_; ++b) {
      std::string number = implies(models()[a], models()[b]) ? "-" : std::to_string(count(a, b));
      text += std::string(number.size() < 8 ? 8 - number.size() : 1, ' ') + number;
    }
    text += "\n";
  }
  return text;
}

}  // namespace sunder::weak::support
