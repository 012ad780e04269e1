#include "nodes/pbft/faulty/twins.h"

#include "nodes/pbft/faulty/liar.h"

namespace sunder::pbft {
namespace {

std::unique_ptr<Node> make_copy(Runtime& runtime, const Config& config) {
  Plan plan(config, runtime.peers().size());
  if (plan.is_liar(runtime.self())) return std::make_unique<Liar>(runtime, config);
  return std::make_unique<PbftNode>(runtime, config);
}

}  // namespace

void MemoryDisk::discard_before(std::uint64_t index) {
  auto count = std::min<std::uint64_t>(index - begin_, log_.size());
  log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(count));
  begin_ = index;
}

const Bytes* MemoryDisk::get(std::string_view key) const {
  auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

void MemoryDisk::put(std::string_view key, Bytes value) {
  values_.insert_or_assign(std::string(key), std::move(value));
}

void MemoryDisk::erase(std::string_view key) {
  auto found = values_.find(key);
  if (found != values_.end()) values_.erase(found);
}

bool TwinRuntime::knows(NodeId other) const {
  return !other.is_node() || plan_.is_faulty(other) || plan_.story_for(other) == copy_;
}

void TwinRuntime::send(NodeId target, Message message) {
  if (target == self()) {
    to_itself_.emplace(world_.start_timer(Duration{0}), std::move(message));
  } else if (knows(target)) {
    if (copy_ == 1 && target.is_node()) world_.probe(second_twin_spoke);
    world_.send(target, std::move(message));
  }
}

std::optional<Message> TwinRuntime::own_message(Timer timer) {
  auto found = to_itself_.find(timer);
  if (found == to_itself_.end()) return {};
  Message message = std::move(found->second);
  to_itself_.erase(found);
  return message;
}

Twins::Twins(Runtime& runtime, const Config& config) : self_(runtime.self()) {
  for (int copy : {0, 1}) {
    auto own = std::make_unique<TwinRuntime>(runtime, config, copy);
    std::unique_ptr<Node> node = make_copy(*own, config);
    copies_.push_back({std::move(own), std::move(node)});
  }
}

void Twins::on_start() {
  for (Copy& copy : copies_) copy.node->on_start();
}

void Twins::on_message(const Envelope& envelope) {
  for (Copy& copy : copies_) {
    if (copy.runtime->knows(envelope.source)) copy.node->on_message(envelope);
  }
}

void Twins::on_timer(Timer timer) {
  for (Copy& copy : copies_) {
    if (std::optional<Message> own = copy.runtime->own_message(timer)) {
      copy.node->on_message(Envelope{self_, self_, *std::move(own)});
      return;
    }
  }
  for (Copy& copy : copies_) copy.node->on_timer(timer);
}

NodeStatus Twins::status() const {
  NodeStatus status = copies_.front().node->status();
  status.ready = true;
  return status;
}

std::unique_ptr<Node> make_replica(Runtime& runtime, const Config& config) {
  Plan plan(config, runtime.peers().size());
  if (plan.is_twin(runtime.self())) return std::make_unique<Twins>(runtime, config);
  return make_copy(runtime, config);
}

}  // namespace sunder::pbft
