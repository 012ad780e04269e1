#include "harness/core/op.h"

#include <array>
#include <charconv>
#include <utility>

namespace sunder {
namespace {

constexpr std::array<std::string_view, 4> phase_names = {"invoke", "ok", "fail", "info"};
constexpr std::string_view nemesis_prefix = "nemesis-";

}  // namespace

std::string to_string(Process process) {
  if (process.is_client()) return std::to_string(process.id);
  return std::string(nemesis_prefix) + std::to_string(process.nemesis_index());
}

std::optional<Process> parse_process(std::string_view text) {
  bool nemesis = text.substr(0, nemesis_prefix.size()) == nemesis_prefix;
  std::string_view digits = nemesis ? text.substr(nemesis_prefix.size()) : text;
  std::int32_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || number < 0) return {};
  return nemesis ? Process::nemesis(number) : Process{number};
}

std::string_view to_string(Phase phase) { return phase_names[static_cast<std::size_t>(phase)]; }

std::optional<Phase> parse_phase(std::string_view text) {
  for (std::size_t i = 0; i < phase_names.size(); ++i) {
    if (phase_names[i] == text) return static_cast<Phase>(i);
  }
  return {};
}

void append_json(std::string& out, const Op& op) {
  out += "{\"index\":";
  out += std::to_string(op.index);
  out += ",\"time\":";
  out += std::to_string(nanoseconds(op.time));
  out += ",\"process\":";
  if (op.process.is_client()) {
    out += std::to_string(op.process.id);
  } else {
    out += '"' + to_string(op.process) + '"';
  }
  out += ",\"type\":\"";
  out += to_string(op.phase);
  out += "\",\"f\":";
  append_json_string(out, op.verb);
  out += ",\"value\":";
  append_json(out, op.value);
  if (!op.error.empty()) {
    out += ",\"error\":";
    append_json_string(out, op.error);
  }
  out += '}';
}

Result<Op> op_from(const Value& object) {
  auto malformed = [](std::string what) { return Error{Error::Code::malformed, std::move(what)}; };
  if (!object.is_map()) return malformed("an op must be an object");
  Op op;
  if (const Value* index = object.find("index"); index != nullptr && index->is_integer()) {
    op.index = static_cast<std::uint64_t>(index->integer());
  }
  if (const Value* time = object.find("time"); time != nullptr && time->is_integer()) {
    op.time = instant_at(time->integer());
  }
  const Value* process = object.find("process");
  if (process == nullptr) return malformed("the op has no \"process\"");
  if (process->is_integer() && std::in_range<std::int32_t>(process->integer())) {
    op.process = Process{static_cast<std::int32_t>(process->integer())};
  } else {
    std::optional<Process> parsed =
        process->is_text() ? parse_process(process->text()) : std::nullopt;
    if (!parsed) return malformed("the op's \"process\" is " + to_json(*process));
    op.process = *parsed;
  }
  const Value* type = object.find("type");
  std::optional<Phase> phase =
      type != nullptr && type->is_text() ? parse_phase(type->text()) : std::nullopt;
  if (!phase) return malformed("the op's \"type\" must be invoke, ok, fail or info");
  op.phase = *phase;
  const Value* verb = object.find("f");
  if (verb == nullptr || !verb->is_text()) return malformed("the op has no \"f\"");
  op.verb = verb->text();
  if (const Value* value = object.find("value")) op.value = *value;
  if (const Value* error = object.find("error")) {
    op.error = error->is_text() ? error->text() : to_json(*error);
  }
  return op;
}

void append_edn(std::string& out, const Op& op) {
  out += "{:index " + std::to_string(op.index) + ", :time " + std::to_string(nanoseconds(op.time));
  out += ", :process ";
  if (!op.process.is_client()) out += ':';
  out += to_string(op.process);
  out += ", :type :";
  out += to_string(op.phase);
  out += ", :f ";
  append_edn(out, is_edn_keyword(":" + op.verb) ? Value(":" + op.verb) : Value(op.verb));
  out += ", :value ";
  append_edn(out, op.value);
  if (!op.error.empty()) {
    out += ", :error ";
    append_json_string(out, op.error);
  }
  out += '}';
}

std::string describe(const Op& op) {
  std::string out = op.process.is_client() ? "process " : "";
  out += to_string(op.process) + " ";
  out += to_string(op.phase);
  out += " " + op.verb + " ";
  append_edn(out, op.value);
  if (!op.error.empty()) out += " (" + op.error + ")";
  return out;
}

}  // namespace sunder
