#include "tests/checker/weak/support/definition.h"

#include "harness/core/assert.h"
#include "tests/checker/weak/support/orders.h"

namespace sunder::weak::support {
namespace {

bool linearizable(const Registers& registers) {
  Set all = all_of(registers);
  return legal_order_exists(registers, all, real_time(registers), all);
}

bool ordered_sequential(const Registers& registers) {
  Set all = all_of(registers);
  Relation order =
      session_order(registers) | real_time(registers).between(all, writes_of(registers));
  return legal_order_exists(registers, all, order, all);
}

bool sequential(const Registers& registers) {
  Set all = all_of(registers);
  return legal_order_exists(registers, all, session_order(registers), all);
}

bool consistent_prefix(const Registers& registers) {
  Set all = all_of(registers);
  Set writes = writes_of(registers);
  Relation so = session_order(registers);
  return legal_order_exists(registers, all, so.between(~writes, all) | so.between(all, writes),
                            all);
}

bool real_time_causal(const Registers& registers) {
  Relation co = causal_order(registers);
  return arbitration_exists(registers, co | real_time(registers), co);
}

bool causal_convergence(const Registers& registers, const Relation& co) {
  return arbitration_exists(registers, co, co);
}

bool causal_memory(const Registers& registers, const Relation& co) {
  for (std::uint32_t session = 0; session < registers.sessions(); ++session) {
    if (registers.session(session).empty()) continue;
    Index last = registers.session_begin[session + 1] - 1;
    if (!legal_order_exists(registers, co.before(last) | only(last), co,
                            in_session(registers, session))) {
      return false;
    }
  }
  return true;
}

bool causal(const Registers& registers, const Relation& co) {
  if (co.relates_one_to_itself()) return false;
  for (Index read = 0; read < registers.size(); ++read) {
    if (!registers[read].is_read()) continue;
    if (!legal_order_exists(registers, co.before(read) | only(read), co, only(read))) return false;
  }
  return true;
}

/// An order for each session of all writes and its own operations on the keys in `domain`.
bool sessions_agree(const Registers& registers, const Relation& order, Set domain) {
  for (std::uint32_t session = 0; session < registers.sessions(); ++session) {
    Set own = in_session(registers, session);
    if (!legal_order_exists(registers, (writes_of(registers) | own) & domain, order, own)) {
      return false;
    }
  }
  return true;
}

bool pram(const Registers& registers) {
  return sessions_agree(registers, session_order(registers), all_of(registers));
}

bool slow(const Registers& registers) {
  for (std::int32_t key = 0; key < registers.keys; ++key) {
    if (!sessions_agree(registers, session_order(registers), on_key(registers, key))) return false;
  }
  return true;
}

bool cache(const Registers& registers) {
  for (std::int32_t key = 0; key < registers.keys; ++key) {
    Set members = on_key(registers, key);
    if (!legal_order_exists(registers, members, session_order(registers), members)) return false;
  }
  return true;
}

/// Tries the orders of the writes of `key` and of the keys after it, beside what is in `order`.
bool coherent(const Registers& registers, const Relation& order, std::int32_t key, Set placed) {
  if (key == registers.keys) return sessions_agree(registers, order, all_of(registers));
  Set writes = writes_of(registers) & on_key(registers, key);
  if (placed == writes) return coherent(registers, order, key + 1, 0);
  for (Index next = 0; next < registers.size(); ++next) {
    if (!contains(writes & ~placed, next)) continue;
    // The session's order of its own writes is part of each session's order.
    if ((session_order(registers).before(next) & writes & ~placed) != 0) continue;
    Relation longer = order;
    for (Index before = 0; before < registers.size(); ++before) {
      if (contains(placed, before)) longer.add(before, next);
    }
    if (coherent(registers, longer, key, placed | only(next))) return true;
  }
  return false;
}

bool processor(const Registers& registers) {
  return coherent(registers, session_order(registers), 0, 0);
}

/// There is an order that contains co and relates to each read's source every other write of its
/// key that `seen` relates to the read.
bool guarantee(const Registers& registers, const Relation& seen) {
  Relation order = causal_order(registers);
  for (Index read = 0; read < registers.size(); ++read) {
    if (!registers[read].is_read()) continue;
    Index source = registers[read].source;
    for (Index write = 0; write < registers.size(); ++write) {
      if (!registers[write].is_write() || registers[write].key != registers[read].key) continue;
      if (write == source || !seen.has(write, read)) continue;
      if (source == initial) return false;  // which comes before all others
      order.add(write, source);
    }
  }
  return order_exists(registers, order);
}

bool read_your_writes(const Registers& registers) {
  return guarantee(registers, session_order(registers));
}

bool monotonic_reads(const Registers& registers) {
  return guarantee(registers, reads_from(registers).then(session_order(registers)));
}

bool monotonic_writes(const Registers& registers) {
  Set writes = writes_of(registers);
  Relation so = session_order(registers);
  return guarantee(registers, so.between(writes, writes).then(reads_from(registers)).then(so));
}

bool writes_follow_reads(const Registers& registers) {
  Relation so = session_order(registers);
  Relation wr = reads_from(registers);
  Relation first = so.between(reads_of(registers), writes_of(registers));
  return guarantee(registers, wr.then(first).then(wr).then(so));
}

bool read_returned_too_soon(const Registers& registers, Index read) {
  Index source = registers[read].source;
  return source != initial && registers[read].returned < registers[source].invoked;
}

/// Whether a write of the read's key followed its source and fulfils the condition.
template <class Condition>
bool was_overwritten(const Registers& registers, Index read, Condition condition) {
  Relation rt = real_time(registers);
  Index source = registers[read].source;
  for (Index write = 0; write < registers.size(); ++write) {
    if (!registers[write].is_write() || registers[write].key != registers[read].key) continue;
    if (write == source) continue;
    if ((source == initial || rt.has(source, write)) && condition(write)) return true;
  }
  return false;
}

bool is_regular(const Registers& registers, Index read) {
  Relation rt = real_time(registers);
  return !read_returned_too_soon(registers, read) &&
         !was_overwritten(registers, read, [&](Index write) { return rt.has(write, read); });
}

bool is_fresh(const Registers& registers, Index read) {
  return !read_returned_too_soon(registers, read) &&
         !was_overwritten(registers, read, [&](Index write) {
           std::int64_t returned = registers[write].returned_at;
           return registers[write].returned != never &&
                  returned < registers[read].invoked_at - staleness.count();
         });
}

bool has_concurrent_write(const Registers& registers, Index read) {
  Relation rt = real_time(registers);
  for (Index write = 0; write < registers.size(); ++write) {
    if (!registers[write].is_write() || registers[write].key != registers[read].key) continue;
    if (!rt.has(write, read) && !rt.has(read, write)) return true;
  }
  // Writes of unknown outcome that nobody read are concurrent with all that ends later.
  if (registers.pending_since.empty()) return false;
  return registers.pending_since[static_cast<std::size_t>(registers[read].key)] <
         registers[read].returned;
}

template <class Test>
bool every_read(const Registers& registers, Test test) {
  for (Index read = 0; read < registers.size(); ++read) {
    if (registers[read].is_read() && !test(registers, read)) return false;
  }
  return true;
}

bool regular(const Registers& registers) { return every_read(registers, is_regular); }

bool safe(const Registers& registers) {
  return every_read(registers, [](const Registers& all, Index read) {
    return has_concurrent_write(all, read) || is_regular(all, read);
  });
}

bool bounded_staleness(const Registers& registers) { return every_read(registers, is_fresh); }

bool eventual(const Registers& registers) {
  return every_read(registers, [](const Registers& all, Index read) {
    Index source = all[read].source;
    return source == initial || (all[source].is_write() && all[source].key == all[read].key);
  });
}

struct Definition {
  std::string_view model;
  bool (*keeps)(const Registers& registers);
};

constexpr Definition definitions[] = {
    {"linearizable", linearizable},
    {"ordered-sequential", ordered_sequential},
    {"sequential", sequential},
    {"real-time-causal", real_time_causal},
    {"causal-memory", [](const Registers& all) { return causal_memory(all, causal_order(all)); }},
    {"causal-convergence",
     [](const Registers& all) { return causal_convergence(all, causal_order(all)); }},
    {"causal", [](const Registers& all) { return causal(all, causal_order(all)); }},
    {"processor", processor},
    {"pram", pram},
    {"cache", cache},
    {"slow", slow},
    {"consistent-prefix", consistent_prefix},
    {"read-your-writes", read_your_writes},
    {"monotonic-reads", monotonic_reads},
    {"monotonic-writes", monotonic_writes},
    {"writes-follow-reads", writes_follow_reads},
    {"regular", regular},
    {"safe", safe},
    {"bounded-staleness", bounded_staleness},
    {"eventual", eventual},
};

const Definition* find(std::string_view model) {
  for (const Definition& definition : definitions) {
    if (definition.model == model) return &definition;
  }
  return nullptr;
}

}  // namespace

bool has_definition(std::string_view model) { return find(model) != nullptr; }

bool keeps(std::string_view model, const Registers& registers) {
  ASSERT(registers.size() <= size_max);
  const Definition* definition = find(model);
  ASSERT(definition != nullptr);
  return definition->keeps(registers);
}

bool keeps_with(std::string_view model, const Registers& registers, const Relation& co) {
  if (model == "causal") return causal(registers, co);
  if (model == "causal-convergence") return causal_convergence(registers, co);
  ASSERT(model == "causal-memory");
  return causal_memory(registers, co);
}

}  // namespace sunder::weak::support
