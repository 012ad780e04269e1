#include "tests/checker/weak/support/search.h"

#include <set>

#include "tests/checker/weak/support/generate.h"

namespace sunder::weak::support {
namespace {

constexpr std::size_t operations_max = 11;

class Search {
 public:
  Search(Separations& separations, Rng& rng) : separations_(separations), rng_(rng) {}

  void run(const std::vector<std::string>& known, std::uint64_t least, std::uint64_t tries) {
    for (const std::string& text : known) add(*parse_litmus(text));
    for (std::uint64_t i = 0; i < 20'000; ++i) add(random_litmus(rng_, 2 + rng_.below(7)));
    while (tries_ < tries) {
      bool enough = true;
      for (std::size_t held = 0; held < models().size(); ++held) {
        for (std::size_t refuted = 0; refuted < models().size(); ++refuted) {
          if (implies(models()[held], models()[refuted])) continue;
          if (separations_.count(held, refuted) >= least) continue;
          enough = false;
          around(held, refuted);
        }
      }
      if (enough) return;
    }
  }

 private:
  // Some changes of the smallest history that separates them, or some random ones.
  void around(std::size_t held, std::size_t refuted) {
    for (int i = 0; i < 50; ++i) {
      if (separations_.count(held, refuted) == 0) {
        add(random_litmus(rng_, 5 + rng_.below(4)));
        continue;
      }
      Litmus litmus = litmus_of(separations_.example(held, refuted));
      for (std::uint64_t changes = 1 + rng_.below(4); changes > 0; --changes) {
        change(litmus, rng_);
      }
      add(litmus);
    }
  }

  void add(const Litmus& litmus) {
    ++tries_;
    Registers registers = *registers_of(litmus);
    if (registers.size() > operations_max || !registers.pending_since.empty()) return;
    if (seen_.insert(to_text(registers)).second) separations_.add(registers);
  }

  Separations& separations_;
  Rng& rng_;
  std::set<std::string> seen_;
  std::uint64_t tries_ = 0;
};

}  // namespace

void separate(Separations& separations, const std::vector<std::string>& known, Rng& rng,
              std::uint64_t least, std::uint64_t histories_max) {
  Search(separations, rng).run(known, least, histories_max);
}

bool is_separated(const Registers& registers, std::size_t held, std::size_t refuted) {
  return keeps(models()[held].name, registers) && !keeps(models()[refuted].name, registers);
}

Registers smallest_separation(const Registers& registers, std::size_t held, std::size_t refuted) {
  for (Index i = 0; i < registers.size(); ++i) {
    Registers smaller = without(registers, i);
    if (is_separated(smaller, held, refuted)) return smallest_separation(smaller, held, refuted);
  }
  return registers;
}

}  // namespace sunder::weak::support
