// Links that lose packets, each by itself or several in a row.

#include "nemesis/policy/link_fault.h"

namespace sunder {

void add_loss(Registry<Nemesis>& registry) {
  registry.add(link_nemesis({
      .name = "loss",
      .summary = "links lose a share of their packets",
      .options = {percent_option("amount", "20", "the share of packets lost, in percent"),
                  {"run", OptionSpec::Kind::integer, "1",
                   "how many packets are lost in a row, on average", {}, false, 1, 1000}},
      .model =
          [](const Options& options) {
            LinkModel model;
            model.loss = percent(options, "amount");
            model.loss_run = static_cast<std::uint32_t>(options.integer("run"));
            return model;
          },
  }));
}

}  // namespace sunder
