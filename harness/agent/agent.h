#pragma once
// sunder-agent: the first process of a lab node's namespaces. It reaps, starts, signals, measures,
// and undoes what the controller may no longer be there to undo.
//
// Requests are framed JSON objects {"id":1,"do":"start",...}; each is answered in order by
// {"id":1,"ok":true,...} or {"id":1,"error":"why"}. When the control socket ends, the agent exits,
// and with the first process of a PID namespace all others die.

#include <sys/types.h>

#include <chrono>
#include <optional>

#include "harness/agent/control.h"
#include "harness/agent/link_probes.h"
#include "harness/agent/link_trains.h"
#include "harness/core/result.h"

namespace sunder {

class Agent {
 public:
  /// REQUIRES: SIGCHLD is not ignored, and the calling process is the first of its PID namespace.
  explicit Agent(ControlSocket control) : control_(std::move(control)) {}
  /// Serves until the control socket ends. The process's exit code.
  int run();

 private:
  using Clock = std::chrono::steady_clock;
  struct Answer {
    Map fields;
    Descriptor attached;
  };
  bool serve(const std::string& text);
  Result<Answer> carry_out(const Value& request);
  Result<Answer> make_tree(const Value& request);
  Result<Answer> make_network(const Value& request);
  Result<Answer> start(const Value& request);
  Result<Answer> signal(const Value& request);
  Result<Answer> wipe(const Value& request);
  Result<Answer> send_probes(const Value& request);
  Result<Answer> heard_probes(const Value& request);
  Result<Answer> begin_train(const Value& request);
  Result<Answer> heard_train(const Value& request);
  Result<Answer> renew_lease(const Value& request);
  Answer state();
  void reap();
  void note_pause(bool paused);
  void undo_faults();

  ControlSocket control_;
  std::optional<LinkProbes> probes_;
  std::optional<LinkTrains> trains_;
  pid_t child_ = 0;                    // of the last start; 0 before
  std::optional<int> exit_;            // its wait status, once it is gone
  std::optional<int> last_exit_;       // of the last one that is gone
  std::int64_t starts_ = 0;
  bool paused_ = false;                // by us: undone when the lease runs out
  std::optional<Clock::time_point> standing_since_;  // since when the node was seen to be paused
  Clock::duration stood_still_{0};     // in pauses that are over
  std::optional<Clock::time_point> lease_end_;
  std::int64_t leases_run_out_ = 0;
};

}  // namespace sunder
