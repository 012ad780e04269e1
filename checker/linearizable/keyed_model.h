#pragma once
// All keys in one object: for histories that are not judged key by key.

#include <memory>

#include "checker/linearizable/model.h"
#include "checker/linearizable/value_table.h"

namespace sunder::linearizable {

/// A map from Call::key to objects that each behave like `one`. Its states are described as maps
/// with the keys (which `keys` names) whose objects have changed. `keys` must hold every key of the
/// calls by now, and outlive the model.
std::unique_ptr<Model> keyed_model(std::unique_ptr<Model> one, const ValueTable& keys);

}  // namespace sunder::linearizable
