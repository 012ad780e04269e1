#include "harness/crashfs/fault_rules.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "harness/crashfs/content.h"
#include "harness/crashfs/request_fields.h"

namespace sunder::crashfs {
namespace {

constexpr std::array<std::pair<Operation, std::string_view>, 14> operation_names{{
    {Operation::lookup, "lookup"},     {Operation::open, "open"},
    {Operation::create, "create"},     {Operation::read, "read"},
    {Operation::write, "write"},       {Operation::fsync, "fsync"},
    {Operation::truncate, "truncate"}, {Operation::mkdir, "mkdir"},
    {Operation::unlink, "unlink"},     {Operation::rmdir, "rmdir"},
    {Operation::rename, "rename"},     {Operation::link, "link"},
    {Operation::list, "list"},         {Operation::space, "space"},
}};

constexpr std::array<std::pair<std::string_view, int>, 8> error_names{{
    {"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EROFS", EROFS},
    {"EACCES", EACCES}, {"EINTR", EINTR},   {"ENOENT", ENOENT}, {"EMFILE", EMFILE},
}};

// Reads one field when it is there; false when it has another shape.
bool take(const Value& request, std::string_view key, bool& out) {
  const Value* found = request.find(key);
  if (found == nullptr) return true;
  if (found->kind() != Value::Kind::boolean) return false;
  out = found->boolean();
  return true;
}
bool take(const Value& request, std::string_view key, std::string& out) {
  const Value* found = request.find(key);
  if (found == nullptr) return true;
  if (!found->is_text()) return false;
  out = found->text();
  return true;
}
bool take(const Value& request, std::string_view key, std::int64_t& out) {
  const Value* found = request.find(key);
  if (found == nullptr) return true;
  if (!found->is_integer() || found->integer() < 0) return false;
  out = found->integer();
  return true;
}

bool take_operations(const Value& request, std::set<Operation>& out) {
  const Value* found = request.find("operations");
  if (found == nullptr) return true;
  if (!found->is_list()) return false;
  for (const Value& item : found->list()) {
    auto named = std::find_if(operation_names.begin(), operation_names.end(), [&](auto& pair) {
      return item.is_text() && pair.second == item.text();
    });
    if (named == operation_names.end()) return false;
    out.insert(named->first);
  }
  return true;
}

bool take_chance(const Value& request, Ratio& out) {
  const Value* found = request.find("chance");
  if (found == nullptr) return true;
  if (!found->is_list() || found->list().size() != 2) return false;
  const Value& numerator = found->list()[0];
  const Value& denominator = found->list()[1];
  if (!numerator.is_integer() || !denominator.is_integer() || denominator.integer() < 1 ||
      numerator.integer() < 0 || numerator.integer() > denominator.integer() ||
      !std::in_range<std::uint32_t>(denominator.integer())) {
    return false;
  }
  out = {static_cast<std::uint32_t>(numerator.integer()),
         static_cast<std::uint32_t>(denominator.integer())};
  return true;
}

}  // namespace

std::string_view to_string(Operation operation) {
  for (const auto& [value, name] : operation_names) {
    if (value == operation) return name;
  }
  return "?";
}

Result<FaultRule> fault_rule_from(const Value& request) {
  FaultRule rule;
  std::int64_t milliseconds = 0;
  std::int64_t times = -1;
  std::string error;
  if (!take(request, "rule", rule.name) || rule.name.empty()) {
    return malformed("a fault needs a name: \"rule\": \"text\"");
  }
  if (!take_operations(request, rule.operations)) {
    return malformed("\"operations\" is a list of lookup, open, create, read, write, fsync, "
                     "truncate, mkdir, unlink, rmdir, rename, link, list, space");
  }
  if (!take_chance(request, rule.chance)) {
    return malformed("\"chance\" is a list of two integers, a ratio of at most 1");
  }
  if (!take(request, "path", rule.path)) return malformed("\"path\" is a pattern");
  if (!take(request, "snapshot", rule.snapshot)) {
    return malformed("\"snapshot\" is the name of one");
  }
  if (!take(request, "from", rule.from) || !take(request, "times", times) ||
      !take(request, "delay_ms", milliseconds)) {
    return malformed("\"from\", \"times\" and \"delay_ms\" are integers of at least 0");
  }
  if (!take(request, "hang", rule.hang) || !take(request, "short_write", rule.short_write) ||
      !take(request, "stale", rule.stale) || !take(request, "bit_rot", rule.bit_rot) ||
      !take(request, "lose", rule.lose)) {
    return malformed("\"hang\", \"short_write\", \"stale\", \"bit_rot\" and \"lose\" are true or "
                     "false");
  }
  if (times >= 0) rule.times = times;
  constexpr std::int64_t day_ms = 86'400'000;
  rule.delay = std::chrono::milliseconds(std::min(milliseconds, day_ms));
  if (request.find("error") == nullptr) return rule;
  if (!take(request, "error", error)) return malformed("\"error\" is the name of an errno");
  for (const auto& [name, number] : error_names) {
    if (name == error) rule.error = number;
  }
  if (rule.error == 0) {
    return malformed("\"error\" is one of EIO, ENOSPC, EDQUOT, EROFS, EACCES, EINTR, ENOENT, "
                     "EMFILE");
  }
  return rule;
}

void FaultRules::impose(FaultRule rule) {
  lift(rule.name);
  rules_.push_back({std::move(rule), ++imposed_});
}

bool FaultRules::lift(std::string_view name) {
  return std::erase_if(rules_, [&](const Counted& one) { return one.rule.name == name; }) > 0;
}

bool FaultRules::in_force(std::uint64_t number) const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const Counted& counted) { return counted.number == number; });
}

