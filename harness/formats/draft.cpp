#include "harness/formats/draft.h"

#include "harness/core/value_writer.h"

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

std::string shortened(ValueView view) {
  std::string text = to_json(view.value());
  if (text.size() > 60) text.replace(57, std::string::npos, "...");
  return text;
}

// A name without its colon, anything else as EDN. `storage` holds what is not in place.
std::string_view as_text(ValueView view, std::string& storage) {
  if (view.is_nil()) return {};
  if (view.kind() == Value::Kind::text) return without_colon(view.text());
  storage.clear();
  append_edn(storage, view.value());
  return storage;
}

constexpr std::string_view nemesis_prefix = "nemesis";

}  // namespace

std::size_t* OpDraft::field(std::string_view name) {
  name = without_colon(name);
  if (name == "process") return &process;
  if (name == "type") return &type;
  if (name == "f") return &verb;
  if (name == "value") return &value;
  if (name == "key") return &key;
  if (name == "time") return &time;
  if (name == "error") return &error;
  std::string_view own = without_namespace(name);
  return own.size() < name.size() ? field(own) : nullptr;
}

void OpDraft::clear() {
  bytes.clear();
  process = type = verb = key = value = error = time = absent;
}

Status DraftCollector::add(const OpDraft& draft) {
  OpView op{.index = 0,
            .time = last_time_,
            .process = {},
            .phase = Phase::invoke,
            .verb = {},
            .value = draft.view(draft.value),
            .error = {},
            .pair = no_op};
  if (Status status = process_of(draft, op.process); !status) return status;
  if (draft.type == OpDraft::absent) return malformed("the op has no type");
  ValueView type = draft.view(draft.type);
  std::optional<Phase> phase;
  if (type.kind() == Value::Kind::text) {
    phase = parse_phase(without_namespace(without_colon(type.text())));
  }
  if (!phase) {
    return malformed("the op's type must be invoke, ok, fail or info, not " + shortened(type));
  }
  op.phase = *phase;
  if (format_ == Format::porcupine_kv && op.process.is_client()) {
    if (draft.key == OpDraft::absent) return malformed("the op has no key");
    op.value = pair_of(draft);
  }
  ValueView time = draft.view(draft.time);
  if (time.kind() == Value::Kind::integer && time.integer() >= 0) {
    op.time = last_time_ = instant_at(time.integer());
  } else {
    ++without_time_;
  }
  op.verb = as_text(draft.view(draft.verb), verb_);
  op.error = as_text(draft.view(draft.error), error_);
  std::uint64_t index = builder_.add_copy(op);
  if (op.process.is_client() && op.phase != Phase::invoke && builder_.pair(index) == no_op) {
    ++not_whole_;
  }
  return Done{};
}

ValueView DraftCollector::pair_of(const OpDraft& draft) {
  pair_.clear();
  ValueWriter writer(pair_);
  ValueWriter::Container pair = writer.open(2);
  writer.copy(draft.view(draft.key));
  writer.copy(draft.view(draft.value));
  writer.close_list(pair, 2);
  return ValueView(pair_.data());
}

Status DraftCollector::process_of(const OpDraft& draft, Process& process) {
  if (draft.process == OpDraft::absent) return malformed("the op has no process");
  ValueView said = draft.view(draft.process);
  if (said.kind() == Value::Kind::integer) {
    if (!std::in_range<std::int32_t>(said.integer()) || said.integer() < 0) {
      return malformed("the op's process is out of range: " + shortened(said));
    }
    process = Process{static_cast<std::int32_t>(said.integer())};
    return Done{};
  }
  if (said.kind() != Value::Kind::text || said.text().empty()) {
    return malformed("the op's process must be a number or a name, not " + shortened(said));
  }
  return named(without_colon(said.text()), process);
}

// "nemesis" is nemesis-0, "nemesis-3" itself; any other name gets the number after the highest.
Status DraftCollector::named(std::string_view name, Process& process) {
  auto known = nemeses_.find(name);
  if (known == nemeses_.end()) {
    std::int64_t index = highest_nemesis_ + 1;
    std::optional<Process> parsed = parse_process(name);
    if (name == nemesis_prefix) {
      index = 0;
    } else if (parsed && !parsed->is_client()) {
      index = parsed->nemesis_index();
    } else if (index > INT32_MAX) {
      return malformed("no number is left for the op's process, " + std::string(name));
    }
    highest_nemesis_ = std::max(highest_nemesis_, index);
    known = nemeses_.emplace(name, static_cast<std::int32_t>(index)).first;
  }
  process = Process::nemesis(known->second);
  return Done{};
}

History DraftCollector::take(std::vector<std::string>& notes) {
  bool has_times = format_ != Format::etcd_log && format_ != Format::porcupine_kv;
  if (has_times && without_time_ != 0) {
    notes.push_back(std::to_string(without_time_) +
                    " ops have no time; each was given that of the op before it.");
  }
  if (not_whole_ != 0) {
    notes.push_back(std::to_string(not_whole_) + " completions of clients have no invocation.");
  }
  return builder_.take();
}

}  // namespace sunder
