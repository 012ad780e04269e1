// A scenario's entries as ops: what an entry's begin and end are is asked of the fault's own
// schedule and recovery, so that every fault can be part of a scenario.

#include <algorithm>
#include <optional>

#include "harness/cli/scenario.h"
#include "harness/core/assert.h"
#include "harness/generate/rule.h"
#include "harness/generate/thread.h"

namespace sunder {
namespace {

struct TimedOp {
  Duration at{0};
  std::string verb;
  Value value;
};

class TimedRule final : public Rule {
 public:
  TimedRule(std::shared_ptr<const std::vector<TimedOp>> ops, std::size_t next_op,
            std::optional<Instant> begin)
      : ops_(std::move(ops)), next_(next_op), begin_(begin) {}

  Emission next(const Context& context) const override {
    if (next_ == ops_->size()) return Exhausted{};
    if (context.free.empty()) return Pending{};
    Ready ready;
    ready.op.process = context.process_of(context.free.nth(0));
    const TimedOp& op = (*ops_)[next_];
    if (!begin_) {
      // A line of log goes out at once, and settles when the scenario began.
      ready.kind = Ready::Kind::log;
      ready.op.time = context.time;
      ready.op.verb = "log";
      ready.op.value = "scenario: " + op.verb + " at " + format_duration(op.at);
      ready.rest = gen::make<TimedRule>(ops_, next_, context.time);
      return ready;
    }
    ready.op.time = std::max(context.time, *begin_ + op.at);
    ready.op.verb = op.verb;
    ready.op.value = op.value;
    ready.rest = gen::make<TimedRule>(ops_, next_ + 1, begin_);
    return ready;
  }

 private:
  std::shared_ptr<const std::vector<TimedOp>> ops_;
  std::size_t next_;
  std::optional<Instant> begin_;
};

/// The first op that a generator invokes on its thread.
TimedOp first_op(Generator generator, Process process) {
  Context context;
  context.all.insert(process.id);
  context.free = context.all;
  for (;;) {
    Emission emission = generator.next(context);
    Ready* ready = std::get_if<Ready>(&emission);
    ASSERT_MSG(ready != nullptr, "a nemesis has nothing to do");
    if (ready->kind == Ready::Kind::invoke) return {Duration{0}, ready->op.verb, ready->op.value};
    context.time = std::max(context.time, ready->op.time);
    generator = std::move(ready->rest);
  }
}

/// The option by which the fault is told whom to strike; null: it has none.
const OptionSpec* targeting(const Nemesis& nemesis) {
  for (const char* name : {"targets", "shape"}) {
    for (const OptionSpec& spec : nemesis.options) {
      if (spec.name == name) return &spec;
    }
  }
  return nullptr;
}

}  // namespace

Result<Options> options_of(const ScenarioEntry& entry, const Nemesis& nemesis, int nodes) {
  auto wrong = [&](const std::string& key, const std::string& what) {
    return Error{Error::Code::malformed, entry.place(key) + ": " + what};
  };
  std::map<std::string, std::string> set = entry.set;
  const OptionSpec* spec = targeting(nemesis);
  if (!entry.targets.empty() && spec == nullptr) {
    return wrong("targets", "'" + nemesis.name + "' takes no targets");
  }
  if (entry.named_nodes) {
    for (int i = nodes; i < nodes + 100; ++i) {
      std::string absent = "," + to_string(NodeId::node(i)) + ",";
      if (("," + entry.targets + ",").find(absent) == std::string::npos) continue;
      return wrong("targets", "there is no " + to_string(NodeId::node(i)) + " among " +
                   std::to_string(nodes) + " nodes");
    }
  } else if (!entry.targets.empty()) {
    set[spec->name] = entry.targets;
  }
  Result<Options> options = Options::parse(nemesis.options, set);
  if (!options) {
    return wrong(entry.set.empty() ? "targets" : "set",
                 "'" + nemesis.name + "': " + options.error().context);
  }
  return options;
}

Generator scenario_schedule(const std::vector<ScenarioEntry>& entries, const Nemesis& nemesis,
                            NemesisConfig config, int nodes) {
  std::vector<TimedOp> ops;
  std::uint64_t seed = config.seed;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ScenarioEntry& entry = entries[i];
    Result<Options> options = options_of(entry, nemesis, nodes);
    ASSERT(options);
    config.options = *options;
    config.seed = draw(seed, Stream::of("scenario " + nemesis.name), i);
    TimedOp begin = first_op(nemesis.schedule(config), config.process);
    begin.at = entry.at;
    if (entry.named_nodes) begin.value.map()[targeting(nemesis)->name] = entry.targets;
    ops.push_back(std::move(begin));
    if (entry.length.count() == 0) continue;
    TimedOp end = first_op(nemesis.recovery(config), config.process);
    end.at = entry.at + entry.length;
    ops.push_back(std::move(end));
  }
  auto shared = std::make_shared<const std::vector<TimedOp>>(std::move(ops));
  return gen::on_thread(config.process.id,
                        gen::make<TimedRule>(std::move(shared), 0u, std::optional<Instant>{}));
}

}  // namespace sunder
