#include "tests/checker/weak/support/families.h"

#include <algorithm>

#include "harness/core/rng.h"
#include "tests/checker/weak/support/builder.h"

namespace sunder::testing_support {
namespace {

using Handle = RegistersBuilder::Handle;

class Memory {
 public:
  explicit Memory(const Family& wanted)
      : wanted_(wanted),
        rng_(wanted.seed, Stream::of("family")),
        writes_(wanted.keys + 2),
        seen_(wanted.sessions, 0),
        ids_(wanted.sessions) {
    for (std::uint32_t& id : ids_) id = next_id_++;
    std::uint64_t total = 0;
    for (std::uint32_t key = 0; key < wanted.keys; ++key) {
      total += wanted.zipf ? 1'000'000 / (key + 1) : 1;
      weights_.push_back(total);
    }
  }

  weak::Registers run() {
    for (std::uint32_t i = 0; i < wanted_.operations; ++i) {
      if (i == wanted_.operations / 2) plant();
      step();
    }
    return builder_.build();
  }

 private:
  struct Write {
    std::uint32_t place;  // in the order of all writes, from one
    Handle handle;
  };

  std::int32_t draw_key() {
    std::uint64_t drawn = rng_.below(weights_.back());
    auto at = std::upper_bound(weights_.begin(), weights_.end(), drawn);
    return static_cast<std::int32_t>(at - weights_.begin());
  }

  void step() {
    auto slot = static_cast<std::size_t>(rng_.below(wanted_.sessions));
    std::int32_t key = draw_key();
    if (rng_.below(100) < wanted_.read_percent) {
      read(slot, key);
    } else {
      write(slot, key);
    }
    if (rng_.below(1000) < wanted_.retired_per_mille) ids_[slot] = next_id_++;
  }

  void write(std::size_t slot, std::int32_t key) {
    Handle handle = builder_.write(ids_[slot], key);
    writes_[static_cast<std::size_t>(key)].push_back({++last_, handle});
    if (wanted_.sees_own_writes) seen_[slot] = last_;
  }

  void read(std::size_t slot, std::int32_t key) {
    std::uint32_t least = last_ > wanted_.lag ? last_ - wanted_.lag : 0;
    least = std::max(least, seen_[slot]);
    if (least < last_) {
      auto wait = static_cast<std::uint32_t>(rng_.below(last_ - least + 1));
      least += static_cast<std::uint32_t>(rng_.below(wait + 1));
    }
    seen_[slot] = least;
    const auto& writes = writes_[static_cast<std::size_t>(key)];
    auto later = std::partition_point(writes.begin(), writes.end(),
                                      [&](const Write& write) { return write.place <= least; });
    builder_.read(ids_[slot], key, later == writes.begin() ? weak::initial : (later - 1)->handle);
  }

  void plant() {
    auto fresh = static_cast<std::int32_t>(wanted_.keys);
    if (wanted_.plant == Family::Plant::old_value) {
      Handle first = builder_.write(ids_[0], fresh);
      Handle second = builder_.write(ids_[0], fresh);
      builder_.read(ids_[1], fresh, second);
      step();
      builder_.read(ids_[1], fresh, first);
    }
    if (wanted_.plant == Family::Plant::split_order) {
      Handle one = builder_.write(ids_[0], fresh);
      Handle other = builder_.write(ids_[1], fresh + 1);
      builder_.read(ids_[2], fresh, one);
      builder_.read(ids_[2], fresh + 1, weak::initial);
      builder_.read(ids_[3], fresh + 1, other);
      builder_.read(ids_[3], fresh, weak::initial);
    }
  }

  const Family& wanted_;
  Rng rng_;
  RegistersBuilder builder_;
  std::vector<std::vector<Write>> writes_;  // by key
  std::vector<std::uint32_t> seen_;         // by open session: the prefix that it sees
  std::vector<std::uint32_t> ids_;          // by open session
  std::vector<std::uint64_t> weights_;      // of keys, summed up
  std::uint32_t next_id_ = 0;
  std::uint32_t last_ = 0;  // write
};

}  // namespace

weak::Registers family(const Family& wanted) { return Memory(wanted).run(); }

}  // namespace sunder::testing_support
