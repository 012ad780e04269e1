#include "checker/weak/models.h"

#include <algorithm>

#include "checker/weak/decide.h"

namespace sunder::weak {
namespace {

constexpr Model table[] = {
    {.name = "linearizable",
     .alias = "atomic",
     .summary = "Every operation takes effect at one instant between its call and its return.",
     .visibility = "everything before it in the one order",
     .arbitration = Arbitration::global,
     .definition = "There is one legal order of all operations that contains rt.",
     .source = "Herlihy and Wing, TOPLAS 1990, section 2",
     .real_time = true,
     .per_key = true,
     .decide = decide_linearizable},
    {.name = "ordered-sequential",
     .alias = "osc",
     .summary = "Writes are linearizable, reads may come from the past (ZooKeeper, etcd's "
                "serializable reads).",
     .visibility = "a prefix of the one order that never shrinks in a session",
     .arbitration = Arbitration::global,
     .definition = "There is one legal order of all operations that contains so, and rt wherever "
                   "its second operation is a write.",
     .source = "Lev-Ari, Bortnikov, Keidar and Shraer, DISC 2016",
     .real_time = true,
     .decide = decide_ordered_sequential},
    {.name = "sequential",
     .alias = "sc",
     .summary = "All operations stand in one order that every session agrees with.",
     .visibility = "everything before it in the one order",
     .arbitration = Arbitration::global,
     .definition = "There is one legal order of all operations that contains so.",
     .source = "Lamport, IEEE Transactions on Computers 1979",
     .decide = decide_sequential},
    {.name = "real-time-causal",
     .alias = "rtc",
     .summary = "Causal convergence, and no operation is ordered before one that had ended when it "
                "began.",
     .visibility = "its causal past",
     .arbitration = Arbitration::global,
     .definition =
         "There is one order of all operations that contains co and rt, in which the "
         "source of each read is the last write of its key among those that co relates to "
         "the read.",
     .source = "Mahajan, Alvisi and Dahlin, UT Austin TR-11-22, 2011",
     .real_time = true,
     .decide = decide_real_time_causal},
    {.name = "causal-memory",
     .alias = "cm",
     .summary = "Each session orders its causal past once for all of its reads.",
     .visibility = "its causal past",
     .arbitration = Arbitration::per_session,
     .definition = "For each session there is one order of the operations up to and including its "
                   "last one in co that contains co and is legal for the session's reads.",
     .source = "Ahamad et al., Distributed Computing 1995; Bouajjani et al., POPL 2017, section 3",
     .decide = decide_causal_memory},
    {.name = "causal-convergence",
     .alias = "ccv",
     .summary = "Causal, and all agree how concurrent writes of a key are ordered.",
     .visibility = "its causal past",
     .arbitration = Arbitration::global,
     .definition =
         "There is one order of all operations that contains co, in which the source of "
         "each read is the last write of its key among those that co relates to the read.",
     .source = "Burckhardt, Principles of Eventual Consistency, 2014; Bouajjani et al., POPL 2017",
     .decide = decide_causal_convergence},
    {.name = "causal",
     .alias = "cc",
     .summary = "A read never misses a write that its causal past saw overwritten.",
     .visibility = "its causal past",
     .arbitration = Arbitration::per_read,
     .definition = "co is acyclic, and for each read there is an order of the operations that co "
                   "relates to it that contains co and is legal for this read.",
     .source = "Bouajjani et al., POPL 2017, section 3 (weak causal consistency)",
     .decide = decide_causal},
    {.name = "processor",
     .alias = "pc",
     .summary = "PRAM whose sessions agree on the order of each key's writes.",
     .visibility = "the earlier writes of each session of which it sees one",
     .arbitration = Arbitration::per_session,
     .definition =
         "There is an order of the writes of each key such that for each session there is "
         "an order of all writes and its own operations that contains so and these orders "
         "and is legal for the session's reads.",
     .source = "Goodman 1989; Ahamad et al., SPAA 1993",
     .decide = decide_processor},
    {.name = "pram",
     .alias = "fifo",
     .summary = "Every session sees each session's writes in the order in which they were made.",
     .visibility = "the earlier writes of each session of which it sees one",
     .arbitration = Arbitration::per_session,
     .definition = "For each session there is an order of all writes and its own operations that "
                   "contains so and is legal for the session's reads.",
     .source = "Lipton and Sandberg, Princeton TR-180-88, 1988",
     .decide = decide_pram},
    {.name = "cache",
     .alias = "coherence",
     .summary = "Sequential on each key by itself.",
     .visibility = "everything on its key before it in the key's order",
     .arbitration = Arbitration::per_key,
     .definition = "For each key there is one legal order of its operations that contains so.",
     .source = "Goodman 1989; Cantin, Lipasti and Smith, TPDS 2005",
     .per_key = true,
     .decide = decide_cache},
    {.name = "slow",
     .alias = "",
     .summary = "On each key, every session sees each session's writes in order.",
     .visibility = "the earlier writes of the key by each session of which it sees one",
     .arbitration = Arbitration::per_session,
     .definition =
         "For each session and key there is an order of the key's writes and the session's "
         "own operations on it that contains so and is legal for the session's reads.",
     .source = "Hutto and Ahamad, ICDCS 1990",
     .per_key = true,
     .decide = decide_slow},
    {.name = "consistent-prefix",
     .alias = "",
     .summary =
         "Sessions see growing prefixes of one order of all writes; their own may be missing.",
     .visibility = "a prefix of the one order that never shrinks in a session",
     .arbitration = Arbitration::global,
     .definition =
         "There is one legal order of all operations that contains so but for its pairs of "
         "a write and a later read.",
     .source = "Terry, CACM 2013; Burckhardt et al., ECOOP 2015, with prefixes that do not shrink",
     .decide = decide_consistent_prefix},
    {.name = "read-your-writes",
     .alias = "ryw",
     .summary = "A session sees its own writes.",
     .visibility = "the earlier writes of its session",
     .arbitration = Arbitration::global,
     .definition =
         "There is one order of all operations that contains co and, for each read of a "
         "key from t1, relates to t1 every other write of the key that is before the read "
         "in so.",
     .source = "Terry et al., PDIS 1994; Viotti and Vukolic, CSUR 2016",
     .decide = decide_read_your_writes},
    {.name = "monotonic-reads",
     .alias = "mr",
     .summary = "What a session has read stays visible to it.",
     .visibility = "the writes that its session has read from",
     .arbitration = Arbitration::global,
     .definition = "There is one order of all operations that contains co and, for each read of a "
                   "key from t1, relates to t1 every other write of the key that wr;so relates to "
                   "the read.",
     .source = "Terry et al., PDIS 1994; Viotti and Vukolic, CSUR 2016",
     .decide = decide_monotonic_reads},
    {.name = "monotonic-writes",
     .alias = "mw",
     .summary = "Who has read a write sees the earlier writes of its session. Observable only "
                "through a reader's session.",
     .visibility = "the writes before those that its session has read from, in their sessions",
     .arbitration = Arbitration::global,
     .definition = "There is one order of all operations that contains co and, for each read of a "
                   "key from t1, relates to t1 every other write of the key that so;wr;so relates "
                   "to the read, the first so between writes.",
     .source = "Terry et al., PDIS 1994; Viotti and Vukolic, CSUR 2016",
     .decide = decide_monotonic_writes},
    {.name = "writes-follow-reads",
     .alias = "wfr",
     .summary =
         "Who has read a write sees what its session had read before. Observable only through "
         "a reader's session.",
     .visibility = "the writes read before those that its session has read from, in their sessions",
     .arbitration = Arbitration::global,
     .definition =
         "There is one order of all operations that contains co and, for each read of a "
         "key from t1, relates to t1 every other write of the key that wr;so;wr;so relates "
         "to the read, the first so from a read to a write.",
     .source = "Terry et al., PDIS 1994; Viotti and Vukolic, CSUR 2016",
     .decide = decide_writes_follow_reads},
    {.name = "regular",
     .alias = "",
     .summary = "A read returns a concurrent write, or one that no other completed write followed.",
     .visibility = "every write of its key that had ended when it began",
     .arbitration = Arbitration::per_read,
     .definition =
         "No read returned before its source was invoked, and for no read of a key is "
         "there another write of the key that rt relates from its source and to the read. "
         "rt relates the initial write to all others.",
     .source =
         "Lamport, Distributed Computing 1986; Shao, Welch et al., SIAM J. Comput. 2011 (MWR1)",
     .real_time = true,
     .per_key = true,
     .decide = decide_regular},
    {.name = "safe",
     .alias = "",
     .summary = "A read that no write is concurrent with is regular; others may return any write.",
     .visibility = "every write of its key that had ended when it began",
     .arbitration = Arbitration::per_read,
     .definition = "The condition of regular, for those reads with which no write of their key is "
                   "concurrent in rt.",
     .source = "Lamport, Distributed Computing 1986, section 1",
     .real_time = true,
     .per_key = true,
     .decide = decide_safe},
    {.name = "bounded-staleness",
     .alias = "",
     .summary = "A read returns what a regular read could have returned a bounded time ago.",
     .visibility = "every write of its key that had ended a bounded time before it began",
     .arbitration = Arbitration::per_read,
     .definition =
         "No read returned before its source was invoked, and for no read of a key is "
         "there another write of the key that rt relates from its source and that returned "
         "more than the bound before the read was invoked.",
     .source = "Golab, Li and Shah, PODC 2011 (with regular in place of atomic); Terry, CACM 2013",
     .real_time = true,
     .per_key = true,
     .decide = decide_bounded_staleness},
    {.name = "eventual",
     .alias = "",
     .summary = "Reads return what was written. That replicas agree in the end is judged by final "
                "reads.",
     .visibility = "any writes",
     .arbitration = Arbitration::per_read,
     .definition = "Every value that was read was written, by a write that did not fail.",
     .source = "Vogels, CACM 2009; Burckhardt 2014, section 5 (the safety part)",
     .per_key = true,
     .decide = decide_eventual},
};

constexpr Edge edge_table[] = {
    {"linearizable", "ordered-sequential"},
    {"linearizable", "regular"},
    {"ordered-sequential", "sequential"},
    {"ordered-sequential", "real-time-causal"},
    {"sequential", "causal-memory"},
    {"sequential", "causal-convergence"},
    {"sequential", "processor"},
    {"sequential", "consistent-prefix"},
    {"real-time-causal", "causal-convergence"},
    {"causal-memory", "causal"},
    {"causal-memory", "pram"},
    {"causal-convergence", "causal"},
    // Put each read right behind its source in the order of all writes: legal, and as so demands.
    {"causal-convergence", "cache"},
    {"causal-convergence", "read-your-writes"},
    {"causal-convergence", "monotonic-reads"},
    {"causal-convergence", "monotonic-writes"},
    {"causal-convergence", "writes-follow-reads"},
    {"causal", "eventual"},
    {"processor", "pram"},
    {"processor", "cache"},
    {"pram", "slow"},
    {"cache", "slow"},
    {"slow", "eventual"},
    {"consistent-prefix", "monotonic-reads"},
    {"consistent-prefix", "monotonic-writes"},
    {"consistent-prefix", "writes-follow-reads"},
    {"read-your-writes", "eventual"},
    {"monotonic-reads", "eventual"},
    {"monotonic-writes", "eventual"},
    {"writes-follow-reads", "eventual"},
    {"regular", "safe"},
    {"regular", "bounded-staleness"},
    {"safe", "eventual"},
    {"bounded-staleness", "eventual"},
};

}  // namespace

std::span<const Model> models() { return table; }

const Model* find_model(std::string_view name) {
  for (const Model& model : table) {
    if (model.name == name || (!model.alias.empty() && model.alias == name)) return &model;
  }
  return nullptr;
}

std::span<const Edge> edges() { return edge_table; }

bool implies(const Model& stronger, const Model& weaker) {
  if (stronger.name == weaker.name) return true;
  return std::any_of(std::begin(edge_table), std::end(edge_table), [&](const Edge& edge) {
    return edge.stronger == stronger.name && implies(*find_model(edge.weaker), weaker);
  });
}

}  // namespace sunder::weak
