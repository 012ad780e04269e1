// Links that are slow: by a constant, or scattered around it by a normal or a heavy-tailed law.

#include "nemesis/policy/link_fault.h"

namespace sunder {
namespace {

LinkModel model(const Options& options) {
  LinkModel model;
  model.delay = options.duration("amount");
  const std::string& distribution = options.text("distribution");
  if (distribution == "constant") return model;
  model.jitter = options.duration("jitter");
  model.spread = distribution == "pareto" ? Spread::pareto : Spread::normal;
  return model;
}

}  // namespace

void add_delay(Registry<Nemesis>& registry) {
  registry.add(link_nemesis({
      .name = "delay",
      .summary = "links deliver packets late",
      .options = {{"amount", OptionSpec::Kind::duration, "50ms", "by how much"},
                  {"jitter", OptionSpec::Kind::duration, "10ms",
                   "normal: the standard deviation; pareto: the mean of what is added"},
                  {"distribution", OptionSpec::Kind::choice, "normal",
                   "the law of the delays", {"constant", "normal", "pareto"}}},
      .model = model,
  }));
}

}  // namespace sunder
