// What a lab's nodes may use of the machine: asked of their agents.

#include <memory>

#include "harness/real/lab/lab_cluster.h"

namespace sunder {
namespace {

ResourceReading reading_of(const Value& reply) {
  auto integer = [&](std::string_view key) {
    const Value* found = reply.find(key);
    return found != nullptr && found->is_integer() ? found->integer() : 0;
  };
  ResourceReading reading{integer("limit"), integer("used"), integer("refused"), {},
                          Duration{integer("at_ns")}};
  const Value* refusal = reply.find("refusal");
  if (refusal != nullptr && refusal->is_text()) reading.refusal = refusal->text();
  return reading;
}

}  // namespace

void LabCluster::ask_of_resource(NodeId node, std::string_view act, Resource resource,
                                 std::int64_t amount, Act done) {
  Map request;
  request["do"] = act;
  request["resource"] = to_string(resource);
  request["amount"] = amount;
  request["data"] = parts_.starts[static_cast<std::size_t>(node.index)]["data"];
  agent(node).ask(std::move(request), agent_limit,
                  [done = std::move(done)](const Result<Value>& reply) {
                    done(reply ? Status(Done{}) : Status(reply.error()));
                  });
}

void LabCluster::limit(NodeId node, Resource resource, std::int64_t amount, Act done) {
  ask_of_resource(node, "limit", resource, amount, std::move(done));
}

void LabCluster::unlimit(NodeId node, Resource resource, Act done) {
  ask_of_resource(node, "unlimit", resource, 0, std::move(done));
}

void LabCluster::gauge(NodeId node, Resource resource,
                       std::function<void(Result<ResourceReading>)> done) {
  Map request;
  request["do"] = "gauge";
  request["resource"] = to_string(resource);
  agent(node).ask(std::move(request), agent_limit,
                  [done = std::move(done)](const Result<Value>& reply) {
                    if (!reply) return done(reply.error());
                    done(reading_of(*reply));
                  });
}

void LabCluster::measure(NodeId node, Resource resource, Duration window, Measured done) {
  gauge(node, resource, [=, this](const Result<ResourceReading>& before) {
    if (!before) return done(before.error());
    ask_of_resource(node, "trial", resource, 0, [=, this](const Status& begun) {
      if (!begun) return done(begun.error());
      after(window, [=, this] {
        gauge(node, resource, [before, done](const Result<ResourceReading>& read) {
          if (!read) return done(read.error());
          done(ResourceUse{*before, *read});
        });
      });
    });
  });
}

}  // namespace sunder
