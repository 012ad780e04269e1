#include "checker/linearizable/decode.h"

namespace sunder::linearizable {
namespace {

constexpr std::string_view compare_failed = "compare failed";

bool is_scalar(ValueView value) {
  return value.kind() != Value::Kind::list && value.kind() != Value::Kind::map;
}

bool is_pair(ValueView value) { return value.kind() == Value::Kind::list && value.size() == 2; }

}  // namespace

void RegisterDecoder::feed(const OpView& op) {
  if (!op.process.is_client()) return;
  if (op.phase == Phase::invoke) {
    ++client_ops_;
    invoke(op);
    return;
  }
  auto open = open_.find(op.process.id);
  if (open == open_.end()) {
    if (op.phase != Phase::fail) {
      complain(op, "completes without an invocation, so nobody knows when it began");
    }
    return;
  }
  std::size_t at = open->second;
  open_.erase(open);
  if (at < records_.size()) complete(op, records_[at]);
}

std::vector<RegisterOperation> RegisterDecoder::take() {
  std::vector<RegisterOperation> operations;
  operations.reserve(records_.size());
  for (const Record& record : records_) {
    bool crashed_read = record.operation.crashed() && !record.operation.call.leaves();
    if (record.fate != Fate::dropped && !crashed_read) operations.push_back(record.operation);
  }
  records_.clear();
  open_.clear();
  return operations;
}

void RegisterDecoder::invoke(const OpView& op) {
  Record record;
  record.operation.invoked = op.index;
  record.operation.invoked_at = op.time;
  record.operation.process = op.process;
  RegisterCall& call = record.operation.call;
  open_[op.process.id] = SIZE_MAX;  // its completion is expected, even when it is not understood
  if (op.verb == "read") {
    call.kind = RegisterCall::Kind::read;
  } else if (op.verb == "write") {
    call.kind = RegisterCall::Kind::write;
  } else if (op.verb == "cas") {
    call.kind = RegisterCall::Kind::cas;
  } else {
    return complain(op, "is no operation of a cas-register (read, write, cas)");
  }
  ValueView value = op.value;
  if (!split(op, value, call.key)) return;
  if (call.kind != RegisterCall::Kind::read && !arguments(op, value, call)) return;
  open_[op.process.id] = records_.size();
  records_.push_back(record);
}

void RegisterDecoder::complete(const OpView& op, Record& record) {
  RegisterOperation& operation = record.operation;
  operation.completion = op.index;
  operation.returned_at = op.time;
  if (op.phase == Phase::info) return;
  if (op.phase == Phase::fail) {
    bool compared = op.error.empty() || op.error.substr(0, compare_failed.size()) == compare_failed;
    if (!observed_ || operation.call.kind != RegisterCall::Kind::cas || !compared) {
      record.fate = Fate::dropped;
      return;
    }
    operation.call.kind = RegisterCall::Kind::failed_cas;
    operation.call.value = 0;
    operation.returned = op.index;
    record.fate = Fate::happened;
    return;
  }
  operation.returned = op.index;
  record.fate = Fate::happened;
  if (operation.call.kind == RegisterCall::Kind::read) return complete_read(op, record);
  if (op.value.is_nil()) return;  // nothing is repeated
  RegisterCall answered = operation.call;
  ValueView value = op.value;
  if (!split(op, value, answered.key) || !arguments(op, value, answered)) return;
  if (answered != operation.call) complain(op, "answers with other arguments than its invocation");
}

void RegisterDecoder::complete_read(const OpView& op, Record& record) {
  RegisterCall& call = record.operation.call;
  ValueView value = op.value;
  std::int32_t key = 0;
  if (!split(op, value, key)) return;
  if (key != call.key) return complain(op, "answers for another key than its invocation");
  if (!is_scalar(value)) return complain(op, "reads something that is no single value");
  if (value.is_nil() && nil_says_nothing_) {
    record.fate = Fate::dropped;
    return;
  }
  call.value = values_.intern(value);
}

bool RegisterDecoder::split(const OpView& op, ValueView& value, std::int32_t& key) {
  if (!keyed_) return true;
  if (!is_pair(value) || !is_scalar(value[0])) {
    complain(op, "has no [key value]");
    return false;
  }
  key = keys_.intern(value[0]);
  value = value[1];
  return true;
}

bool RegisterDecoder::arguments(const OpView& op, ValueView value, RegisterCall& call) {
  if (call.kind == RegisterCall::Kind::cas) {
    if (!is_pair(value) || !is_scalar(value[0]) || !is_scalar(value[1])) {
      complain(op, "has no [expected new] values");
      return false;
    }
    call.expected = values_.intern(value[0]);
    call.value = values_.intern(value[1]);
    return true;
  }
  if (!is_scalar(value)) {
    complain(op, "writes something that is no single value");
    return false;
  }
  call.value = values_.intern(value);
  return true;
}

void RegisterDecoder::complain(const OpView& op, const std::string& what) {
  if (troubles_++ != 0) return;
  trouble_op_ = op.index;
  trouble_ = "Op " + std::to_string(op.index) + " (" + describe(op.op()) + ") " + what + ".";
}

}  // namespace sunder::linearizable
