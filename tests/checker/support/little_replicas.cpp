#include "tests/checker/support/little_replicas.h"

#include <algorithm>
#include <map>
#include <set>

namespace sunder::testing_support {
namespace {

using Dot = std::pair<int, int>;         // replica, counter
using Path = std::vector<std::int64_t>;  // a place in a list, dense (Logoot)

struct Update {
  Dot dot;
  std::string verb;
  std::int64_t value = 0;
  std::vector<int> seen;
  std::pair<std::int64_t, int> stamp;
  std::vector<Dot> kills;  // writes or adds that it takes out
  Path path;
  Value tag;
};

Value name(int replica) { return "n" + std::to_string(replica + 1); }

Value vector_of(const std::vector<int>& seen) {
  Map map;
  for (std::size_t r = 0; r < seen.size(); ++r) {
    if (seen[r] != 0) map.set(name(static_cast<int>(r)), std::int64_t{seen[r]});
  }
  return Value(std::move(map));
}

struct Replica {
  std::vector<int> applied;
  std::pair<std::int64_t, int> best{INT64_MIN, 0};  // of last-writer-wins
  Value last;
  std::int64_t sum = 0;
  std::map<Dot, std::int64_t> live;
  std::map<std::int64_t, int> held;  // live dots by value
  std::set<Dot> killed;              // before they came
  std::vector<std::pair<Path, std::int64_t>> document;

  void apply(const Update& update, LittleKind kind) {
    switch (kind) {
      case LittleKind::lww_register:
        if (update.stamp > best) {
          best = update.stamp;
          last = update.value;
        }
        return;
      case LittleKind::g_counter:
      case LittleKind::pn_counter:
        sum += update.verb == "decrement" ? -update.value : update.value;
        return;
      case LittleKind::list: return edit(update);
      default: break;
    }
    for (Dot dot : update.kills) kill(dot);
    if (update.verb == "remove" || killed.contains(update.dot)) return;
    live[update.dot] = update.value;
    ++held[update.value];
  }

  void kill(Dot dot) {
    auto found = live.find(dot);
    if (found == live.end()) {
      if (dot.second > applied[static_cast<std::size_t>(dot.first)]) killed.insert(dot);
      return;
    }
    if (--held[found->second] == 0) held.erase(found->second);
    live.erase(found);
  }

  void edit(const Update& update) {
    if (update.verb == "insert") {
      std::pair<Path, std::int64_t> entry{update.path, update.value};
      document.insert(std::lower_bound(document.begin(), document.end(), entry), entry);
    } else {
      std::erase_if(document, [&](const auto& entry) { return entry.second == update.value; });
    }
  }

  Value state(LittleKind kind) const {
    if (kind == LittleKind::lww_register) return last;
    if (kind == LittleKind::g_counter || kind == LittleKind::pn_counter) return sum;
    List list;
    if (kind == LittleKind::list) {
      for (const auto& [path, element] : document) list.emplace_back(element);
      return Value(std::move(list));
    }
    for (const auto& [value, dots] : held) list.emplace_back(value);
    return Value(std::move(list));
  }
};

struct Client {
  Op op;
  bool busy = false;
  bool ready = false;
  Phase outcome = Phase::ok;
  Value reply;
  std::int64_t last_number = 0;  // for the flaw of merging clients
  std::vector<Value> last_elements;
};

class Cluster {
 public:
  Cluster(std::uint64_t seed, const LittleLoad& load)
      : load_(load), rng_(seed, Stream::of("little-replicas")) {
    replicas_.resize(static_cast<std::size_t>(load.replicas));
    updates_.resize(replicas_.size());
    for (Replica& replica : replicas_) replica.applied.assign(replicas_.size(), 0);
    for (std::size_t r = 0; r < replicas_.size(); ++r) {
      skew_.push_back(load.skew == 0 ? 0 : rng_.between(-load.skew, load.skew));
    }
    clients_.resize(static_cast<std::size_t>(load.processes));
    for (int i = 0; i < load.processes; ++i)
      clients_[static_cast<std::size_t>(i)].op.process.id = i;
  }

