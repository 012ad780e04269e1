#include "workloads/parts/keys.h"

#include <algorithm>

namespace sunder {
namespace {

constexpr std::int64_t keys_max = 10'000;

gen::Zipf zipf_of(const Options& options) {
  std::int64_t keys = std::clamp<std::int64_t>(options.integer("keys"), 1, keys_max);
  std::int64_t skew = std::clamp<std::int64_t>(options.integer("skew"), 0, 3);
  return gen::Zipf(static_cast<std::size_t>(keys), static_cast<int>(skew));
}

void add_skew(std::vector<OptionSpec>& specs) {
  specs.push_back(integer_option("skew", "1",
                                 "how much hotter the first keys are: 0 not at all, 1 as in Zipf's "
                                 "law, up to 3"));
}

}  // namespace

OptionSpec integer_option(const char* name, const char* fallback, const char* help) {
  return OptionSpec{name, OptionSpec::Kind::integer, fallback, help};
}

std::int64_t at_least(const Options& options, std::string_view name, std::int64_t least) {
  return std::clamp<std::int64_t>(options.integer(name), least, 1'000'000'000);
}

SharedKeys::SharedKeys(const Options& options) : zipf_(zipf_of(options)) {}

std::vector<OptionSpec> SharedKeys::options(const char* keys, std::vector<OptionSpec> more) {
  more.insert(more.begin(), integer_option("keys", keys, "how many keys all clients share"));
  add_skew(more);
  return more;
}

MovingKeys::MovingKeys(const Options& options)
    : zipf_(zipf_of(options)),
      ops_per_key_(static_cast<std::uint64_t>(
          std::clamp<std::int64_t>(options.integer("ops-per-key"), 1, 1'000'000))) {}

std::vector<OptionSpec> MovingKeys::options(const char* keys, const char* ops_per_key,
                                            std::vector<OptionSpec> more) {
  more.insert(more.begin(),
              {integer_option("keys", keys, "how many keys all clients share at a time"),
               integer_option("ops-per-key", ops_per_key,
                              "so many operations later, the hottest key is left for a new one")});
  add_skew(more);
  return more;
}

std::int64_t MovingKeys::draw(Rng& rng, std::uint64_t draws_per_op) const {
  std::uint64_t left = rng.draws() / (draws_per_op * ops_per_key_);
  return static_cast<std::int64_t>(left + zipf_.draw(rng));
}

Generator endless(const WorkloadConfig& config, std::string_view stream,
                  std::function<gen::Draft(Rng&)> draft) {
  auto make = [draft = std::move(draft)](const Context&, Rng& rng) { return draft(rng); };
  return gen::clients(gen::drawn(Rng(config.seed, Stream::of(stream)), std::move(make)));
}

Generator by_each_client(std::vector<gen::Draft> drafts) {
  return gen::clients(gen::each_thread(gen::ops(std::move(drafts))));
}

Generator of_each_key(std::int64_t keys, const char* verb) {
  std::vector<gen::Draft> drafts;
  for (std::int64_t key = 0; key < keys; ++key) {
    drafts.push_back({verb, Value::pair(Value(key), Value())});
  }
  return by_each_client(std::move(drafts));
}

}  // namespace sunder
