// How the lab's nodes come by names: what their resolvers are told, and what they answer.

#include "harness/real/lab/lab_cluster.h"

namespace sunder {
namespace {

constexpr Duration answer_wait = std::chrono::milliseconds(250);  // beside what was asked for

std::int64_t integer_at(const List& list, std::size_t at) {
  return list[at].is_integer() ? list[at].integer() : 0;
}

}  // namespace

void LabCluster::bend_names(NodeId node, NameFault fault, Duration delay, Act done) {
  Map request;
  request["do"] = "bend-names";
  request["manner"] = to_string(fault);
  request["delay_ns"] = std::int64_t{delay.count()};
  agent(node).ask(std::move(request), agent_limit,
                  [done = std::move(done)](const Result<Value>& reply) {
                    done(reply ? Status(Done{}) : Status(reply.error()));
                  });
}

void LabCluster::look_up_names(NodeId node, Duration patience,
                               std::function<void(Result<NameAnswers>)> done) {
  Map request;
  request["do"] = "ask-names";
  agent(node).ask(std::move(request), agent_limit,
                  [this, node, patience, done](const Result<Value>& reply) {
                    if (!reply) return done(reply.error());
                    after(patience + answer_wait, [this, node, done] { hear_names(node, done); });
                  });
}

void LabCluster::hear_names(NodeId node, const std::function<void(Result<NameAnswers>)>& done) {
  Map request;
  request["do"] = "heard-names";
  agent(node).ask(std::move(request), agent_limit, [this, done](const Result<Value>& reply) {
    if (!reply) return done(reply.error());
    NameAnswers found;
    const Value* asked = reply->find("asked");
    if (asked != nullptr && asked->is_integer()) found.asked = asked->integer();
    const Value* heard = reply->find("heard");
    if (heard == nullptr || !heard->is_list()) return done(found);
    const List& flat = heard->list();
    for (std::size_t i = 0; i + 2 < flat.size(); i += 3) {
      auto index = static_cast<std::size_t>(integer_at(flat, i) - 1);
      if (index >= nodes_.size() || !flat[i + 1].is_text()) continue;
      const std::string& address = flat[i + 1].text();
      found.answers[nodes_[index]] = {address, address == parts_.addresses[index],
                                      Duration{integer_at(flat, i + 2)}};
    }
    done(found);
  });
}

}  // namespace sunder
