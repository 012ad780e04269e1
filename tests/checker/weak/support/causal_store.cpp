#include "tests/checker/weak/support/causal_store.h"

#include <vector>

#include "harness/core/rng.h"

namespace sunder::testing_support {
namespace {

using weak::Index;
using weak::initial;
using weak::Kind;
using weak::Operation;
using weak::Registers;

/// An operation in the order of the run.
struct Done {
  Operation operation;
  std::uint32_t source = initial;  // a place in the run
};

class Store {
 public:
  explicit Store(const CausalStore& wanted)
      : wanted_(wanted), rng_(wanted.seed, Stream::of("causal store")), replicas_(wanted.clients) {
    for (std::uint32_t i = 0; i < wanted.clients; ++i) {
      replicas_[i].heard.assign(wanted.clients, 0);
      replicas_[i].latest.assign(static_cast<std::size_t>(wanted.keys), initial);
      replicas_[i].session = sessions_++;
    }
  }

  Registers run() {
    for (std::uint32_t at = 0; at < wanted_.operations; ++at) step(at);
    return by_session();
  }

 private:
  struct Replica {
    std::vector<std::uint32_t> heard;   // by replica: how many of its writes
    std::vector<std::uint32_t> latest;  // by key: the write that it has, a place in the run
    std::vector<std::uint32_t> writes;  // its own, in order
    std::uint32_t session = 0;
  };

  void step(std::uint32_t at) {
    auto who = static_cast<std::uint32_t>(rng_.below(wanted_.clients));
    Replica& replica = replicas_[who];
    if (rng_.chance({wanted_.deliver_per_mille, 1000})) {
      hear(replica, static_cast<std::uint32_t>(rng_.below(wanted_.clients)));
    }
    Done done;
    done.operation.key =
        static_cast<std::int32_t>(rng_.below(static_cast<std::uint64_t>(wanted_.keys)));
    done.operation.session = replica.session;
    done.operation.invoked = 2 * at;
    done.operation.returned = 2 * at + 1;
    done.operation.invoked_at = 2 * at;
    done.operation.returned_at = 2 * at + 1;
    std::uint32_t& latest = replica.latest[static_cast<std::size_t>(done.operation.key)];
    if (rng_.chance({1, 2})) {
      done.operation.kind = Kind::write;
      latest = at;
      replica.writes.push_back(at);
      replica.heard[who] = static_cast<std::uint32_t>(replica.writes.size());
      past_of_.push_back(replica.heard);
    } else {
      done.source = latest;
    }
    past_at_.push_back(static_cast<std::uint32_t>(past_of_.size() - 1));
    run_.push_back(done);
    if (rng_.chance({wanted_.retire_per_mille, 1000})) replica.session = sessions_++;
  }

  // All writes of another replica that are not too new, with whatever they depend on.
  void hear(Replica& replica, std::uint32_t other) {
    std::size_t count = replicas_[other].writes.size();
    std::size_t known = replica.heard[other];
    if (count <= known) return;
    std::size_t upto = known + 1 + rng_.below(count - known);
    std::uint32_t newest = replicas_[other].writes[upto - 1];
    const std::vector<std::uint32_t>& past = past_of_[past_at_[newest]];
    for (std::uint32_t i = 0; i < past.size(); ++i) {
      for (std::uint32_t& next = replica.heard[i]; next < past[i]; ++next) {
        std::uint32_t write = replicas_[i].writes[next];
        std::uint32_t& latest = replica.latest[static_cast<std::size_t>(run_[write].operation.key)];
        if (latest == initial || latest < write) latest = write;
      }
    }
  }

  Registers by_session() const {
    Registers registers;
    registers.keys = wanted_.keys;
    registers.session_begin.assign(sessions_ + 1, 0);
    for (const Done& done : run_) ++registers.session_begin[done.operation.session + 1];
    for (std::size_t i = 1; i <= sessions_; ++i) {
      registers.session_begin[i] += registers.session_begin[i - 1];
    }
    std::vector<Index> next(registers.session_begin.begin(), registers.session_begin.end() - 1);
    std::vector<Index> place;
    for (const Done& done : run_) place.push_back(next[done.operation.session]++);
    registers.operations.resize(run_.size());
    for (std::uint32_t i = 0; i < run_.size(); ++i) {
      Operation& operation = registers.operations[place[i]];
      operation = run_[i].operation;
      if (run_[i].source != initial) operation.source = place[run_[i].source];
    }
    return registers;
  }

  CausalStore wanted_;
  Rng rng_;
  std::vector<Replica> replicas_;
  std::vector<Done> run_;
  std::vector<std::uint32_t> past_at_;               // by place in the run: the writer's past
  std::vector<std::vector<std::uint32_t>> past_of_;  // by write: what its replica had heard
  std::uint32_t sessions_ = 0;
};

}  // namespace

Registers causal_store(const CausalStore& wanted) { return Store(wanted).run(); }

}  // namespace sunder::testing_support
