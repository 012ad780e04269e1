#pragma once
// The server, or another site. The same code: only the links differ.

#include <map>

#include "harness/api/runtime.h"
#include "nodes/jupiter/config.h"
#include "nodes/jupiter/document.h"
#include "nodes/jupiter/journal.h"
#include "nodes/register/once.h"
#include "nodes/text/messages.h"

namespace sunder::jupiter {

class JupiterNode : public Node {
 public:
  JupiterNode(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override {
    return {.role = is_server() ? "server" : "site", .ready = true};
  }

 private:
  void recover();
  void on_request(NodeId client, const text::Request& request);
  void serve_update(NodeId client, const text::Request& request);
  void answer(NodeId client, const text::Request& request, text::Reply reply);
  void on_operations(NodeId source, const Operations& message);
  std::size_t take_in(std::int64_t peer, Document& document, const Operations& message);
  bool receive(std::int64_t peer, std::int64_t key, std::int64_t index, Document& document,
               const Operation& operation);
  void on_digest(NodeId source, const Digest& digest);
  void seal_what_may_go(std::int64_t key, Document& document);
  void push(std::int64_t key, Document& document);
  void send_missing(NodeId target, std::int64_t key, const Document& document, std::int64_t first);
  void send_digest(std::int64_t peer);
  void barrier();
  void trace_state(std::string_view kind, std::int64_t key, const Document& document);
  Document& document(std::int64_t key);
  bool is_server() const { return self() == runtime_.peers().front().index; }
  std::int64_t self() const { return runtime_.self().index; }

  Runtime& runtime_;
  Config config_;
  std::vector<std::int64_t> peers_;  // the other ends of this node's links
  Journal journal_;
  std::map<std::int64_t, Document> documents_;
  registers::OnceOnly once_;
};

}  // namespace sunder::jupiter