  std::vector<Op> run() {
    std::size_t invoked = 0;
    while (invoked < load_.operations) {
      if (rng_.below(1000) < load_.gossip_per_mille) {
        gossip();
        continue;
      }
      std::size_t at = rng_.below(clients_.size());
      Client& client = clients_[at];
      if (!client.busy) {
        invoke(client, at % replicas_.size());
        ++invoked;
      } else if (!client.ready) {
        take_effect(client, at % replicas_.size());
      } else {
        complete(client);
      }
    }
    finish();
    return std::move(ops_);
  }

 private:
  void push(const Op& op) {
    ops_.push_back(op);
    ops_.back().time = instant_at(static_cast<std::int64_t>(ops_.size()) * 1'000'000);
  }

  Value wrapped(Value value) {
    if (!load_.logs) return value;
    Map map;
    map["value"] = std::move(value);
    map["tag"] = "t" + std::to_string(++tags_);
    return Value(std::move(map));
  }

  void invoke(Client& client, std::size_t at) {
    client.busy = true;
    client.ready = false;
    client.op.phase = Phase::invoke;
    client.op.error.clear();
    client.op.value = {};
    client.op.verb = "read";
    std::uint64_t die = rng_.below(10);
    if (die >= 4) ask(client.op, replicas_[at], die);
    push(client.op);
    std::uint64_t fate = rng_.below(1000);
    client.outcome = fate < load_.info_per_mille                          ? Phase::info
                     : fate < load_.info_per_mille + load_.fail_per_mille ? Phase::fail
                                                                          : Phase::ok;
  }

  void ask(Op& op, const Replica& replica, std::uint64_t die) {
    std::int64_t some = rng_.between(1, std::max<std::int64_t>(load_.domain, 1));
    switch (load_.kind) {
      case LittleKind::lww_register:
      case LittleKind::mv_register:
        op.verb = "write";
        op.value = wrapped(load_.domain == 0 ? ++fresh_ : some);
        return;
      case LittleKind::g_counter:
      case LittleKind::pn_counter:
        op.verb = load_.kind == LittleKind::pn_counter && die < 7 ? "decrement" : "increment";
        op.value = wrapped(some);
        return;
      case LittleKind::g_set:
      case LittleKind::or_set:
        op.verb = load_.kind == LittleKind::or_set && die < 7 ? "remove" : "add";
        op.value = wrapped(some);
        return;
      case LittleKind::list: return edit(op, replica);
    }
  }

  void edit(Op& op, const Replica& replica) {
    auto size = static_cast<std::int64_t>(replica.document.size());
    if (size > 0 && rng_.below(static_cast<std::uint64_t>(2 * load_.length)) <
                        static_cast<std::uint64_t>(size)) {
      op.verb = "delete";
      op.value = wrapped(replica.document[rng_.below(replica.document.size())].second);
      return;
    }
    op.verb = "insert";
    op.value = wrapped(++fresh_);
    if (!op.value.is_map()) op.value = Map{{"value", op.value}};
    op.value.map()["position"] = rng_.between(0, size);
  }

  void take_effect(Client& client, std::size_t at) {
    client.ready = true;
    Replica& replica = replicas_[at];
    if (client.outcome == Phase::fail) return;
    if (client.outcome == Phase::info && rng_.chance({1, 2})) return;
    Map reply;
    if (client.op.verb == "read" || client.op.verb == "final-read") {
      reply["value"] = told(client, replica);
      if (load_.witness) reply["seen"] = witness(replica);
    } else if (client.op.verb == "log") {
      reply["log"] = log(replica);
    } else {
      update(client, replica, at, reply);
    }
    client.reply = Value(std::move(reply));
  }

  Value witness(const Replica& replica) const {
    return vector_of(load_.flaw == LittleFlaw::forgets_witness ? std::vector<int>{}
                                                               : replica.applied);
  }

