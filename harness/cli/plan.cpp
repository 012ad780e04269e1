#include "harness/cli/plan.h"

#include <algorithm>
#include <charconv>

#include "harness/cli/choose_judges.h"

namespace sunder {
namespace {

constexpr std::string_view swarm = "swarm";

Error malformed(std::string what) { return Error{Error::Code::malformed, std::move(what)}; }

template <class T>
Error unknown_name(std::string_view kind, const std::string& name, const Registry<T>& registry) {
  return malformed("unknown " + std::string(kind) + " '" + name + "'; " +
                   suggest(name, registry.names()));
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t end = std::min(text.find(separator, at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// What one's faults are called in a sentence.
std::string faults_of(const Nemesis& nemesis) { return "'" + nemesis.name + "' faults"; }

Result<WorldKind> parse_world(const std::string& name) {
  if (name == "sim") return WorldKind::sim;
  if (name == "lab") return WorldKind::lab;
  if (name == "ssh") return WorldKind::ssh;
  return malformed("unknown world '" + name + "'; " + suggest(name, {"lab", "sim", "ssh"}));
}

Status hosts_fit(const RunRequest& request, WorldKind world) {
  const RunRequest usual;
  bool named = !request.hosts.empty() || !request.ssh_config.empty();
  if (world != WorldKind::ssh) {
    if (!named && request.machines.empty() && request.packets == usual.packets) return Done{};
    return malformed("--hosts, --ssh-config, --machines and --packets are for --world ssh");
  }
  if (request.packets != "auto" && request.packets != "netem" && request.packets != "queue") {
    return malformed("--packets is auto, netem or queue, not '" + request.packets + "'");
  }
  if (!request.hosts.empty() && !request.ssh_config.empty()) {
    return malformed("name the hosts with --hosts or with --ssh-config, not with both");
  }
  if (!named) {
    return malformed(
        "--world ssh needs hosts: --hosts FILE with ADDRESS [PORT [USER [KEY]]] a "
        "line, or --ssh-config FILE as 'vagrant ssh-config' prints it");
  }
  if (request.latency != usual.latency || request.switch_stall != usual.switch_stall) {
    return malformed(
        "--latency and --switch-stall bend the links of --world lab; hosts over SSH "
        "have their own");
  }
  return Done{};
}

/// Whether its nodes can be asked for all that the faults need.
bool takes(const System& system, const Nemesis& nemesis) {
  return std::all_of(
      nemesis.instructs.begin(), nemesis.instructs.end(),
      [&](const std::string& verb) { return system.find_instruction(verb) != nullptr; });
}

Error untaught(const System& system, const Nemesis& nemesis, const Catalogues& catalogues) {
  std::string context = system.name + " cannot do " + faults_of(nemesis) +
                        ", for which operators ask nodes to";
  for (const std::string& verb : nemesis.instructs) context += " '" + verb + "'";
  for (const System& other : catalogues.systems.all()) {
    if (takes(other, nemesis)) context += "; " + other.name + " can";
  }
  return Error{Error::Code::environment, context};
}

Result<std::vector<Nemesis>> choose_nemeses(const RunRequest& request, WorldKind world,
                                            const System& system, const Catalogues& catalogues) {
  auto fits = [&](const Nemesis& nemesis) {
    return can(world, nemesis.needs) && takes(system, nemesis);
  };
  std::vector<Nemesis> chosen;
  std::vector<std::string> names = split(request.nemeses, ',');
  if (names.size() == 1 && names.front() == swarm) {
    for (const Nemesis& nemesis : catalogues.nemeses.all()) {
      if (nemesis.in_swarm && fits(nemesis)) chosen.push_back(nemesis);
    }
    return chosen;
  }
  for (const std::string& name : names) {
    if (name == "none" || name == swarm) continue;
    if (name == "all") {
      for (const Nemesis& nemesis : catalogues.nemeses.all()) {
        if (nemesis.in_all && fits(nemesis)) chosen.push_back(nemesis);
      }
      continue;
    }
    const Nemesis* nemesis = catalogues.nemeses.find(name);
    if (nemesis == nullptr) return unknown_name("nemesis", name, catalogues.nemeses);
    if (!can(world, nemesis->needs)) {
      return incapable(world, faults_of(*nemesis), nemesis->needs);
    }
    if (!takes(system, *nemesis)) return untaught(system, *nemesis, catalogues);
    bool twice = std::any_of(chosen.begin(), chosen.end(),
                             [&](const Nemesis& other) { return other.name == name; });
    if (twice) return malformed("nemesis '" + name + "' is named twice");
    chosen.push_back(*nemesis);
  }
  return chosen;
}

/// Adds what these options of a fault of the plan need, and looks whether the world has it.
Status need_for(const Plan& plan, const Options& options, Nemesis& nemesis) {
  if (!nemesis.needs_for) return Done{};
  std::set<Ability> more = nemesis.needs_for(options);
  if (!can(plan.world, more)) {
    return incapable(plan.world, faults_of(nemesis) + " with these options", more);
  }
  nemesis.needs.insert(more.begin(), more.end());
  return Done{};
}

/// The faults of the request's scenario, each once, and the scenario itself.
Status take_scenario(Plan& plan, const Catalogues& catalogues) {
  if (plan.request.scenario.empty()) return Done{};
  if (!plan.request.nemeses.empty()) {
    return malformed("--scenario and --nemesis exclude each other");
  }
  Result<Scenario> scenario = Scenario::read(plan.request.scenario);
  if (!scenario) return scenario.error();
  for (const ScenarioEntry& entry : scenario->entries) {
    auto at_place = [&](Error error) {
      error.context = entry.place("fault") + ": " + error.context;
      return error;
    };
    const Nemesis* nemesis = catalogues.nemeses.find(entry.fault);
    if (nemesis == nullptr) return at_place(unknown_name("fault", entry.fault, catalogues.nemeses));
    if (!can(plan.world, nemesis->needs)) {
      return at_place(incapable(plan.world, faults_of(*nemesis), nemesis->needs));
    }
    if (!takes(plan.test.system, *nemesis)) {
      return at_place(untaught(plan.test.system, *nemesis, catalogues));
    }
    if (entry.at >= plan.time_limit) {
      return at_place(malformed("this never comes: the load ends after " +
                                format_duration(plan.time_limit) + " (--time-limit)"));
    }
    Result<Options> options = options_of(entry, *nemesis, plan.test.nodes);
    if (!options) return options.error();
    auto known = std::find_if(plan.test.nemeses.begin(), plan.test.nemeses.end(),
                              [&](const Nemesis& other) { return other.name == entry.fault; });
    if (known == plan.test.nemeses.end()) known = plan.test.nemeses.insert(known, *nemesis);
    if (Status able = need_for(plan, *options, *known); !able) return at_place(able.error());
  }
  plan.scenario = *std::move(scenario);
  return Done{};
}

/// With --core the fault of that name ends the run, whatever the others are.
Status take_core(Plan& plan, const Catalogues& catalogues) {
  if (plan.core_time == Duration{0}) return Done{};
  const Nemesis* core = catalogues.nemeses.find(core_nemesis);
  if (!can(plan.world, core->needs)) return incapable(plan.world, "--core", core->needs);
  if (plan.test.nodes < 3)
    return malformed("--core needs at least 3 nodes: a majority, and others");
  for (const Nemesis& other : plan.test.nemeses) {
    if (other.name != core_nemesis) continue;
    return malformed("--core ends the run with the fault 'core', which cannot come before, too");
  }
  plan.test.nemeses.push_back(*core);
  return Done{};
}

/// Shares --set KEY=VALUE out to the system, the workload and the nemeses that declare the key.
/// "kill.targets" is the key `targets` of the plug-in `kill` alone.
class Settings {
 public:
  static Result<Settings> parse(const std::vector<std::string>& pairs) {
    Settings settings;
    for (const std::string& pair : pairs) {
      std::size_t equals = pair.find('=');
      if (equals == std::string::npos || equals == 0) {
        return malformed("--set needs KEY=VALUE, not '" + pair + "'");
      }
      settings.values_[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return settings;
  }

  /// `implied`: KEY=VALUE that hold unless something else is asked for.
  Result<Options> take(const std::string& owner, const std::vector<OptionSpec>& specs,
                       const std::vector<std::string>& implied = {}) {
    std::map<std::string, std::string> own;
    for (const std::string& pair : implied) {
      std::size_t equals = pair.find('=');
      own[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    for (const OptionSpec& spec : specs) {
      known_.push_back(spec.name);
      for (const std::string& key : {spec.name, owner + "." + spec.name}) {
        auto found = values_.find(key);
        if (found == values_.end()) continue;
        own[spec.name] = found->second;
        used_.insert(key);
      }
    }
    return Options::parse(specs, own);
  }

  // REQUIRES: every plug-in has taken its own.
  Status all_used() const {
    for (const auto& [key, value] : values_) {
      if (used_.contains(key)) continue;
      return malformed("--set " + key + "=" + value + ": no such option here; " +
                       suggest(key, known_));
    }
    return Done{};
  }

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> used_;
  std::vector<std::string> known_;
};

OptionSpec budget_option() {
  return {"budget",
          OptionSpec::Kind::choice,
          "any",
          "what faults must leave alone, all together: a majority that runs and reaches itself; or "
          "exactly that",
          {"any", "quorum", "minority"}};
}

FaultLimit fault_limit_named(std::string_view name) {
  if (name == "quorum") return FaultLimit::quorum;
  return name == "minority" ? FaultLimit::minority : FaultLimit::any;
}

/// What the system must be set to for what the faults ask of its nodes.
std::vector<std::string> implied_settings(const Test& test) {
  std::vector<std::string> implied;
  for (const Nemesis& nemesis : test.nemeses) {
    for (const std::string& verb : nemesis.instructs) {
      const Instruction* instruction = test.system.find_instruction(verb);
      if (instruction == nullptr) continue;
      implied.insert(implied.end(), instruction->set.begin(), instruction->set.end());
    }
  }
  return implied;
}

Status take_settings(Plan& plan) {
  Result<Settings> settings = Settings::parse(plan.request.set);
  if (!settings) return settings.error();
  Result<Options> system = settings->take(plan.test.system.name, plan.test.system.options,
                                          implied_settings(plan.test));
  if (!system) return system.error();
  plan.test.config.options = *system;
  Result<Options> workload = settings->take(plan.workload.name, plan.workload.options);
  if (!workload) return workload.error();
  plan.workload_options = *workload;
  Result<Options> whole = settings->take("run", {budget_option()});
  if (!whole) return whole.error();
  plan.test.fault_limit = fault_limit_named(whole->text("budget"));
  for (Nemesis& nemesis : plan.test.nemeses) {
    Result<Options> own = settings->take(nemesis.name, nemesis.options);
    if (!own) return own.error();
    if (Status able = need_for(plan, *own, nemesis); !able) return able.error();
    plan.nemesis_options.push_back(*own);
  }
  return settings->all_used();
}

Status take_durations(Plan& plan) {
  struct Wanted {
    const char* flag;
    const std::string& text;
    Duration& target;
  };
  Test& test = plan.test;
  for (const Wanted& wanted :
       {Wanted{"--time-limit", plan.request.time_limit, plan.time_limit},
        Wanted{"--interval", plan.request.interval, plan.interval},
        Wanted{"--core", plan.request.core, plan.core_time},
        Wanted{"--switch-stall", plan.request.switch_stall, plan.switch_stall},
        Wanted{"--op-timeout", plan.request.op_timeout, test.op_timeout},
        Wanted{"--time-budget", plan.request.time_budget, plan.time_budget},
        Wanted{"--latency", plan.request.latency, test.link.delay}}) {
    Result<Duration> parsed = parse_duration(wanted.text);
    if (!parsed) return malformed(std::string(wanted.flag) + ": " + parsed.error().context);
    wanted.target = *parsed;
  }
  test.link.jitter = test.link.delay;
  if (plan.time_limit.count() == 0) return malformed("--time-limit must be more than nothing");
  if (plan.interval < std::chrono::milliseconds(10)) {
    return malformed("--interval must be at least 10ms");
  }
  if (test.op_timeout.count() == 0) return malformed("--op-timeout must be more than nothing");
  return Done{};
}

Status take_flaws(Plan& plan) {
  std::vector<std::string> known;
  for (const Flaw& flaw : plan.test.system.flaws) known.push_back(flaw.name);
  for (const std::string& flaw : plan.request.flaws) {
    if (std::find(known.begin(), known.end(), flaw) == known.end()) {
      return malformed(plan.test.system.name + " has no flaw '" + flaw + "'; " +
                       suggest(flaw, known));
    }
    plan.test.config.flaws.insert(flaw);
  }
  return Done{};
}

Status take_numbers(Plan& plan) {
  const RunRequest& request = plan.request;
  const System& system = plan.test.system;
  plan.test.nodes = request.nodes == 0 ? system.nodes_default : request.nodes;
  if (plan.test.nodes < 1 || plan.test.nodes > system.nodes_max) {
    return malformed("--nodes must be from 1 to " + std::to_string(system.nodes_max) + " for " +
                     system.name);
  }
  if (request.concurrency < 1 || request.concurrency > 10'000) {
    return malformed("--concurrency must be from 1 to 10000");
  }
  plan.test.concurrency = request.concurrency;
  if (request.rate < 0) return malformed("--rate cannot be negative");
  if (!request.seed.empty()) {
    auto [end, error] =
        std::from_chars(request.seed.data(), request.seed.data() + request.seed.size(), plan.seed);
    if (error != std::errc{} || end != request.seed.data() + request.seed.size()) {
      return malformed("--seed must be a number from 0 to 2^64-1, not '" + request.seed + "'");
    }
  } else {
    auto now = std::chrono::system_clock::now().time_since_epoch().count();
    plan.seed = draw(static_cast<std::uint64_t>(now), Stream::of("fresh seed"), 0) % 1'000'000'000;
  }
  return Done{};
}

Status verbs_fit(const System& system, const Workload& workload) {
  auto speaks = system.verbs.find(workload.datatype);
  std::string needs = ", which workload '" + workload.name + "' needs";
  if (speaks == system.verbs.end()) {
    std::vector<std::string> known;
    for (const auto& [datatype, verbs] : system.verbs) known.push_back(datatype);
    return malformed(system.name + " knows no " + workload.datatype + needs + "; " +
                     suggest(workload.datatype, known));
  }
  for (const std::string& verb : workload.verbs) {
    if (std::find(speaks->second.begin(), speaks->second.end(), verb) == speaks->second.end()) {
      return malformed(system.name + " does not speak '" + verb + "' of a " + workload.datatype +
                       needs);
    }
  }
  return Done{};
}

Status take_log_patterns(Plan& plan) {
  const RunRequest& request = plan.request;
  if (plan.world == WorldKind::sim) {
    if (request.log_patterns.empty()) return Done{};
    return malformed("--log-pattern needs --world lab: simulated nodes write no logs");
  }
  // A store does right to end in a panic when it notices that its data is not what it wrote. What a
  // reference system logs is a bug of its own in any case.
  bool may_panic = plan.test.system.service &&
                   std::any_of(plan.test.nemeses.begin(), plan.test.nemeses.end(),
                               [](const Nemesis& nemesis) {
                                 return nemesis.needs.contains(Ability::stored);
                               });
  std::vector<std::string> all;
  if (!may_panic) all = plan.test.system.log_patterns;
  all.insert(all.end(), request.log_patterns.begin(), request.log_patterns.end());
  if (all.empty()) return Done{};
  Result<LogPatterns> patterns = LogPatterns::compile(all);
  if (!patterns) return malformed("--log-pattern: " + patterns.error().context);
  plan.log_patterns = *std::move(patterns);
  return Done{};
}

/// A machine that is off has no say in what is left of a disk of ours: that is in its memory.
Status power_is_for_disks(const Plan& plan) {
  const Test& test = plan.test;
  if (plan.request.machines.empty() || !test.needs(Ability::power)) return Done{};
  if (!test.needs(Ability::stored) && !test.needs(Ability::disks)) return Done{};
  return malformed("with --machines a power cut takes all that a disk of ours has, too: without it "
                   "'disk' cuts the power of such disks alone, by any policy and beside other "
                   "faults of disks");
}

}  // namespace

bool speaks(const System& system, const Workload& workload) {
  return static_cast<bool>(verbs_fit(system, workload));
}

Result<Plan> make_plan(const RunRequest& request, const Catalogues& catalogues) {
  Plan plan{.request = request};
  const System* system = catalogues.systems.find(request.system);
  if (system == nullptr) return unknown_name("system", request.system, catalogues.systems);
  const Workload* workload = catalogues.workloads.find(request.workload);
  if (workload == nullptr) return unknown_name("workload", request.workload, catalogues.workloads);
  Result<WorldKind> world = parse_world(request.world);
  if (!world) return world.error();
  plan.world = *world;
  plan.test.system = *system;
  plan.workload = *workload;
  if (system->service && plan.world == WorldKind::sim) {
    return Error{
        Error::Code::environment,
        system->name + " is a third-party store and cannot run in the simulator; use --world lab"};
  }
  if (Status fit = hosts_fit(request, plan.world); !fit) return fit.error();
  Result<std::vector<Nemesis>> nemeses = choose_nemeses(request, plan.world, *system, catalogues);
  if (!nemeses) return nemeses.error();
  plan.test.nemeses = *std::move(nemeses);
  std::vector<std::string> names = split(request.nemeses, ',');
  plan.swarm = std::find(names.begin(), names.end(), swarm) != names.end();
  for (Status status :
       {take_numbers(plan), take_durations(plan), take_scenario(plan, catalogues),
        take_core(plan, catalogues), take_flaws(plan), verbs_fit(*system, *workload),
        take_settings(plan), take_log_patterns(plan), power_is_for_disks(plan)}) {
    if (!status) return status.error();
  }
  Result<Judges> judges = choose_judges(plan, catalogues);
  if (!judges) return judges.error();
  plan.judges = *std::move(judges);
  plan.test.observing_verbs = workload->observes;
  plan.test.config.datatype = workload->datatype;
  if (Status taken = take_other_version(plan); !taken) return taken.error();
  plan.test.cut_clients = request.cut_clients;
  plan.test.name = request.name.empty() ? system->name + "-" + workload->name : request.name;
  if (plan.test.name.find('/') != std::string::npos || plan.test.name.starts_with('.')) {
    return malformed("--name cannot contain '/' or begin with '.'");
  }
  return plan;
}

}  // namespace sunder
