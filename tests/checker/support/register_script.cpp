#include "tests/checker/support/register_script.h"

#include <algorithm>
#include <numeric>

namespace sunder::testing_support {
namespace {

using weak::Index;
using weak::Kind;
using weak::Operation;
using weak::Registers;

/// One client while registers are drawn.
struct Client {
  std::uint32_t session = 0;
  bool busy = false;
  Index operation = 0;
};

class Drawing {
 public:
  Drawing(Rng& rng, const Drawn& drawn)
      : rng_(rng), drawn_(drawn), clients_(drawn.sessions), writes_(drawn.keys) {
    for (Client& client : clients_) client.session = sessions_++;
  }

  Registers run() {
    std::uint32_t busy = 0;
    while (operations_.size() < drawn_.operations || busy != 0) {
      Client& client = clients_[rng_.below(clients_.size())];
      if (client.busy) {
        end(client);
        --busy;
      } else if (operations_.size() < drawn_.operations) {
        begin(client);
        ++busy;
      }
    }
    if (drawn_.future_per_mille != 0) look_ahead();
    RegisterScript script;
    for (const Operation& one : operations_) {
      if (one.is_read()) {
        script.read(one.session, one.key, one.source, one.invoked, one.returned);
      } else {
        script.write(one.session, one.key, one.invoked, one.returned);
      }
    }
    Registers registers = script.take();
    registers.keys = static_cast<std::int32_t>(drawn_.keys);
    return registers;
  }

 private:
  void begin(Client& client) {
    client.busy = true;
    client.operation = static_cast<Index>(operations_.size());
    Operation operation{.session = client.session, .invoked = now_++};
    operation.key = static_cast<std::int32_t>(rng_.below(drawn_.keys));
    if (rng_.below(1000) >= drawn_.reads_per_mille) {
      operation.kind = Kind::write;
      writes_[static_cast<std::size_t>(operation.key)].push_back(client.operation);
    }
    operations_.push_back(operation);
  }

  void end(Client& client) {
    client.busy = false;
    Operation& operation = operations_[client.operation];
    if (operation.is_write() && rng_.below(1000) < drawn_.crashes_per_mille) {
      client.session = sessions_++;
      return;
    }
    operation.returned = now_++;
    if (operation.is_write()) return;
    const std::vector<Index>& writes = writes_[static_cast<std::size_t>(operation.key)];
    std::uint64_t back = rng_.below(drawn_.versions) + 1;
    if (back <= writes.size()) operation.source = writes[writes.size() - back];
  }

  void look_ahead() {
    for (Operation& one : operations_) {
      const std::vector<Index>& writes = writes_[static_cast<std::size_t>(one.key)];
      if (one.is_write() || writes.empty() || rng_.below(1000) >= drawn_.future_per_mille) continue;
      one.source = writes[rng_.below(writes.size())];
    }
  }

  Rng& rng_;
  const Drawn& drawn_;
  std::vector<Client> clients_;
  std::vector<std::vector<Index>> writes_;  // by key
  std::vector<Operation> operations_;
  std::uint32_t sessions_ = 0;
  std::uint32_t now_ = 0;
};

}  // namespace

Index RegisterScript::add(Operation operation) {
  operation.invoked_at = std::int64_t{operation.invoked} * 1000;
  if (operation.returned != weak::never) {
    operation.returned_at = std::int64_t{operation.returned} * 1000;
  }
  drafts_.push_back(operation);
  return static_cast<Index>(drafts_.size() - 1);
}

Index RegisterScript::write(std::uint32_t session, std::int32_t key, std::uint32_t invoked,
                            std::uint32_t returned) {
  return add({.kind = Kind::write,
              .key = key,
              .session = session,
              .invoked = invoked,
              .returned = returned});
}

Index RegisterScript::read(std::uint32_t session, std::int32_t key, Index source,
                           std::uint32_t invoked, std::uint32_t returned) {
  return add(
      {.key = key, .session = session, .source = source, .invoked = invoked, .returned = returned});
}

Registers RegisterScript::take() {
  std::vector<Index> order(drafts_.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&](Index a, Index b) {
    const Operation& first = drafts_[a];
    const Operation& second = drafts_[b];
    return first.session != second.session ? first.session < second.session
                                           : first.invoked < second.invoked;
  });
  Registers registers;
  place_.resize(drafts_.size());
  for (Index i = 0; i < order.size(); ++i) place_[order[i]] = i;
  std::uint32_t sessions = 0;
  for (const Operation& one : drafts_) {
    sessions = std::max(sessions, one.session + 1);
    registers.keys = std::max(registers.keys, one.key + 1);
  }
  registers.session_begin.assign(sessions + 1, 0);
  for (Index i : order) {
    Operation operation = drafts_[i];
    if (operation.is_read() && operation.source != weak::initial) {
      operation.source = place_[operation.source];
    }
    ++registers.session_begin[operation.session + 1];
    registers.operations.push_back(operation);
  }
  std::partial_sum(registers.session_begin.begin(), registers.session_begin.end(),
                   registers.session_begin.begin());
  return registers;
}

Registers draw_registers(Rng& rng, const Drawn& drawn) { return Drawing(rng, drawn).run(); }

}  // namespace sunder::testing_support
