// Links on which packets overtake others.

#include "nemesis/policy/link_fault.h"

namespace sunder {

void add_reorder(Registry<Nemesis>& registry) {
  registry.add(link_nemesis({
      .name = "reorder",
      .summary = "links hold some packets back, so that later ones overtake them",
      .options = {percent_option("amount", "30", "the share of packets held back, in percent"),
                  {"span", OptionSpec::Kind::duration, "50ms",
                   "for how long at most a packet is held back"}},
      .model =
          [](const Options& options) {
            LinkModel model;
            model.reorder = percent(options, "amount");
            model.reorder_span = options.duration("span");
            return model;
          },
  }));
}

}  // namespace sunder
