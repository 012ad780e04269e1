#pragma once
// Where a history stands in the lattice: which models hold, which are refuted, and why.

#include <functional>
#include <vector>

#include "checker/weak/models.h"
#include "checker/weak/reduce.h"

namespace sunder::weak {

struct Placed {
  const Model* model = nullptr;
  Outcome outcome = Outcome::unknown;
  /// The model whose decision says so: this one, a stronger one that holds, or a weaker one that is
  /// refuted.
  const Model* by = nullptr;
  std::string reason;           // of unknown
  Contradiction contradiction;  // of a refutation that was decided for this model itself
};

struct Placement {
  std::vector<Placed> models;  // in the order of models()

  /// Models that hold and that no other holding model implies.
  std::vector<const Model*> strongest_held() const;
  /// Refuted models that imply no other refuted model.
  std::vector<const Model*> weakest_refuted() const;
  std::vector<const Model*> undecided() const;
};

/// Decides all models, the cheap ones first, and none whose answer follows from another. Each gets
/// a share of the time that is left.
Placement place(const Registers& registers, const Limits& limits,
                const std::function<void(const std::string&)>& progress = {});

}  // namespace sunder::weak