bool FaultRules::strikes(Counted& counted, Operation operation, std::string_view path) const {
  const FaultRule& rule = counted.rule;
  if (!rule.operations.empty() && !rule.operations.contains(operation)) return false;
  if (::fnmatch(rule.path.c_str(), std::string(path).c_str(), 0) != 0) return false;
  ++counted.matched;
  if (counted.matched < rule.from || (rule.times && counted.struck >= *rule.times)) return false;
  std::uint64_t drawn = draw(seed_, Stream::of(rule.name), static_cast<std::uint64_t>(
                                                               counted.matched));
  if (drawn % rule.chance.denominator >= rule.chance.numerator) return false;
  ++counted.struck;
  return true;
}

Injection FaultRules::strike(Operation operation, std::string_view path) {
  Injection all;
  for (Counted& counted : rules_) {
    if (!strikes(counted, operation, path)) continue;
    const FaultRule& rule = counted.rule;
    if (all.error == 0) all.error = rule.error;
    all.delay += rule.delay;
    if (rule.hang) all.hang = counted.number;
    all.short_write = all.short_write || rule.short_write;
    all.stale = all.stale || rule.stale;
    if (!rule.snapshot.empty()) all.snapshot = rule.snapshot;
    if (rule.stale || rule.bit_rot) all.readers.push_back(counted.number);
    all.bit_rot = all.bit_rot || rule.bit_rot;
    all.lose = all.lose || rule.lose;
  }
  return all;
}

void FaultRules::note_altered(const std::vector<std::uint64_t>& numbers) {
  for (Counted& counted : rules_) {
    bool one_of_them =
        std::find(numbers.begin(), numbers.end(), counted.number) != numbers.end();
    counted.altered += one_of_them ? 1 : 0;
  }
}

Value FaultRules::report() const {
  List list;
  for (const Counted& counted : rules_) {
    Map map;
    map["rule"] = counted.rule.name;
    map["matched"] = counted.matched;
    map["struck"] = counted.struck;
    map["altered"] = counted.altered;
    list.emplace_back(std::move(map));
  }
  return list;
}

void rot(std::string& bytes, std::uint64_t inode, std::uint64_t offset, std::uint64_t seed) {
  constexpr std::uint64_t page = Content::page_size;
  for (std::uint64_t number = offset / page; number * page < offset + bytes.size(); ++number) {
    std::uint64_t bit = draw(seed, Stream::of("bit rot", inode), number) % (page * 8);
    std::uint64_t place = number * page + bit / 8;
    if (place < offset || place - offset >= bytes.size()) continue;
    char& byte = bytes[static_cast<std::size_t>(place - offset)];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << (bit % 8)));
  }
}

}  // namespace sunder::crashfs