  void update(Client& client, Replica& replica, std::size_t at, Map& reply) {
    Update update;
    update.dot = {static_cast<int>(at), replica.applied[at] + 1};
    update.verb = client.op.verb;
    Value argument = client.op.value;
    if (argument.is_map()) {
      if (const Value* tag = argument.find("tag")) update.tag = *tag;
      argument = Value(*client.op.value.find("value"));
    }
    update.value = argument.integer();
    update.seen = replica.applied;
    std::int64_t now = static_cast<std::int64_t>(ops_.size()) + skew_[at];
    update.stamp = {now, static_cast<int>(at)};
    while (!stamps_.insert(update.stamp).second) ++update.stamp.first;
    update.kills = kills(update, replica);
    if (update.verb == "insert") update.path = place(replica, client.op, at);
    bool dropped = load_.flaw == LittleFlaw::drops_second && ++drops_ % 2 == 0;
    if (dropped) update.verb = "dropped";
    if (load_.witness) {
      reply["seen"] = witness(replica);
      reply["dot"] = Value::pair(name(update.dot.first), std::int64_t{update.dot.second});
      if (load_.kind == LittleKind::lww_register) {
        reply["stamp"] = Value::pair(update.stamp.first, name(update.stamp.second));
      }
    }
    if (!dropped) replica.apply(update, load_.kind);
    ++replica.applied[at];
    updates_[at].push_back(std::move(update));
    if (load_.kind == LittleKind::list) reply["value"] = told(client, replica);
  }

  // Without causal delivery a remove must also take out what others have removed already.
  std::vector<Dot> kills(const Update& update, const Replica& replica) const {
    std::vector<Dot> dots;
    bool all = update.verb == "write";
    if (!all && update.verb != "remove") return dots;
    if (load_.causal) {
      for (const auto& [dot, value] : replica.live) {
        if (all || value == update.value) dots.push_back(dot);
      }
      return dots;
    }
    for (std::size_t r = 0; r < updates_.size(); ++r) {
      for (int k = 0; k < replica.applied[r]; ++k) {
        const Update& other = updates_[r][static_cast<std::size_t>(k)];
        if (other.verb != "remove" && (all || other.value == update.value)) {
          dots.push_back(other.dot);
        }
      }
    }
    return dots;
  }

  // A path between two neighbours: digit by digit, as deep as it takes.
  Path place(const Replica& replica, const Op& op, std::size_t at) {
    constexpr std::int64_t base = std::int64_t{1} << 30;
    auto size = replica.document.size();
    auto k = std::min(size, static_cast<std::size_t>(op.value.find("position")->integer()));
    Path low = k == 0 ? Path{} : replica.document[k - 1].first;
    Path high = k == size ? Path{base} : replica.document[k].first;
    Path path;
    for (std::size_t i = 0;; ++i) {
      std::int64_t from = i < low.size() ? low[i] : 0;
      std::int64_t to = i < high.size() ? high[i] : base;
      if (to - from > 2 * load_.replicas) {
        std::int64_t own = rng_.between(from / load_.replicas + 1, to / load_.replicas - 1);
        path.push_back(own * load_.replicas + static_cast<std::int64_t>(at));
        return path;
      }
      path.push_back(from);
      if (from < to) high.clear();  // from here on everything is below it
    }
  }

  Value told(Client& client, const Replica& replica) {
    bool final_read = client.op.verb == "final-read";
    bool nothing = load_.flaw == LittleFlaw::always_nil ||
                   (load_.flaw == LittleFlaw::converges_nil && final_read);
    if (nothing) return Replica{}.state(load_.kind);
    Value state = replica.state(load_.kind);
    if (load_.flaw != LittleFlaw::client_merges) return state;
    if (state.is_integer()) {
      client.last_number = std::max(client.last_number, state.integer());
      return client.last_number;
    }
    if (!state.is_list()) return state;
    for (const Value& element : client.last_elements) {
      List& list = state.list();
      if (std::find(list.begin(), list.end(), element) == list.end()) list.push_back(element);
    }
    client.last_elements = state.list();
    return state;
  }

