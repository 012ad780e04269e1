#include "harness/crashfs/control.h"

#include "harness/core/json.h"
#include "harness/crashfs/request_fields.h"

namespace sunder::crashfs {
namespace {

Map to_map(const Losses& losses) {
  std::uint64_t bytes = 0;
  List ranges;
  for (const LostRange& lost : losses.ranges) {
    bytes += lost.range.size;
    if (ranges.size() == listed_max) continue;
    Map map;
    map["path"] = lost.path;
    map["offset"] = number(lost.range.offset);
    map["size"] = number(lost.range.size);
    ranges.emplace_back(std::move(map));
  }
  List sizes;
  for (const LostSize& lost : losses.sizes) {
    if (sizes.size() == listed_max) break;
    Map map;
    map["path"] = lost.path;
    map["was"] = number(lost.was);
    map["left"] = number(lost.left);
    sizes.emplace_back(std::move(map));
  }
  List names;
  for (const LostName& lost : losses.names) {
    if (names.size() == listed_max) break;
    Map map;
    map["path"] = lost.path;
    map["operation"] = lost.what;
    names.emplace_back(std::move(map));
  }
  Map map;
  map["bytes"] = number(bytes);
  map["range_count"] = number(losses.ranges.size());
  map["name_count"] = number(losses.names.size());
  map["ranges"] = std::move(ranges);
  map["sizes"] = std::move(sizes);
  map["names"] = std::move(names);
  return map;
}

}  // namespace

Value Control::answer(std::string_view text) {
  Result<Value> request = parse_json(text);
  Result<Map> done = request ? carry_out(*request) : Result<Map>(request.error());
  Map reply;
  if (done) {
    reply = *std::move(done);
    reply["ok"] = true;
  } else {
    reply["error"] = done.error().context;
  }
  if (const Value* id = request ? request->find("id") : nullptr) reply["id"] = *id;
  return reply;
}

Result<Map> Control::carry_out(const Value& request) {
  std::string act = text_of(request, "do");
  if (act == "crash") return crash(request);
  if (act == "unsynced") return unsynced();
  if (act == "fault") return fault(request);
  if (act == "lift") return lift(request);
  if (act == "damage") return damage(request);
  if (act == "rot") return rot(request);
  if (act == "cut-short") return cut_short(request);
  if (act == "mend") return mend(request);
  if (act == "snapshot") return snapshot(request);
  if (act == "restore") return restore(request);
  if (act == "status") return status();
  if (act == "sync") {
    disk_.with([](Volume& volume, FaultRules&) { volume.sync_all(); });
    return Map{};
  }
  if (act == "end") {
    hooks_.end();
    return Map{};
  }
  return malformed("crashfs does not know how to '" + act +
                   "': it knows crash, unsynced, fault, lift, damage, rot, cut-short, mend, "
                   "snapshot, restore, sync, status and end");
}

Result<Map> Control::crash(const Value& request) {
  std::string name = text_of(request, "policy");
  std::uint64_t crashes = disk_.with([](Volume& volume, FaultRules&) { return volume.crashes(); });
  std::uint64_t seed = size_of(request, "seed")
                           .value_or(draw(disk_.seed(), Stream::of("crash"), crashes) >> 1);
  std::optional<Policy> policy = policy_named(name);
  if (name == "any") {
    const std::vector<Policy>& all = all_policies();
    policy = all[static_cast<std::size_t>(draw(seed, Stream::of("policy"), 0) % all.size())];
  }
  if (!policy) {
    std::string known = "any";
    for (Policy one : all_policies()) known += ", " + std::string(to_string(one));
    return malformed("there is no policy '" + name + "': the policies are " + known);
  }
  Map lost = to_map(disk_.with_and_wake(
      [&](Volume& volume, FaultRules&) { return volume.crash(*policy, seed); }));
  lost["policy"] = to_string(*policy);
  lost["seed"] = number(seed);
  lost["crash"] = number(crashes + 1);
  forget_caches();
  hooks_.log(lost);
  return lost;
}

void Control::forget_caches() {
  hooks_.forget_caches(disk_.with([](Volume& volume, FaultRules&) { return volume.all(); }));
}

Map Control::unsynced() {
  return to_map(disk_.with([](Volume& volume, FaultRules&) { return volume.unsynced(); }));
}

Result<Map> Control::fault(const Value& request) {
  Result<FaultRule> rule = fault_rule_from(request);
  if (!rule) return rule.error();
  if (!rule->snapshot.empty() && !disk_.has_snapshot(rule->snapshot)) {
    return malformed("there is no snapshot '" + rule->snapshot + "'");
  }
  bool reads = rule->stale || rule->bit_rot;
  disk_.with([&](Volume&, FaultRules& rules) { rules.impose(*std::move(rule)); });
  if (reads) forget_caches();  // or the kernel would answer for us
  return Map{};
}

Map Control::lift(const Value& request) {
  std::string name = text_of(request, "rule");
  Map map;
  map["rules"] = disk_.with_and_wake([&](Volume&, FaultRules& rules) {
    Value report = rules.report();
    if (name.empty()) {
      rules.clear();
    } else {
      rules.lift(name);
    }
    return report;
  });
  forget_caches();  // of what a rule made up
  return map;
}

Map Control::status() {
  Map map;
  disk_.with([&](Volume& volume, FaultRules& rules) {
    map["crashes"] = number(volume.crashes());
    map["used"] = number(volume.used());
    map["inodes"] = number(volume.all().size());
    map["rules"] = rules.report();
  });
  return map;
}

}  // namespace sunder::crashfs
