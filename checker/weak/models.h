#pragma once
// The lattice of non-transactional consistency models, each by its definition.

#include <span>
#include <string_view>

#include "checker/weak/finding.h"
#include "checker/weak/history.h"

namespace sunder::weak {

/// Where operations must agree on one order.
enum class Arbitration : std::uint8_t {
  per_read,     // each read may have an order of its own
  per_session,  // all reads of a session have one
  per_key,      // all operations on a key have one
  global,       // there is one for all
};

/// One consistency model. The words of all definitions: so is session order; wr relates a write to
/// the reads of its value; rt relates a to b when a returned before b was invoked; co is the
/// transitive closure of so and wr. An order is legal for a read when the last write of its key
/// before it, or the initial one, is its source.
struct Model {
  std::string_view name;
  std::string_view alias;       // a common short name, or empty
  std::string_view summary;     // one sentence for people
  std::string_view visibility;  // which operations an operation must see
  Arbitration arbitration = Arbitration::global;
  std::string_view definition;  // formally, in the words above
  std::string_view source;      // the paper and section
  bool real_time = false;       // whether real time matters
  bool per_key = false;         // whether a history may be judged key by key
  Finding (*decide)(const Registers& registers, const Limits& limits) = nullptr;
};

/// All models, the strongest first: a model stands after every model that implies it.
std::span<const Model> models();
/// By name or alias; null when there is none.
const Model* find_model(std::string_view name);

/// `stronger` implies `weaker`, and no model of the table stands between them.
struct Edge {
  std::string_view stronger;
  std::string_view weaker;
};
/// The lattice's edges, without those that follow from others.
std::span<const Edge> edges();
/// Whether every history that keeps `stronger` keeps `weaker`, by the edges.
bool implies(const Model& stronger, const Model& weaker);

}  // namespace sunder::weak
