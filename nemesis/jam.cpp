// Hold, then flood: what is sent over a link waits until the fault ends, and then comes at once.

#include "nemesis/policy/link_fault.h"

namespace sunder {

void add_jam(Registry<Nemesis>& registry) {
  registry.add(link_nemesis({
      .name = "jam",
      .summary = "links hold what is sent, and then deliver all of it at once",
      .options = {},
      .model =
          [](const Options&) {
            LinkModel model;
            model.hold = true;
            return model;
          },
  }));
}

}  // namespace sunder
