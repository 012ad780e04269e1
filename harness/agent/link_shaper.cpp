#include "harness/agent/link_shaper.h"

#include <algorithm>
#include <set>
#include <thread>

#include "harness/faultkit/queueing.h"
#include "harness/faultkit/shaping.h"

namespace sunder {
namespace {

/// How long what waits in a class that ends has to leave it in its own time; the kernel drops the
/// rest. The agent hears nothing meanwhile.
constexpr Duration farewell = std::chrono::milliseconds(500);
constexpr Duration look_again = std::chrono::milliseconds(5);

Result<std::set<unsigned>> interfaces_towards(Shaping& shaping,
                                              const std::vector<std::string>& addresses) {
  std::set<unsigned> found;
  for (const std::string& address : addresses) {
    Result<unsigned> interface = shaping.interface_towards(address);
    if (!interface) return interface.error();
    found.insert(*interface);
  }
  return found;
}

void let_leave(Shaping& shaping, const std::vector<std::uint16_t>& numbers) {
  auto latest = std::chrono::steady_clock::now() + farewell;
  while (std::chrono::steady_clock::now() < latest) {
    Result<std::int64_t> waiting = shaping.waiting_in(numbers);
    if (!waiting || *waiting == 0) return;
    std::this_thread::sleep_for(look_again);
  }
}

}  // namespace

Status LinkShaper::possible() const {
  Status done = classing_is_possible();
  if (done) done = shaping_is_possible();
  if (!done) return done;
  Result<Shaping> shaping = Shaping::open();
  if (!shaping) return shaping.error();
  Result<std::set<unsigned>> interfaces = interfaces_towards(*shaping, addresses_);
  if (!interfaces) return interfaces.error();
  for (unsigned interface : *interfaces) {
    if (done) done = shaping->may_have_root(interface);
  }
  return done;
}

std::vector<std::uint16_t> LinkShaper::ending(const Classes& wanted) const {
  std::vector<std::uint16_t> numbers;
  for (const auto& [number, model] : classes_) {
    auto same = wanted.find(number);
    if (same == wanted.end() || same->second != model) numbers.push_back(number);
  }
  return numbers;
}

Status LinkShaper::set(const Classes& wanted) {
  Status done = change_to(wanted);
  if (!done) (void)end();
  return done;
}

Status LinkShaper::change_to(const Classes& wanted) {
  Result<Shaping> shaping = Shaping::open();
  if (!shaping) return shaping.error();
  if (interfaces_.empty()) {
    Result<std::set<unsigned>> interfaces = interfaces_towards(*shaping, addresses_);
    if (!interfaces) return interfaces.error();
    for (unsigned interface : *interfaces) {
      if (Status done = shaping->add_root(interface); !done) return done;
      interfaces_.push_back(interface);
    }
  }
  std::vector<std::uint16_t> over = ending(wanted);
  let_leave(*shaping, over);
  for (std::uint16_t number : over) {
    for (unsigned interface : interfaces_) {
      if (Status done = shaping->remove_class(interface, number); !done) return done;
    }
    classes_.erase(number);
  }
  for (const auto& [number, model] : wanted) {
    if (!classes_.emplace(number, model).second) continue;
    for (unsigned interface : interfaces_) {
      if (Status done = shaping->add_class(interface, number, model); !done) return done;
    }
  }
  return Done{};
}

Status LinkShaper::end() {
  Result<Shaping> shaping = Shaping::open();
  if (!shaping) return shaping.error();
  let_leave(*shaping, ending({}));
  classes_.clear();
  interfaces_.clear();
  return shaping->remove_roots();
}

Status end_shaping() { return LinkShaper({}).end(); }

}  // namespace sunder
