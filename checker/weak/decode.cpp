#include "checker/weak/decode.h"

#include <algorithm>
#include <numeric>

namespace sunder::weak {
namespace {

constexpr std::uint32_t none = UINT32_MAX;

std::uint64_t slot(std::int32_t key, std::int32_t value) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(key)) << 32 |
         static_cast<std::uint32_t>(value);
}

bool is_scalar(ValueView value) {
  return value.kind() != Value::Kind::list && value.kind() != Value::Kind::map;
}

}  // namespace

Decoder::Decoder(bool keyed, const Value& first_value)
    : keyed_(keyed), first_value_(decoded_.values.intern(first_value)) {}

void Decoder::feed(const OpView& op) {
  if (!op.process.is_client()) return;
  if (op.phase == Phase::invoke) {
    ++decoded_.client_ops;
    invoke(op);
  } else if (op.pair != no_op) {
    complete(op);
  } else if (op.phase != Phase::fail) {
    complain(op, "completes without an invocation, so nobody knows when it began");
  }
}

void Decoder::invoke(const OpView& op) {
  draft_of_.resize(op.index + 1, none);
  Draft draft;
  ValueView value = op.value;
  std::int32_t key = 0;
  if (op.verb != "read" && op.verb != "write") {
    return complain(op, "is neither a read nor a write, which is all that these models define");
  }
  if (!split(op, value, key)) return;
  draft.operation.kind = op.verb == "read" ? Kind::read : Kind::write;
  if (draft.operation.is_write()) {
    if (!is_scalar(value)) return complain(op, "writes a value that is no scalar");
    draft.value = decoded_.values.intern(value);
  }
  draft.operation.key = key;
  draft.operation.invoked = static_cast<std::uint32_t>(op.index);
  draft.operation.invoked_at = nanoseconds(op.time);
  auto at = static_cast<std::uint32_t>(drafts_.size());
  auto [open, first] = open_.try_emplace(op.process.id, at);
  if (!first) {  // the operation before was never answered, so the session ended with it
    session_of_.erase(op.process.id);
    open->second = at;
  }
  auto fresh = static_cast<std::uint32_t>(decoded_.processes.size());
  auto [session, begins] = session_of_.try_emplace(op.process.id, fresh);
  if (begins) decoded_.processes.push_back(op.process.id);
  draft.operation.session = session->second;
  draft_of_[op.index] = at;
  drafts_.push_back(draft);
}

void Decoder::complete(const OpView& op) {
  std::uint32_t at = op.pair < draft_of_.size() ? draft_of_[op.pair] : none;
  if (at == none) return;  // its invocation was complained about
  open_.erase(op.process.id);
  Draft& draft = drafts_[at];
  draft.end = op.phase;
  if (op.phase == Phase::info) session_of_.erase(op.process.id);
  if (op.phase != Phase::ok) return;
  draft.operation.returned = static_cast<std::uint32_t>(op.index);
  draft.operation.returned_at = nanoseconds(op.time);
  if (draft.operation.is_write()) return;
  ValueView value = op.value;
  std::int32_t key = draft.operation.key;
  if (!value.is_nil() && !split(op, value, key)) return;
  if (key != draft.operation.key) {
    return complain(op, "answers for another key than its invocation");
  }
  if (!is_scalar(value)) return complain(op, "reads a value that is no scalar");
  draft.value = decoded_.values.intern(value);
  // A register that begins with a value cannot hold nil: nil is an answer that was not recorded.
  if (draft.value == 0 && first_value_ != 0) draft.end = Phase::info;
}

bool Decoder::split(const OpView& op, ValueView& value, std::int32_t& key) {
  std::int32_t id = 0;
  if (keyed_) {
    bool pair = value.kind() == Value::Kind::list && value.size() == 2 && is_scalar(value[0]);
    if (!pair) {
      complain(op, "has no [key value]");
      return false;
    }
    id = decoded_.keys.intern(value[0]);
    value = value[1];
  }
  auto place = static_cast<std::size_t>(id);
  if (dense_key_.size() <= place) dense_key_.resize(place + 1, -1);
  if (dense_key_[place] < 0) {
    dense_key_[place] = decoded_.registers.keys++;
    decoded_.key_ids.push_back(id);
  }
  key = dense_key_[place];
  return true;
}

