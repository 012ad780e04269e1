// Links that deliver packets twice.

#include "nemesis/policy/link_fault.h"

namespace sunder {

void add_duplicate(Registry<Nemesis>& registry) {
  registry.add(link_nemesis({
      .name = "duplicate",
      .summary = "links deliver a share of their packets twice",
      .options = {percent_option("amount", "30", "the share of packets doubled, in percent")},
      .model =
          [](const Options& options) {
            LinkModel model;
            model.duplicate = percent(options, "amount");
            return model;
          },
  }));
}

}  // namespace sunder
