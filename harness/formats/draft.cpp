#include "harness/formats/draft.h"

namespace sunder {
namespace {

Error malformed(std::string what) { return Error{Error::Code::malformed, std::move(what)}; }

std::string_view without_colon(std::string_view name) {
  if (name.size() > 1 && name.front() == ':') name.remove_prefix(1);
  return name;
}

std::string_view without_namespace(std::string_view name) {
  std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos || slash + 1 == name.size() ? name
                                                                     : name.substr(slash + 1);
}

std::string shortened(const Value& value) {
  std::string text = to_json(value);
  if (text.size() > 60) text.replace(57, std::string::npos, "...");
  return text;
}

std::string as_text(const Value& value) {
  if (value.is_nil()) return {};
  if (value.is_text()) return std::string(without_colon(value.text()));
  std::string text;
  append_edn(text, value);
  return text;
}

constexpr std::string_view nemesis_prefix = "nemesis";

}  // namespace

Value* OpDraft::field(std::string_view name) {
  name = without_namespace(without_colon(name));
  if (name == "process") {
    has_process = true;
    return &process;
  }
  if (name == "type") {
    has_type = true;
    return &type;
  }
  if (name == "f") return &verb;
  if (name == "value") return &value;
  if (name == "error") return &error;
  if (name == "time") return &time;
  return nullptr;
}

Status DraftCollector::add(OpDraft& draft) {
  if (Status status = process_of(draft, op_.process); !status) return status;
  if (!draft.has_type) return malformed("the op has no type");
  std::optional<Phase> phase;
  if (draft.type.is_text())
    phase = parse_phase(without_namespace(without_colon(draft.type.text())));
  if (!phase) {
    return malformed("the op's type must be invoke, ok, fail or info, not " +
                     shortened(draft.type));
  }
  op_.phase = *phase;
  if (draft.time.is_integer() && draft.time.integer() >= 0) {
    op_.time = instant_at(draft.time.integer());
  } else {
    op_.time = last_time_;
    ++without_time_;
  }
  last_time_ = op_.time;
  op_.verb = as_text(draft.verb);
  op_.value = std::move(draft.value);
  op_.error = as_text(draft.error);
  if (op_.process.is_client()) {
    bool& open = open_[op_.process.id];
    if (*phase != Phase::invoke && !open) ++not_whole_;
    open = *phase == Phase::invoke;
  }
  builder_.add(op_);
  return Done{};
}

Status DraftCollector::process_of(const OpDraft& draft, Process& process) {
  if (!draft.has_process) return malformed("the op has no process");
  const Value& said = draft.process;
  if (said.is_integer()) {
    if (!std::in_range<std::int32_t>(said.integer()) || said.integer() < 0) {
      return malformed("the op's process is out of range: " + shortened(said));
    }
    process = Process{static_cast<std::int32_t>(said.integer())};
    return Done{};
  }
  if (!said.is_text() || said.text().empty()) {
    return malformed("the op's process must be a number or a name, not " + shortened(said));
  }
  process = named(std::string(without_colon(said.text())));
  return Done{};
}

// "nemesis" is nemesis-0, "nemesis-3" itself; any other name gets the next number that is free.
Process DraftCollector::named(const std::string& name) {
  auto known = nemeses_.find(name);
  if (known != nemeses_.end()) return Process::nemesis(known->second);
  std::int32_t index = 0;
  std::optional<Process> parsed = parse_process(name);
  if (name == nemesis_prefix) {
    index = 0;
  } else if (parsed && !parsed->is_client()) {
    index = parsed->nemesis_index();
  } else {
    for (const auto& [other, taken] : nemeses_) index = std::max(index, taken + 1);
    if (index == 0) index = 1;  // a plain nemesis may still come
  }
  nemeses_[name] = index;
  return Process::nemesis(index);
}

History DraftCollector::take(std::vector<std::string>& notes) {
  if (without_time_ != 0) {
    notes.push_back(std::to_string(without_time_) +
                    " ops have no time; each was given that of the op before it.");
  }
  if (not_whole_ != 0) {
    notes.push_back(std::to_string(not_whole_) + " completions of clients have no invocation.");
  }
  return builder_.take();
}

}  // namespace sunder
