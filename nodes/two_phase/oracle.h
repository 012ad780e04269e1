#pragma once
// The timestamp oracle: Peng and Dabek, "Large-scale Incremental Processing Using Distributed
// Transactions and Notifications", OSDI 2010, section 2.3.
//
// What holds between handlers: no timestamp above the bound in Storage is ever handed out, and
// after a start all are above it. On disk: "oracle" -> the bound.

#include "nodes/two_phase/config.h"
#include "nodes/two_phase/messages.h"
#include "nodes/two_phase/post.h"

namespace sunder::two_phase {

class Oracle {
 public:
  Oracle(Post& post, const Config& config) : post_(post), forgets_(config.flaws.oracle_forgets) {}
  void recover();
  void on_request(NodeId source, const StampRequest& request);
  void on_tick();

 private:
  void save(std::int64_t bound);

  Post& post_;
  bool forgets_;
  std::int64_t last_ = 0;
  std::int64_t bound_ = 0;
};

}  // namespace sunder::two_phase
