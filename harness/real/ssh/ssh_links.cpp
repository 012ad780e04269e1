#include "harness/real/ssh/ssh_links.h"

#include <algorithm>
#include <memory>
#include <set>

namespace sunder {
namespace {

constexpr Duration limit = std::chrono::seconds(20);

std::size_t index_of(NodeId node) { return static_cast<std::size_t>(node.index); }

}  // namespace

void SshLinks::impose(const std::string& rule, const std::vector<Link>& links,
                      const LinkModel& model, Act done) {
  std::erase_if(rules_, [&](const LinkRule& known) { return known.name == rule; });
  rules_.push_back({rule, links, model});
  tell_agents(std::move(done));
}

void SshLinks::lift(const std::string& rule, Act done) {
  std::erase_if(rules_, [&](const LinkRule& known) { return known.name == rule; });
  tell_agents(std::move(done));
}

bool SshLinks::blocked(Link link) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const LinkRule& rule) {
    return rule.model.blocks_all() &&
           std::find(rule.links.begin(), rule.links.end(), link) != rule.links.end();
  });
}

/// What one end of a link takes of what arrives there; of what leaves it for clients, the other.
Map SshLinks::cuts_of(std::size_t node) const {
  std::set<std::string> cut;
  std::set<std::string> refused;
  std::set<std::string> reset;
  List ports;
  Map request;
  for (const LinkRule& rule : rules_) {
    for (const Link& link : rule.links) {
      if (!link.target.is_node()) {
        if (index_of(link.source) == node && rule.model.blocked) request["replies"] = true;
        continue;
      }
      if (index_of(link.target) != node) continue;
      if (!link.source.is_node()) {
        if (rule.model.blocked) request["requests"] = true;
        if (rule.model.refuse) request["refuses_clients"] = true;
        if (rule.model.reset) request["resets_clients"] = true;
        continue;
      }
      const std::string& source = addresses_[index_of(link.source)];
      if (rule.model.blocks_all()) cut.insert(source);
      if (rule.model.refuse) refused.insert(source);
      if (rule.model.reset) reset.insert(source);
      if (!rule.model.blocked || rule.model.port == 0) continue;
      Map one;
      one["address"] = source;
      one["port"] = std::int64_t{rule.model.port};
      ports.emplace_back(std::move(one));
    }
  }
  request["do"] = "cut";
  request["addresses"] = List(cut.begin(), cut.end());
  request["refused"] = List(refused.begin(), refused.end());
  request["reset"] = List(reset.begin(), reset.end());
  request["ports"] = std::move(ports);
  return request;
}

Map SshLinks::bends_of(std::size_t node) const {
  List rules;
  for (const LinkRule& rule : rules_) {
    List targets;
    for (const Link& link : rule.links) {
      bool between_nodes = link.source.is_node() && link.target.is_node();
      if (!between_nodes || index_of(link.source) != node) continue;
      targets.emplace_back(std::int64_t{link.target.index} + 1);
    }
    bool struck_on_arrival = rule.model.blocked || rule.model.refuse || rule.model.reset;
    if (struck_on_arrival || targets.empty()) continue;
    Map one;
    one["name"] = rule.name;
    one["targets"] = std::move(targets);
    one["model"] = to_value(rule.model);
    rules.emplace_back(std::move(one));
  }
  Map request;
  request["do"] = "bend";
  request["rules"] = std::move(rules);
  return request;
}

void SshLinks::read_tolls(std::function<void(Result<LinkTolls>)> done) {
  struct Reading {
    std::size_t awaited;
    LinkTolls tolls{};
    std::string error{};
  };
  auto reading = std::make_shared<Reading>(Reading{agents_.size()});
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    Map request;
    request["do"] = "tolls";
    agents_[i]->ask(std::move(request), limit, [reading, i, done](const Result<Value>& reply) {
      auto count = [&](const char* key) {
        const Value* found = reply->find(key);
        return found != nullptr && found->is_integer() ? found->integer() : 0;
      };
      if (reply) {
        reading->tolls[NodeId::node(static_cast<std::int32_t>(i))] = {
            count("requests"), count("replies"), count("resets")};
      } else {
        reading->error = reply.error().context;
      }
      if (--reading->awaited > 0) return;
      if (reading->error.empty()) return done(reading->tolls);
      done(Error{Error::Code::refused, reading->error});
    });
  }
}

void SshLinks::tell_agents(Act done) {
  struct Telling {
    std::size_t awaited;
    Status status = Done{};
    Act done;
  };
  auto telling = std::make_shared<Telling>(Telling{2 * agents_.size(), Done{}, std::move(done)});
  auto told = [telling](const Result<Value>& reply) {
    if (!reply && telling->status) telling->status = reply.error();
    if (--telling->awaited == 0) telling->done(telling->status);
  };
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    for (const Map& request : {cuts_of(i), bends_of(i)}) {
      // Nothing reaches a machine that is off, or comes from there; renew() follows its return.
      if (agents_[i]->off()) {
        told(Value());
      } else {
        agents_[i]->ask(request, limit, told);
      }
    }
  }
}

}  // namespace sunder
