#include "nodes/pbft/config.h"

#include <algorithm>

namespace sunder::pbft {
namespace {

using Kind = OptionSpec::Kind;

Lie lie_from(const std::string& name) {
  if (name == "equivocate") return Lie::equivocate;
  if (name == "wrong-digest") return Lie::wrong_digest;
  if (name == "silence") return Lie::silence;
  if (name == "replay") return Lie::replay;
  if (name == "delay") return Lie::delay;
  if (name == "forged-view-change") return Lie::forged_view_change;
  if (name == "wrong-reply") return Lie::wrong_reply;
  if (name == "impersonate") return Lie::impersonate;
  if (name == "mac-attack") return Lie::mac_attack;
  return Lie::mixed;
}

}  // namespace

std::vector<OptionSpec> options() {
  return {
      {"batch-delay", Kind::duration, "10ms", "until a primary proposes what it has"},
      {"batch-max", Kind::integer, "64", "requests in a batch"},
      {"checkpoint-every", Kind::integer, "32", "batches; the log holds twice as many"},
      {"view-timeout", Kind::duration, "500ms",
       "until a replica gives a primary up; doubles while no view succeeds"},
      {"client-retry", Kind::duration, "300ms", "until a client asks all replicas"},
      {"liars", Kind::integer, "0", "how many replicas lie, with their own keys, by one plan"},
      {"lie", Kind::choice, "mixed", "what they do",
       {"equivocate", "wrong-digest", "silence", "replay", "delay", "forged-view-change",
        "wrong-reply", "impersonate", "mac-attack", "mixed"}},
      {"lie-delay", Kind::duration, "700ms", "by which liars that delay hold messages back"},
      {"twins", Kind::integer, "0",
       "how many replicas run in two copies of one identity, which talk to one part of the others "
       "each"},
      {"faulty", Kind::choice, "last", "which replicas are the liars and twins",
       {"last", "first"}},
  };
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  config.flaws = switched_on(flaw_switches(), wanted);
  const Options& given = wanted.options;
  auto time = [&](std::string_view name) {
    return std::max<Duration>(given.duration(name), std::chrono::milliseconds(1));
  };
  auto number = [&](std::string_view name, std::int64_t least) {
    return std::clamp<std::int64_t>(given.integer(name), least, 1 << 20);
  };
  config.batch_delay = time("batch-delay");
  config.batch_max = static_cast<std::size_t>(number("batch-max", 1));
  config.checkpoint_every = number("checkpoint-every", 1);
  config.view_timeout = time("view-timeout");
  config.client_retry = time("client-retry");
  config.lie_delay = time("lie-delay");
  config.lie = lie_from(given.text("lie"));
  config.liars = static_cast<int>(number("liars", 0));
  config.twins = static_cast<int>(number("twins", 0));
  config.faulty_first = given.text("faulty") == "first";
  return config;
}

bool is_among(const Config& config, int faulty, NodeId node, std::size_t nodes) {
  int place = config.faulty_first ? node.index : static_cast<int>(nodes) - 1 - node.index;
  return place < faulty;
}

}  // namespace sunder::pbft
