#pragma once
// Replicas of one object that update and join by chance, and what a datatype's definition says of
// every state on the way.

#include <vector>

#include "nodes/lattice/object.h"

namespace sunder::testing_support {

/// One update of a play, as its author made it.
struct PlayedUpdate {
  lattice::Update update;
  clock::Dot dot;
  lattice::Entry entry;
};

struct ObjectPlay {
  std::vector<lattice::Object> states;  // a copy after every step, of whichever replica moved
  std::vector<PlayedUpdate> updates;
};

/// Four replicas and so many steps: an update, or a join of another replica's whole or of what this
/// one lacks. Stamps are of skewed clocks, and writers know what they read at any replica.
ObjectPlay play_object(lattice::Kind kind, std::uint64_t seed, int steps);

/// What a replica must answer that has these updates, by the definition of the datatype.
Value specified_answer(lattice::Kind kind, const std::vector<PlayedUpdate>& updates,
                       const clock::VectorClock& context);

/// The state after the wire and the disk: as JSON text and back, as bytes and back, and joined to
/// an empty one.
lattice::Object serialised(const lattice::Object& object);
lattice::Object joined(lattice::Object one, const lattice::Object& other);

}  // namespace sunder::testing_support
