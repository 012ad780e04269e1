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
    return rule.model.blocked &&
           std::find(rule.links.begin(), rule.links.end(), link) != rule.links.end();
  });
}

Map SshLinks::cuts_of(std::size_t node) const {
  std::set<std::string> sources;
  for (const LinkRule& rule : rules_) {
    if (!rule.model.blocked) continue;
    for (const Link& link : rule.links) {
      if (index_of(link.target) == node) sources.insert(addresses_[index_of(link.source)]);
    }
  }
  Map request;
  request["do"] = "cut";
  request["addresses"] = List(sources.begin(), sources.end());
  return request;
}

Map SshLinks::bends_of(std::size_t node) const {
  List rules;
  for (const LinkRule& rule : rules_) {
    List targets;
    for (const Link& link : rule.links) {
      if (index_of(link.source) == node) targets.emplace_back(std::int64_t{link.target.index} + 1);
    }
    if (rule.model.blocked || targets.empty()) continue;
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
    agents_[i]->ask(cuts_of(i), limit, told);
    agents_[i]->ask(bends_of(i), limit, told);
  }
}

}  // namespace sunder
