#pragma once
// A replica of the last-writer-wins register: nodes/lww.cpp says where it comes from.
//
// What holds between handlers:
//  1. A key's stamp never falls, also not over a restart once another replica was told of it: a
//     barrier stands between an entry and any message that tells of it.
//  2. A stamp belongs to one write. A hybrid clock is above every stamp held; a wall clock's stamp
//     carries the boot and the number of the write.

#include <map>
#include <optional>

#include "harness/api/runtime.h"
#include "nodes/clock/hybrid.h"
#include "nodes/lww/config.h"
#include "nodes/lww/messages.h"
#include "nodes/register/key_store.h"
#include "nodes/register/messages.h"
#include "nodes/register/once.h"

namespace sunder::lww {

class LwwNode : public Node {
 public:
  LwwNode(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override { return {.role = "replica", .term = boot_, .ready = true}; }

 private:
  void recover();
  void on_request(NodeId client, const registers::Request& request);
  void on_entries(const Entries& message);
  void on_digest(NodeId source, const Digest& digest);
  Stamp write(const registers::Request& request);
  void send_digest();
  Digest digest_from(std::int64_t first) const;
  Stamp new_stamp();
  void adopt(const Entry& entry, bool received);
  bool newer(const Entry& entry) const;
  void barrier();
  void trace_entry(std::string_view kind, const Entry& entry);

  Runtime& runtime_;
  Config config_;
  registers::KeyStore store_;
  std::map<std::int64_t, Entry> registers_;
  clock::HybridClock clock_;
  std::int64_t boot_ = 0;
  std::int64_t writes_ = 0;         // of this boot
  std::int64_t digest_from_ = INT64_MIN;  // the key at which the next digest begins
  std::optional<std::int64_t> first_write_at_;  // of the flaw notes-zero-rejected only
  registers::OnceOnly once_;
  Timer digest_timer_;
  Timer sync_timer_;
};

}  // namespace sunder::lww
