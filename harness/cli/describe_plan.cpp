// How a plan is told: as test.json and as a command line.

#include "harness/cli/plan.h"

namespace sunder {
namespace {

constexpr const char* version = "0.1.0";

std::string quoted(const std::string& word) {
  bool plain = !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
                                                       "RSTUVWXYZ0123456789-_./=,:+@%") ==
                                    std::string::npos;
  if (plain) return word;
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void put_options(Map& map, const std::vector<OptionSpec>& specs, const Options& options) {
  for (const OptionSpec& spec : specs) {
    map[spec.name] = spec.secret ? Value("(secret)") : Value(options.text(spec.name));
  }
}

List texts(const std::vector<std::string>& words) {
  List list;
  for (const std::string& word : words) list.emplace_back(word);
  return list;
}

List checkers_of(const Judges& judges) {
  List list;
  for (const ChosenChecker& chosen : judges.checkers) {
    Map options;
    put_options(options, chosen.entry->options, chosen.options);
    Map map;
    map["name"] = chosen.entry->name;
    map["options"] = std::move(options);
    list.emplace_back(std::move(map));
  }
  return list;
}

Value describe_swarm(const Plan& plan, std::uint64_t seed) {
  std::vector<Intensity> drawn = intensities(plan, seed);
  Map map;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const Nemesis& nemesis = plan.test.nemeses[i];
    if (!drawn[i].acts) continue;
    Map own;
    put_options(own, nemesis.options, drawn[i].options);
    own["interval"] = format_duration(drawn[i].interval);
    map[nemesis.name] = std::move(own);
  }
  return map;
}

}  // namespace

std::string reproduce_command(const Plan& plan, std::uint64_t seed) {
  const RunRequest& request = plan.request;
  const RunRequest defaults;
  std::string command = "sunder run " + quoted(request.system) + " -w " + quoted(request.workload);
  if (!request.nemeses.empty()) command += " -n " + quoted(request.nemeses);
  auto add = [&](const char* flag, const std::string& value, const std::string& usual) {
    if (value != usual) command += std::string(" ") + flag + " " + quoted(value);
  };
  add("--scenario", request.scenario, "");
  add("--world", request.world, defaults.world);
  add("--hosts", request.hosts, "");
  add("--ssh-config", request.ssh_config, "");
  add("--machines", request.machines, "");
  add("--packets", request.packets, defaults.packets);
  add("--nodes", std::to_string(plan.test.nodes), std::to_string(plan.test.system.nodes_default));
  add("--time-limit", request.time_limit, "");
  add("--rate", std::to_string(request.rate), std::to_string(defaults.rate));
  add("--concurrency", std::to_string(request.concurrency), std::to_string(defaults.concurrency));
  add("--core", request.core, defaults.core);
  add("--op-timeout", request.op_timeout, defaults.op_timeout);
  add("--time-budget", request.time_budget, defaults.time_budget);
  add("--interval", request.interval, defaults.interval);
  add("--latency", request.latency, defaults.latency);
  add("--switch-stall", request.switch_stall, defaults.switch_stall);
  for (const std::string& flaw : request.flaws) command += " --flaw " + quoted(flaw);
  for (const std::string& pair : request.set) command += " --set " + quoted(pair);
  for (const std::string& pattern : request.log_patterns) {
    command += " --log-pattern " + quoted(pattern);
  }
  add("--claim", request.claim, "");
  if (request.cut_clients) command += " --cut-clients";
  return command + " --seed " + std::to_string(seed);
}

Value describe(const Plan& plan, std::uint64_t seed, WallTime started) {
  Map options;
  put_options(options, plan.test.system.options, plan.test.config.options);
  put_options(options, plan.workload.options, plan.workload_options);
  for (std::size_t i = 0; i < plan.test.nemeses.size(); ++i) {
    Map own;
    put_options(own, plan.test.nemeses[i].options, plan.nemesis_options[i]);
    for (const MapEntry& entry : own) {
      options[plan.test.nemeses[i].name + "." + entry.key.text()] = entry.value;
    }
  }
  std::vector<std::string> nemeses;
  for (const Nemesis& nemesis : plan.test.nemeses) nemeses.push_back(nemesis.name);
  Map map;
  if (plan.swarm) map["swarm"] = describe_swarm(plan, seed);
  if (plan.scenario) map["scenario"] = plan.scenario->source;
  map["name"] = plan.test.name;
  map["system"] = plan.test.system.name;
  map["workload"] = plan.workload.name;
  map["world"] = to_string(plan.world);
  map["nemeses"] = texts(nemeses);
  map["nodes"] = plan.test.nodes;
  map["concurrency"] = plan.test.concurrency;
  map["time_limit"] = format_duration(plan.time_limit);
  if (plan.core_time > Duration{0}) map["core"] = format_duration(plan.core_time);
  map["interval"] = format_duration(plan.interval);
  map["op_timeout"] = format_duration(plan.test.op_timeout);
  map["time_budget"] = format_duration(plan.time_budget);
  map["rate"] = plan.request.rate;
  map["seed"] = std::to_string(seed);
  map["flaws"] = texts(plan.request.flaws);
  map["options"] = std::move(options);
  if (plan.world != WorldKind::ssh) map["link"] = to_value(plan.test.link);
  map["cut_clients"] = plan.test.cut_clients;
  map["budget"] = to_string(plan.test.fault_limit);
  map["claim"] = plan.judges.claim;
  map["checkers"] = checkers_of(plan.judges);
  map["datatype"] = plan.workload.datatype;
  map["keyed"] = plan.workload.keyed;
  map["command"] = reproduce_command(plan, seed);
  map["started"] = format_utc(started);
  map["version"] = version;
  return map;
}

}  // namespace sunder