  Value log(const Replica& replica) const {
    List list;
    for (std::size_t r = 0; r < updates_.size(); ++r) {
      for (int k = 0; k < replica.applied[r]; ++k) {
        const Update& update = updates_[r][static_cast<std::size_t>(k)];
        Map entry;
        entry["dot"] = Value::pair(name(update.dot.first), std::int64_t{update.dot.second});
        entry["tag"] = update.tag;
        entry["seen"] = vector_of(update.seen);
        entry["stamp"] = Value::pair(update.stamp.first, name(update.stamp.second));
        list.emplace_back(std::move(entry));
      }
    }
    return Value(std::move(list));
  }

  void complete(Client& client) {
    Op op = client.op;
    op.phase = client.outcome;
    if (op.phase == Phase::ok) {
      op.value = client.reply;
      if (!load_.witness && op.value.is_map()) {
        const Value* plain = op.value.find("value");
        op.value = plain == nullptr ? Value{} : *plain;
      }
    } else {
      op.error = op.phase == Phase::info ? "timed out" : "refused";
    }
    push(op);
    client.busy = false;
    if (op.phase != Phase::info) return;
    client.op.process.id += load_.processes;
    client.last_number = 0;
    client.last_elements.clear();
  }

  bool deliver(std::size_t to, std::size_t origin) {
    Replica& replica = replicas_[to];
    auto next = static_cast<std::size_t>(replica.applied[origin]);
    if (next == updates_[origin].size()) return false;
    const Update& update = updates_[origin][next];
    if (load_.causal || load_.kind == LittleKind::list) {
      for (std::size_t r = 0; r < update.seen.size(); ++r) {
        if (r != origin && update.seen[r] > replica.applied[r]) return false;
      }
    }
    if (update.verb != "dropped") replica.apply(update, load_.kind);
    ++replica.applied[origin];
    return true;
  }

  void gossip() {
    std::size_t to = rng_.below(replicas_.size());
    std::size_t from = rng_.below(replicas_.size());
    if (to == from) return;
    std::uint64_t many = 1 + rng_.below(3);
    while (many-- > 0 && deliver(to, from)) {
    }
  }

  void finish() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (!clients_[i].busy) continue;
      if (!clients_[i].ready) take_effect(clients_[i], i % replicas_.size());
      complete(clients_[i]);
    }
    if (!load_.finale) return;
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t to = 0; to < replicas_.size(); ++to) {
        for (std::size_t from = 0; from < replicas_.size(); ++from) moved |= deliver(to, from);
      }
    }
    for (std::size_t r = 0; r < replicas_.size(); ++r) {
      if (load_.logs && r == 0) last_word(r, "log");
      last_word(r, "final-read");
    }
  }

  void last_word(std::size_t replica, const char* verb) {
    Client& client = clients_[replica % clients_.size()];
    client.outcome = Phase::ok;
    client.op.verb = verb;
    client.op.value = {};
    client.op.error.clear();
    client.op.phase = Phase::invoke;
    push(client.op);
    take_effect(client, replica);
    complete(client);
  }

  LittleLoad load_;
  Rng rng_;
  std::vector<Replica> replicas_;
  std::vector<std::vector<Update>> updates_;  // by origin
  std::vector<std::int64_t> skew_;
  std::set<std::pair<std::int64_t, int>> stamps_;
  std::vector<Client> clients_;
  std::vector<Op> ops_;
  std::int64_t fresh_ = 0;
  std::int64_t tags_ = 0;
  std::uint64_t drops_ = 0;
};

}  // namespace

std::string datatype_of(LittleKind kind) {
  switch (kind) {
    case LittleKind::lww_register: return "crdt-lww-register";
    case LittleKind::mv_register: return "crdt-mv-register";
    case LittleKind::g_counter: return "crdt-g-counter";
    case LittleKind::pn_counter: return "crdt-pn-counter";
    case LittleKind::g_set: return "crdt-g-set";
    case LittleKind::or_set: return "crdt-or-set";
    case LittleKind::list: return "crdt-list";
  }
  return {};
}

std::vector<Op> little_history(std::uint64_t seed, const LittleLoad& load) {
  return Cluster(seed, load).run();
}

History built(const std::vector<Op>& ops) {
  HistoryBuilder builder;
  for (const Op& op : ops) builder.add(op);
  return builder.take();
}

}  // namespace sunder::testing_support
