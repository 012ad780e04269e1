#include "harness/api/cluster.h"

#include <array>

namespace sunder {

std::string_view to_string(Ability ability) {
  constexpr std::array<std::string_view, 4> names = {"links", "processes", "clocks",
                                                     "link quality"};
  return names[static_cast<std::size_t>(ability)];
}

std::string_view to_string(ProcessState state) {
  constexpr std::array<std::string_view, 3> names = {"running", "paused", "stopped"};
  return names[static_cast<std::size_t>(state)];
}

void Cluster::sample_links(LinkSampling, std::function<void(Result<LinkSamples>)> done) {
  after(Duration{0}, [done = std::move(done)] {
    done(Error{Error::Code::refused, "this world cannot measure links"});
  });
}

}  // namespace sunder
