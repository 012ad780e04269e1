#include "checker/linearizable/record.h"

#include <algorithm>

namespace sunder::linearizable {
namespace {

constexpr std::uint32_t no_record = UINT32_MAX;

}  // namespace

void Recorder::feed(const OpView& op) {
  if (!op.process.is_client()) return;
  if (op.phase == Phase::invoke) {
    ++client_ops_;
    invoke(op);
  } else if (op.pair != no_op) {
    complete(op);
  } else if (op.phase != Phase::fail) {
    complain(op, "completes without an invocation, so nobody knows when it began");
  }
}

void Recorder::invoke(const OpView& op) {
  record_of_.resize(op.index + 1, no_record);
  Record record;
  record.operation.invoked = static_cast<std::uint32_t>(op.index);
  ValueView value = op.value;
  if (!split_key(op, value, record.operation.call.key)) return;
  if (!datatype_.begin(op.verb, value, op.process, record.operation.call)) {
    return complain(op, "is no operation of this datatype, which has " + datatype_.expects());
  }
  record_of_[op.index] = static_cast<std::uint32_t>(records_.size());
  records_.push_back(record);
  facts_.push_back({record.operation.invoked, open_end, op.process, op.time, never});
}

void Recorder::complete(const OpView& op) {
  std::uint32_t at = op.pair < record_of_.size() ? record_of_[op.pair] : no_record;
  if (at == no_record) return;  // its invocation was complained about
  Record& record = records_[at];
  facts_[at].completion = static_cast<std::uint32_t>(op.index);
  facts_[at].returned_at = op.time;
  ValueView value = op.value;
  std::int32_t key = record.operation.call.key;
  bool answered = op.phase == Phase::ok && !value.is_nil();
  if (answered && !split_key(op, value, key)) return;
  if (key != record.operation.call.key) {
    return complain(op, "answers for another key than its invocation");
  }
  record.fate =
      datatype_.end(record.operation.call, op.phase, answered ? value : ValueView(), op.error);
  if (record.fate == Fate::broken) {
    complain(op, "does not fit its invocation; this datatype has " + datatype_.expects());
  }
  if (record.fate == Fate::happened) {
    record.operation.returned = static_cast<std::uint32_t>(op.index);
  }
}

bool Recorder::split_key(const OpView& op, ValueView& value, std::int32_t& key) {
  if (!keyed_) return true;
  bool scalar_key = value.kind() == Value::Kind::list && value.size() == 2 &&
                    value[0].kind() != Value::Kind::list && value[0].kind() != Value::Kind::map;
  if (!scalar_key) {
    complain(op, "has no [key value]");
    return false;
  }
  key = keys_.intern(value[0]);
  value = value[1];
  return true;
}

std::vector<Partition> Recorder::take(bool split) {
  std::vector<Partition> partitions;
  std::vector<std::uint32_t> place(keys_.size(), no_record);  // by key
  std::unique_ptr<Model> model = datatype_.model();
  for (const Record& record : records_) {
    if (record.fate == Fate::never || record.fate == Fate::broken) continue;
    const Operation& operation = record.operation;
    if (operation.crashed() && model->observes(operation.call)) continue;
    std::uint32_t& at = place[split ? static_cast<std::size_t>(operation.call.key) : 0];
    if (at == no_record) {
      at = static_cast<std::uint32_t>(partitions.size());
      partitions.push_back({operation.call.key, {}});
    }
    partitions[at].operations.push_back(operation);
  }
  records_ = {};
  record_of_ = {};
  return partitions;
}

const Facts& Recorder::facts(std::uint32_t invoked) const {
  return *std::lower_bound(facts_.begin(), facts_.end(), invoked,
                           [](const Facts& f, std::uint32_t at) { return f.invoked < at; });
}

void Recorder::complain(const OpView& op, const std::string& what) {
  if (troubles_++ != 0) return;
  trouble_ = "Op " + std::to_string(op.index) + " (" + describe(op.op()) + ") " + what + ".";
}

}  // namespace sunder::linearizable
