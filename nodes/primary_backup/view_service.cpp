#include "nodes/primary_backup/view_service.h"

#include "nodes/kv/bytes.h"
#include "nodes/register/messages.h"

namespace sunder::primary_backup {
namespace {

constexpr std::string_view service_key = "view";

}  // namespace

Bytes to_bytes(const View& view) {
  ByteWriter out;
  out.number(view.number);
  out.number(view.primary ? view.primary->index : -1);
  out.number(view.backup ? view.backup->index : -1);
  return out.take();
}

View view_from(const Bytes& bytes) {
  ByteReader in(bytes);
  View view{.number = in.number()};
  auto node = [&]() -> std::optional<NodeId> {
    std::int64_t index = in.number();
    if (index < 0) return {};
    return NodeId::node(static_cast<std::int32_t>(index));
  };
  view.primary = node();
  view.backup = node();
  return view;
}

ViewService::ViewService(Runtime& runtime, Config config)
    : runtime_(runtime),
      config_(config),
      heard_(runtime.peers().size()),
      pinged_(runtime.peers().size()) {}

// After a restart everyone gets the time to be heard again.
void ViewService::on_start() {
  if (const Bytes* saved = runtime_.storage().get(service_key)) view_ = view_from(*saved);
  for (Instant& heard : heard_) heard = runtime_.now();
  runtime_.start_timer(config_.ping);
}

void ViewService::on_message(const Envelope& envelope) {
  NodeId source = envelope.source;
  if (const auto* request = envelope.message.as<registers::Request>()) {
    registers::Reply reply{.in_reply_to = request->msg_id};
    reply.code = static_cast<std::uint8_t>(registers::Code::unavailable);
    reply.serves = view_.primary;
    runtime_.send(source, Message(std::move(reply)));
    return;
  }
  const Ping* ping = envelope.message.as<Ping>();
  if (ping == nullptr || !source.is_node() || source.index >= std::ssize(heard_)) return;
  heard_[static_cast<std::size_t>(source.index)] = runtime_.now();
  pinged_[static_cast<std::size_t>(source.index)] = true;
  if (source == view_.primary && ping->view == view_.number) acknowledged_ = true;
  runtime_.send(source, Message(Announce{view_}));
}

void ViewService::on_timer(Timer) {
  runtime_.start_timer(config_.ping);
  consider();
}

NodeStatus ViewService::status() const {
  return {.role = "view-service", .term = view_.number, .ready = acknowledged_};
}

bool ViewService::alive(std::optional<NodeId> node) const {
  return node && runtime_.now() - heard_[static_cast<std::size_t>(node->index)] <
                     config_.dead_after;
}

std::optional<NodeId> ViewService::idle() const {
  for (NodeId node : runtime_.peers()) {
    bool in_view = node == view_.primary || node == view_.backup || node == runtime_.self();
    bool here = pinged_[static_cast<std::size_t>(node.index)] && alive(node);
    if (!in_view && here) return node;
  }
  return {};
}

// A backup may be replaced whenever the primary lives to teach the new one. A primary may be
// replaced, by its backup, only when it has acknowledged that this backup has everything.
void ViewService::consider() {
  if (view_.number == 0) {
    if (std::optional<NodeId> first = idle()) change(first, {});
    return;
  }
  bool may_promote = acknowledged_ || config_.flaws.view_changes_unacknowledged;
  if (!alive(view_.primary)) {
    if (may_promote && alive(view_.backup)) {
      runtime_.probe("a backup was promoted");
      change(view_.backup, idle());
    }
    return;
  }
  if (alive(view_.backup)) return;
  std::optional<NodeId> other = idle();
  if (other || view_.backup) change(view_.primary, other);
}

void ViewService::change(std::optional<NodeId> primary, std::optional<NodeId> backup) {
  view_ = {view_.number + 1, primary, backup};
  acknowledged_ = false;
  runtime_.storage().put(service_key, to_bytes(view_));
  runtime_.storage().sync();
  runtime_.trace({.kind = "view",
                  .numbers = {{{"number", view_.number},
                               {"primary", primary ? primary->index : -1},
                               {"backup", backup ? backup->index : -1}}}});
}

}  // namespace sunder::primary_backup
