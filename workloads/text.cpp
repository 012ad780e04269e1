// Documents that all clients edit: inserts at positions, deletes of elements, and reads. No element
// is ever inserted twice.

#include "workloads/parts/tagged.h"

namespace sunder {
namespace {

constexpr std::uint64_t draws_per_op = 2;

/// What is drawn for one op. Whether it inserts, and into which document, follows from its number,
/// so that a later delete can name what is likely to be there.
class Editing {
 public:
  explicit Editing(const WorkloadConfig& config)
      : keys_(config.options),
        seed_(config.seed),
        inserts_(at_least(config.options, "inserts", 1)),
        deletes_(at_least(config.options, "deletes", 0)),
        reads_(at_least(config.options, "reads", 0)),
        positions_(at_least(config.options, "positions", 1)) {}

  gen::Draft draft(Rng& rng) const {
    std::uint64_t number = rng.draws() / draws_per_op;
    std::int64_t place = rng.between(0, positions_ - 1);
    std::uint64_t back = rng.below(recent) + 1;
    std::int64_t key = key_of(number);
    Map argument;
    argument["value"] = static_cast<std::int64_t>(number);
    switch (kind_of(number)) {
      case Kind::insert:
        // Nobody here knows how long the document is: behind its end means at its end.
        argument["position"] = place;
        return {"insert", tagged(key, std::move(argument), rng)};
      case Kind::remove:
        number -= std::min(back, number);
        while (number > 0 && kind_of(number) != Kind::insert) --number;
        argument["value"] = static_cast<std::int64_t>(number);
        return {"delete", tagged(key_of(number), std::move(argument), rng)};
      case Kind::read: break;
    }
    return {"read", Value::pair(Value(key), Value())};
  }

 private:
  enum class Kind : std::uint8_t { insert, remove, read };
  static constexpr std::uint64_t recent = 50;  // deletes strike one of the last so many ops

  std::int64_t key_of(std::uint64_t number) const {
    Rng rng(seed_, Stream::of("text key", number));
    return keys_.draw(rng);
  }
  Kind kind_of(std::uint64_t number) const {
    Rng rng(seed_, Stream::of("text kind", number));
    std::int64_t drawn = rng.between(0, inserts_ + deletes_ + reads_ - 1);
    if (drawn < inserts_) return Kind::insert;
    return drawn < inserts_ + deletes_ ? Kind::remove : Kind::read;
  }

  SharedKeys keys_;
  std::uint64_t seed_;
  std::int64_t inserts_;
  std::int64_t deletes_;
  std::int64_t reads_;
  std::int64_t positions_;
};

Generator load(const WorkloadConfig& config) {
  Editing editing(config);
  return endless(config, "text", [editing](Rng& rng) { return editing.draft(rng); });
}

Generator finale(const WorkloadConfig& config) {
  return final_reads(SharedKeys(config.options).count());
}

}  // namespace

void add_text(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "text",
      .summary = "documents that all clients edit at once",
      .datatype = "crdt-list",
      .keyed = true,
      .verbs = {"insert", "delete", "read", "final-read", "log"},
      .observes = {"read", "final-read"},
      .options = SharedKeys::options(
          "16", {integer_option("inserts", "2", "share of inserts"),
                 integer_option("deletes", "1", "share of deletes"),
                 integer_option("reads", "1", "share of reads"),
                 integer_option("positions", "50", "inserts are at one of the first so many")}),
      .load = load,
      .finale = finale,
  });
}

}  // namespace sunder
