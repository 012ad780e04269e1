// Links that flip bits. The lab's switch really does; checksums of TCP and UDP catch it, and the
// kernel's count of them is the proof. Simulated packets have no checksums, so that a corrupt one
// is lost there: the same for the system under test.

#include "nemesis/policy/link_fault.h"

namespace sunder {

void add_corrupt(Registry<Nemesis>& registry) {
  registry.add(link_nemesis({
      .name = "corrupt",
      .summary = "links flip a bit in some packets, which checksums catch",
      .options = {percent_option("amount", "20", "the share of packets struck, in percent")},
      .model =
          [](const Options& options) {
            LinkModel model;
            model.corrupt = percent(options, "amount");
            return model;
          },
  }));
}

}  // namespace sunder
