#include "nodes/pbft/service.h"

namespace sunder::pbft {

std::uint64_t Service::part(NodeId client, const Last& last) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(client.index) << 1 | (client.is_node() ? 0 : 1));
  digest.add(static_cast<std::uint64_t>(last.timestamp));
  digest.add(static_cast<std::uint64_t>(last.code) << 1 | (last.value ? 1 : 0));
  digest.add(static_cast<std::uint64_t>(last.value.value_or(0)));
  return digest.value();
}

bool Service::is_new(const Request& request) const {
  if (only_reads(request.command.kind())) return true;
  auto found = clients_.find(request.client);
  return found == clients_.end() || found->second.timestamp < request.timestamp;
}

// A read changes nothing, so it may be carried out again, and its answer need not be kept. The
// machine's own sessions are not used: a client is known by its key.
KvAnswer Service::execute(const Request& request) {
  if (only_reads(request.command.kind())) return machine_.observe(request.command);
  KvCommand command = request.command;
  command.session = 0;
  KvAnswer answer = machine_.apply(0, command);
  auto [at, fresh] = clients_.try_emplace(request.client);
  if (!fresh) clients_digest_ -= part(request.client, at->second);
  at->second = {request.timestamp, answer.code, answer.value};
  clients_digest_ += part(request.client, at->second);
  return answer;
}

std::optional<KvAnswer> Service::last_answer(const Request& request) const {
  auto found = clients_.find(request.client);
  if (found == clients_.end() || found->second.timestamp != request.timestamp) return {};
  return KvAnswer{.code = found->second.code, .value = found->second.value};
}

std::string Service::snapshot() const {
  ByteWriter out;
  out.number(static_cast<std::int64_t>(clients_.size()));
  for (const auto& [client, last] : clients_) {
    pack(out, client);
    out.number(last.timestamp);
    out.number(static_cast<std::int64_t>(last.code));
    pack(out, last.value);
  }
  std::string machine = machine_.snapshot();
  std::string head = out.take();
  ByteWriter size;
  size.number(static_cast<std::int64_t>(head.size()));
  return size.take() + head + machine;
}

bool Service::restore(const std::string& bytes) {
  ByteReader front(bytes);
  std::int64_t size = front.number();
  ByteWriter again;
  again.number(size);
  std::string_view rest = std::string_view(bytes).substr(
      std::min(again.take().size(), bytes.size()));
  if (!front.ok() || size < 0 || static_cast<std::size_t>(size) > rest.size()) return false;
  auto head = static_cast<std::size_t>(size);
  Service fresh;
  ByteReader in(rest.substr(0, head));
  for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
    NodeId client;
    unpack(in, client);
    Last last;
    last.timestamp = in.number();
    last.code = static_cast<KvCode>(in.number());
    if (in.number() != 0) last.value = in.number();
    if (fresh.clients_.try_emplace(client, last).second) {
      fresh.clients_digest_ += part(client, last);
    }
  }
  if (!in.ok() || !in.at_end() || !fresh.machine_.restore(rest.substr(head))) return false;
  *this = std::move(fresh);
  return true;
}

}  // namespace sunder::pbft
