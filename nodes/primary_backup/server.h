#pragma once
// A server: primary, backup or idle, as the newest view that it knows says.
//
// What holds between handlers:
//  1. view_ and the log are in Storage, and a barrier stands between them and any message that is
//     built on them.
//  2. A backup answers the primary of its own view only (fencing).
//  3. A primary with a backup acknowledges a write when the backup has it, and answers a read when
//     the backup has said, after the read came, that the view still holds.
//  4. A primary acknowledges a view to the view service when its backup has the whole log.

#include <deque>
#include <map>
#include <vector>

#include "nodes/primary_backup/view_service.h"
#include "nodes/register/messages.h"
#include "nodes/register/once.h"

namespace sunder::primary_backup {

class Server : public Node {
 public:
  Server(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override;

 private:
  struct Write {
    NodeId client;
    std::int64_t msg_id = 0;
    std::int64_t op = -1;
    std::int64_t index = 0;  // in the log
    Instant since;
  };
  struct Read {
    NodeId client;
    std::int64_t msg_id = 0;
    std::int64_t key = 0;
    std::int64_t check = 0;  // the first question that was asked after it came
    Instant since;
  };

  void recover();
  void on_request(NodeId client, const registers::Request& request);
  void on_announce(const View& view);
  void on_forward(NodeId source, const Forward& forward);
  void on_forwarded(NodeId source, const Forwarded& answer);
  void forward();
  void commit_to(std::int64_t index);
  void serve_reads();
  void answer(NodeId client, std::int64_t msg_id, registers::Code code,
              std::optional<std::int64_t> value = {});
  void give_up_old();
  void abandon_all();
  void append(const Entry& entry);
  void truncate_from(std::int64_t index);
  void barrier();
  bool is_primary() const { return view_.primary == runtime_.self(); }
  bool is_backup() const { return view_.backup == runtime_.self(); }
  std::int64_t last() const { return static_cast<std::int64_t>(log_.size()); }
  std::int64_t view_at(std::int64_t index) const;  // 0 before the first. REQUIRES: index <= last()

  Runtime& runtime_;
  Config config_;
  View view_;
  std::int64_t ready_view_ = 0;  // the newest view that is acknowledged to the view service
  std::vector<Entry> log_;       // indexes from 1
  std::int64_t commit_ = 0;
  std::int64_t view_start_ = 0;  // of a primary: reads wait until this index is committed
  std::map<std::int64_t, std::int64_t> registers_;  // what log entries up to commit_ make

  // Of a primary with a backup.
  std::int64_t next_ = 1;
  std::int64_t check_ = 0;     // the last question asked
  std::int64_t confirmed_ = 0; // the last one answered in this view
  std::deque<Write> writes_;
  std::deque<Read> reads_;
  registers::OnceOnly once_;
};

}  // namespace sunder::primary_backup
