// "unique-ids": a generator of ids.

#include <vector>

#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/id_map.h"
#include "checker/linearizable/datatypes/shapes.h"

namespace sunder::linearizable {
namespace {

/// The one verb; output is the id that was given, 0 when nobody knows.
constexpr std::uint32_t generate = 0;

/// An id that was given once in the whole history can stand anywhere, so that only those that were
/// given more often need to be remembered.
struct UniqueIdsSpec {
  using State = IdMap;  // the ids that were given; an id is the key of a 1

  const ValueTable* values;
  const std::vector<bool>* repeated;  // by id

  State initial() const { return {}; }
  std::optional<State> step(const State& state, const Call& call) const {
    if (observes(call)) return state;
    return state[call.output] != 0 ? std::nullopt : std::optional(state.with(call.output, 1));
  }
  bool observes(const Call& call) const {
    auto id = static_cast<std::size_t>(call.output);
    return id >= repeated->size() || !(*repeated)[id];
  }
  Value describe(const State& state) const {
    List given;
    state.each([&](std::int32_t id, std::int32_t) { given.push_back((*values)[id]); });
    std::sort(given.begin(), given.end());
    return given;
  }
};

class UniqueIdsDatatype final : public Datatype {
 public:
  bool begin(std::string_view verb, ValueView, Process, Call& call) override {
    call.verb = generate;
    return verb == "generate";
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view) override {
    if (phase != Phase::ok) return plain_fate(phase);
    if (answer.is_nil()) return Fate::broken;
    call.output = values_.intern(answer);
    auto id = static_cast<std::size_t>(call.output);
    if (id >= given_.size()) {
      given_.resize(id + 1);
      repeated_.resize(id + 1);
    }
    if (given_[id]) repeated_[id] = true;
    given_[id] = true;
    return Fate::happened;
  }

  std::string expects() const override { return "generate, which answers an id"; }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<UniqueIdsSpec>>(UniqueIdsSpec{&values_, &repeated_});
  }

  std::string describe(const Call& call, bool crashed) const override {
    return crashed ? "generate" : "generate " + values_.text(call.output);
  }

 private:
  std::vector<bool> given_;
  std::vector<bool> repeated_;
};

}  // namespace

DatatypeEntry unique_ids_entry() {
  return {.name = "unique-ids",
          .summary = "A generator of ids, which never gives one twice.",
          .options = {},
          .make = [](const Options&) -> std::unique_ptr<Datatype> {
            return std::make_unique<UniqueIdsDatatype>();
          }};
}

}  // namespace sunder::linearizable
