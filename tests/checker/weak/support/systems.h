#pragma once
// Small systems of registers: some keep a model by the way they work, some keep next to nothing.

#include <memory>
#include <span>

#include "harness/core/rng.h"
#include "tests/checker/weak/support/litmus.h"

namespace sunder::weak::support {

/// A write by its place among all writes of a run.
using WriteId = std::size_t;
inline constexpr WriteId no_write = SIZE_MAX;

struct Write {
  std::uint32_t session = 0;
  std::uint32_t key = 0;
};

/// What serves the clients. Each operation takes effect at one moment, somewhere between its call
/// and its answer.
class Store {
 public:
  virtual ~Store() = default;
  virtual void write(WriteId id, const Write& write) = 0;
  /// What a session reads now.
  virtual WriteId read(std::uint32_t session, std::uint32_t key) = 0;
  /// Whether the write may be answered. It took effect before.
  virtual bool is_done(WriteId) { return true; }
  /// Something that happens by itself.
  virtual void work(Rng&) {}
};

/// A kind of store and the strongest models that it keeps, whatever happens.
struct System {
  std::string_view name;
  std::vector<std::string_view> keeps;
  /// Whether what it keeps has to do with real time; else a history gets any times afterwards.
  bool real_time = false;
  std::unique_ptr<Store> (*make)(std::uint32_t sessions) = nullptr;
};

/// Systems that keep what they promise.
const std::vector<System>& right_systems();
/// Systems that a checker must find out, with the strongest models that they keep all the same.
const std::vector<System>& toys();

/// So many operations of two to four clients on one to three keys, as a history.
Litmus run(const System& system, std::size_t operations, Rng& rng);

}  // namespace sunder::weak::support
