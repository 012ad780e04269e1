#pragma once
// The view service: one node that says who serves. nodes/primary_backup.cpp says where it comes
// from.
//
// What holds between handlers: a view's primary was primary or backup of the view before, and had
// acknowledged that view if it is another than its primary; a view is durable before it is told.

#include <vector>

#include "harness/api/runtime.h"
#include "nodes/primary_backup/config.h"
#include "nodes/primary_backup/messages.h"

namespace sunder::primary_backup {

Bytes to_bytes(const View& view);
View view_from(const Bytes& bytes);

class ViewService : public Node {
 public:
  ViewService(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override;

 private:
  void consider();
  void change(std::optional<NodeId> primary, std::optional<NodeId> backup);
  bool alive(std::optional<NodeId> node) const;
  std::optional<NodeId> idle() const;

  Runtime& runtime_;
  Config config_;
  View view_;
  bool acknowledged_ = false;  // by its primary
  std::vector<Instant> heard_; // by node
  std::vector<bool> pinged_;   // by node, since the boot
};

}  // namespace sunder::primary_backup
