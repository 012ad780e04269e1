#include "checker/domain/ids.h"

#include "checker/domain/shapes.h"

namespace sunder::domain {
namespace {

std::size_t spread(std::int64_t number) {
  auto bits = static_cast<std::uint64_t>(number) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(bits ^ (bits >> 29));
}

}  // namespace

Ids::Ids() : slots_(1024, -1) { of_other(ValueView{}); }

std::int32_t Ids::of(ValueView value) {
  if (value.is_nil()) return 0;
  return value.kind() == Value::Kind::integer ? of_integer(value.integer()) : of_other(value);
}

std::size_t Ids::slot(std::int64_t number) const {
  std::size_t mask = slots_.size() - 1;
  std::size_t at = spread(number) & mask;
  while (slots_[at] >= 0 && numbers_[static_cast<std::size_t>(slots_[at])] != number) {
    at = (at + 1) & mask;
  }
  return at;
}

std::int32_t Ids::of_integer(std::int64_t number) {
  bool in_reach = number >= 0 && static_cast<std::uint64_t>(number) < dense_.size();
  if (in_reach && dense_[static_cast<std::size_t>(number)] >= 0) {
    return dense_[static_cast<std::size_t>(number)];
  }
  std::size_t at = slot(number);
  if (slots_[at] >= 0) return slots_[at];
  // A table of at most some times as many places as there are values.
  bool small = number >= 0 && static_cast<std::uint64_t>(number) < 4 * numbers_.size() + 1024;
  if (small) {
    auto place = static_cast<std::size_t>(number);
    if (place >= dense_.size()) dense_.resize(2 * place + 1, -1);
    dense_[place] = static_cast<std::int32_t>(numbers_.size());
    return append(number);
  }
  if (2 * ++integers_ > slots_.size()) {
    grow();
    at = slot(number);
  }
  slots_[at] = static_cast<std::int32_t>(numbers_.size());
  return append(number);
}

std::int32_t Ids::append(std::int64_t number) {
  numbers_.push_back(number);
  is_integer_.push_back(true);
  return static_cast<std::int32_t>(numbers_.size() - 1);
}

void Ids::grow() {
  std::vector<std::int32_t> old(slots_.size() * 2, -1);
  old.swap(slots_);
  for (std::int32_t id : old) {
    if (id >= 0) slots_[slot(numbers_[static_cast<std::size_t>(id)])] = id;
  }
}

std::int32_t Ids::of_other(ValueView value) {
  Value copy = value.bytes() == nullptr ? Value() : value.value();
  std::vector<std::uint8_t> bytes;
  encode(copy, bytes);
  auto fresh = static_cast<std::int32_t>(numbers_.size());
  auto [at, added] = others_.try_emplace(std::string(bytes.begin(), bytes.end()), fresh);
  if (added) {
    numbers_.push_back(static_cast<std::int64_t>(values_.size()));
    is_integer_.push_back(false);
    values_.push_back(std::move(copy));
  }
  return at->second;
}

Value Ids::value(std::int32_t id) const {
  auto at = static_cast<std::size_t>(id);
  return is_integer_[at] ? Value(numbers_[at]) : values_[static_cast<std::size_t>(numbers_[at])];
}

std::string Ids::text(std::int32_t id) const {
  std::string out;
  append_edn(out, value(id));
  return out;
}

bool Names::fits(ValueView value) {
  return value.kind() == Value::Kind::integer || value.kind() == Value::Kind::text;
}

std::int32_t Names::of(ValueView value) {
  if (value.kind() == Value::Kind::text) return of(plain(value.text()));
  return of(std::to_string(value.integer()));
}

std::int32_t Names::of(std::string_view name) {
  auto [at, added] = ids_.try_emplace(std::string(name), static_cast<std::int32_t>(names_.size()));
  if (added) names_.emplace_back(name);
  return at->second;
}

void LocalIds::begin(std::size_t ids) {
  local_.resize(std::max(ids, local_.size()));
  round_.resize(local_.size());
  ++now_;
  globals_.clear();
}

std::int32_t LocalIds::of(std::int32_t id) {
  auto at = static_cast<std::size_t>(id);
  if (round_[at] != now_) {
    round_[at] = now_;
    local_[at] = static_cast<std::int32_t>(globals_.size());
    globals_.push_back(id);
  }
  return local_[at];
}

std::int32_t LocalIds::find(std::int32_t id) const {
  auto at = static_cast<std::size_t>(id);
  return at < round_.size() && round_[at] == now_ ? local_[at] : -1;
}

}  // namespace sunder::domain