void Decoder::complain(const OpView& op, const std::string& what) {
  if (decoded_.troubles++ != 0) return;
  decoded_.trouble =
      "Op " + std::to_string(op.index) + " (" + describe(op.op()) + ") " + what + ".";
}

// A value that failed and was then written with success was written: the failure is forgotten.
void Decoder::find_writers() {
  writer_.reserve(drafts_.size());
  for (std::uint32_t i = 0; i < drafts_.size(); ++i) {
    const Draft& draft = drafts_[i];
    if (draft.operation.is_read()) continue;
    std::string twice;
    if (draft.value == first_value_) {
      twice = "writes the initial value";
    } else {
      auto [found, first] = writer_.try_emplace(slot(draft.operation.key, draft.value), i);
      if (!first && drafts_[found->second].end == Phase::fail) {
        found->second = i;
      } else if (!first && draft.end != Phase::fail) {
        twice = "writes the same value as op " +
                std::to_string(drafts_[found->second].operation.invoked);
      }
    }
    if (twice.empty() || decoded_.troubles++ != 0) continue;
    decoded_.trouble = "Op " + std::to_string(draft.operation.invoked) + " " + twice +
                       ", so that a read of it does not say which write it saw.";
  }
}

void Decoder::link_reads() {
  for (Draft& draft : drafts_) {
    Operation& read = draft.operation;
    if (read.is_write() || draft.end != Phase::ok) continue;
    ++decoded_.reads;
    if (draft.value == first_value_) continue;
    auto found = writer_.find(slot(read.key, draft.value));
    if (found != writer_.end() && drafts_[found->second].end != Phase::fail) {
      read.source = found->second;  // a draft until place() knows better
      continue;
    }
    std::uint64_t failed =
        found == writer_.end() ? no_op : drafts_[found->second].operation.invoked;
    decoded_.unwritten.push_back({read.returned, failed, read.key, draft.value});
    draft.end = Phase::fail;
  }
}

// Kept operations go to their sessions; they are in order of invocation already.
void Decoder::place(std::vector<bool>& kept) {
  Registers& registers = decoded_.registers;
  registers.session_begin.assign(decoded_.processes.size() + 1, 0);
  for (std::uint32_t i = 0; i < drafts_.size(); ++i) {
    if (kept[i]) ++registers.session_begin[drafts_[i].operation.session + 1];
  }
  std::partial_sum(registers.session_begin.begin(), registers.session_begin.end(),
                   registers.session_begin.begin());
  std::vector<Index> next(registers.session_begin.begin(), registers.session_begin.end() - 1);
  std::vector<Index> place_of(drafts_.size(), initial);
  registers.operations.resize(registers.session_begin.back());
  decoded_.value_ids.resize(registers.operations.size());
  for (std::uint32_t i = 0; i < drafts_.size(); ++i) {
    if (!kept[i]) continue;
    Index at = next[drafts_[i].operation.session]++;
    place_of[i] = at;
    registers.operations[at] = drafts_[i].operation;
    decoded_.value_ids[at] = drafts_[i].value;
  }
  for (Operation& operation : registers.operations) {
    if (operation.is_read() && operation.source != initial) {
      operation.source = place_of[operation.source];
    }
  }
}

Decoded Decoder::take() {
  find_writers();
  link_reads();
  std::vector<bool> kept(drafts_.size());
  for (std::uint32_t i = 0; i < drafts_.size(); ++i) {
    if (drafts_[i].end == Phase::ok) kept[i] = true;
    const Operation& operation = drafts_[i].operation;
    if (kept[i] && operation.is_read() && operation.source != initial) {
      kept[operation.source] = true;
    }
  }
  for (std::uint32_t i = 0; i < drafts_.size(); ++i) {
    const Operation& operation = drafts_[i].operation;
    if (kept[i] || operation.is_read() || drafts_[i].end != Phase::info) continue;
    std::vector<std::uint32_t>& pending = decoded_.registers.pending_since;
    if (pending.empty()) pending.assign(static_cast<std::size_t>(decoded_.registers.keys), never);
    std::uint32_t& since = pending[static_cast<std::size_t>(operation.key)];
    since = std::min(since, operation.invoked);
  }
  place(kept);
  drafts_ = {};
  writer_ = {};
  return std::move(decoded_);
}

}  // namespace sunder::weak
