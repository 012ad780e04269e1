// Links that carry only so many bytes a second, and drop what waits for over two seconds.

#include "nemesis/policy/link_fault.h"

namespace sunder {

void add_rate(Registry<Nemesis>& registry) {
  registry.add(link_nemesis({
      .name = "rate",
      .summary = "links carry only so many bytes a second",
      .options = {{"amount", OptionSpec::Kind::integer, "32768", "bytes a second", {}, false, 1000,
                   1'000'000'000}},
      .model =
          [](const Options& options) {
            LinkModel model;
            model.rate = options.integer("amount");
            return model;
          },
  }));
}

}  // namespace sunder
