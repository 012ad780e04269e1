#pragma once
// A site among equals.

#include <map>

#include "harness/api/runtime.h"
#include "nodes/register/once.h"
#include "nodes/text/messages.h"
#include "nodes/ttf/config.h"

namespace sunder::ttf {

class TtfNode : public Node {
 public:
  TtfNode(Runtime& runtime, Config config) : runtime_(runtime), config_(config) {}
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override { return {.role = "site", .ready = true}; }

 private:
  void recover();
  void on_request(NodeId client, const text::Request& request);
  void serve_update(NodeId client, const text::Request& request);
  void answer(NodeId client, const Document& asked, text::Reply reply);
  void on_operations(NodeId source, const Operations& message);
  void on_digest(NodeId source, const Digest& digest);
  void add_to_log(std::int64_t key, const Operation& operation);
  void barrier();
  Document& document(std::int64_t key);
  std::int64_t self() const { return runtime_.self().index; }

  Runtime& runtime_;
  Config config_;
  std::map<std::int64_t, Document> documents_;
  registers::OnceOnly once_;
};

}  // namespace sunder::ttf
