#include "harness/real/ssh/ssh_links.h"

#include <algorithm>
#include <memory>

namespace sunder {
namespace {

constexpr Duration cut_limit = std::chrono::seconds(10);

}  // namespace

void SshLinks::impose(const std::string& rule, const std::vector<Link>& links,
                      const LinkModel& model, Act done) {
  if (!model.blocked) {
    return done(Error{Error::Code::refused,
                      "the ssh world can only cut links; --world lab can bend them"});
  }
  rules_[rule] = links;
  tell_agents(std::move(done));
}

void SshLinks::lift(const std::string& rule, Act done) {
  rules_.erase(rule);
  tell_agents(std::move(done));
}

std::vector<LinkRule> SshLinks::rules() const {
  std::vector<LinkRule> rules;
  LinkModel blocked;
  blocked.blocked = true;
  for (const auto& [name, links] : rules_) rules.push_back({name, links, blocked});
  return rules;
}

bool SshLinks::blocked(Link link) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const auto& rule) {
    return std::find(rule.second.begin(), rule.second.end(), link) != rule.second.end();
  });
}

void SshLinks::tell_agents(Act done) {
  std::vector<std::set<std::string>> sources(agents_.size());
  for (const auto& [rule, links] : rules_) {
    for (const Link& link : links) {
      sources[static_cast<std::size_t>(link.target.index)].insert(
          addresses_[static_cast<std::size_t>(link.source.index)]);
    }
  }
  struct Telling {
    std::size_t awaited;
    Status status = Done{};
    Act done;
  };
  auto telling = std::make_shared<Telling>(Telling{agents_.size(), Done{}, std::move(done)});
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    Map request;
    request["do"] = "cut";
    List addresses;
    for (const std::string& address : sources[i]) addresses.emplace_back(address);
    request["addresses"] = std::move(addresses);
    agents_[i]->ask(std::move(request), cut_limit, [telling](const Result<Value>& reply) {
      if (!reply && telling->status) telling->status = reply.error();
      if (--telling->awaited == 0) telling->done(telling->status);
    });
  }
}

}  // namespace sunder
