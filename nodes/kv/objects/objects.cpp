#include "nodes/kv/objects/objects.h"

namespace sunder {

template <class Self, class Visit>
void KvObjects::each(Self& self, Visit visit) {
  visit(1, self.sets_);
  visit(2, self.queues_);
  visit(3, self.counters_);
  visit(4, self.locks_);
  visit(5, self.bank_);
  visit(6, self.logs_);
  visit(7, self.ids_);
  visit(8, self.leases_);
}

KvAnswer KvObjects::execute(const KvCommand& command) {
  const KvAnswer refused{.code = KvCode::condition_failed};
  switch (command.kind()) {
    case KvVerb::set_add: sets_.add(command.key, command.value); return {};
    case KvVerb::enqueue: queues_.enqueue(command.key, command.value); return {};
    case KvVerb::dequeue: return {.value = queues_.dequeue(command.key)};
    case KvVerb::counter_add: counters_.add(command.key, command.value); return {};
    case KvVerb::generate: return {.value = ids_.add(0, 1)};
    case KvVerb::acquire: {
      std::optional<std::int64_t> token = locks_.acquire(command.key, command.value);
      return token ? KvAnswer{.value = token} : refused;
    }
    case KvVerb::release: return locks_.release(command.key, command.value) ? KvAnswer{} : refused;
    case KvVerb::transfer:
      return bank_.transfer(command.key, command.expected, command.value) ? KvAnswer{} : refused;
    case KvVerb::send: return {.value = logs_.send(command.key, command.value)};
    default: return on_lease(command);
  }
}

KvAnswer KvObjects::on_lease(const KvCommand& command) {
  const KvAnswer refused{.code = KvCode::condition_failed};
  switch (command.kind()) {
    case KvVerb::lease_acquire: {
      auto token = leases_.acquire(command.key, command.value, command.expected);
      return token ? KvAnswer{.value = token} : refused;
    }
    case KvVerb::lease_renew: {
      auto token = leases_.renew(command.key, command.value);
      return token ? KvAnswer{.value = token} : refused;
    }
    case KvVerb::lease_release: leases_.release(command.key, command.value); return {};
    case KvVerb::lease_expire: leases_.expire(command.key, command.value); return {};
    case KvVerb::fenced_write:
      return leases_.write(command.key, command.expected, command.value) ? KvAnswer{} : refused;
    default: return observe(command);
  }
}

KvAnswer KvObjects::observe(const KvCommand& command) const {
  switch (command.kind()) {
    case KvVerb::set_read: return {.list = sets_.read(command.key)};
    case KvVerb::counter_read: return {.value = counters_.read(command.key)};
    case KvVerb::balances: return {.list = bank_.read()};
    case KvVerb::poll: return {.list = logs_.poll(command.key, command.value, command.expected)};
    default: return {};
  }
}

std::uint64_t KvObjects::digest() const {
  std::uint64_t sum = 0;
  each(*this, [&](std::int64_t, const auto& part) { sum += part.digest(); });
  return sum;
}

bool KvObjects::empty() const {
  bool empty = true;
  each(*this, [&](std::int64_t, const auto& part) { empty = empty && part.empty(); });
  return empty;
}

void KvObjects::put(ByteWriter& out) const {
  std::int64_t filled = 0;
  each(*this, [&](std::int64_t, const auto& part) { filled += part.empty() ? 0 : 1; });
  out.number(filled);
  each(*this, [&](std::int64_t number, const auto& part) {
    if (part.empty()) return;
    out.number(number);
    part.put(out);
  });
}

bool KvObjects::get(ByteReader& in) {
  for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
    std::int64_t wanted = in.number();
    bool known = false;
    each(*this, [&](std::int64_t number, auto& part) {
      if (number != wanted || !part.empty()) return;
      known = true;
      part.get(in);
    });
    if (!known) return false;
  }
  return in.ok();
}

}  // namespace sunder
