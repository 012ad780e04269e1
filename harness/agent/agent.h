#pragma once
// sunder-agent: it reaps, starts, signals, measures, and undoes what the controller may no longer
// be there to undo.
//
// Requests are framed JSON objects {"id":1,"do":"start",...}; each is answered in order by
// {"id":1,"ok":true,...} or {"id":1,"error":"why"}.
//
// In the lab it is the first process of a node's namespaces: when the control socket ends, the
// agent exits, and with the first process of a PID namespace all others die. On a host of its own
// it outlives connections, serves one controller at a time, and ends itself when that is gone.

#include <sys/types.h>

#include <chrono>
#include <optional>

#include "harness/agent/clock_bender.h"
#include "harness/agent/control.h"
#include "harness/agent/host_disk.h"
#include "harness/agent/host_links.h"
#include "harness/agent/host_place.h"
#include "harness/agent/line_probes.h"
#include "harness/agent/link_probes.h"
#include "harness/agent/limits/limits.h"
#include "harness/agent/link_trains.h"
#include "harness/agent/node_clock.h"
#include "harness/agent/resolver.h"
#include "harness/core/result.h"
#include "harness/faultkit/boot_clock.h"

namespace sunder {

/// Where what an agent starts belongs to, so that its resources can be limited.
struct Confinement {
  ControlGroup group;
  Descriptor lease;  // what the group's keeper waits for the end of
  Descriptor proc;   // /proc, where it can be written to
};

class Agent {
 public:
  /// REQUIRES: SIGCHLD is not ignored, and the calling process is the first of its PID namespace.
  explicit Agent(ControlSocket control, std::optional<Confinement> confinement = {});
  /// REQUIRES: SIGCHLD is not ignored, and the calling process is a subreaper without children.
  explicit Agent(HostPlace host);
  /// Serves until the control socket ends, or on a host until it is told to quit or forgotten. The
  /// process's exit code.
  int run();

 private:
  using Clock = BootClock;
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
  Status open_probes(std::uint8_t self, const std::vector<std::string>& addresses);
  Answer state();
  Answer state_with_program();
  void reap();
  void note_pause(bool paused);
  void undo_faults();
  void signal_node(int number);

  // In clock_requests.cpp.
  static bool speaks_of_clock(const std::string& act);
  Result<Answer> carry_out_on_clock(const std::string& act, const Value& request);
  Result<Answer> look_at_clock();
  void keep_clock_bent();

  // In line_requests.cpp.
  static bool speaks_of_lines(const std::string& act);
  Result<Answer> carry_out_on_lines(const std::string& act, const Value& request);
  Result<LinkProbes*> probes_for(const Value& request);

  // In name_requests.cpp.
  static bool speaks_of_names(const std::string& act);
  Result<Answer> carry_out_on_names(const std::string& act, const Value& request);
  Status answer_for_names(std::vector<std::string> addresses);
  void leave_names();

  // Of resources, in resource_requests.cpp.
  Result<Answer> carry_out_on_resources(const std::string& act, const Value& request);
  Result<Answer> limit(const Value& request);
  Result<Answer> gauge(const Value& request);
  Status freeze();
  void thaw();
  Status make_group();
  void leave_group();
  bool is_frozen() const { return limits_ && limits_->group().is_frozen(); }

  // On a host of its own, in host_requests.cpp.
  Result<Answer> carry_out_on_host(const std::string& act, const Value& request);
  Result<Answer> greet(const Value& request);
  Result<Answer> settle(const Value& request);
  void tell_means(Packets asked, Answer& answer) const;
  Result<Answer> empty_folder(const Value& request);
  Result<Answer> bend_links(const std::string& act, const Value& request);
  Result<Answer> tell_tolls();
  Result<Answer> bend_clock(const std::string& act, const Value& request);
  // In disk_requests.cpp.
  Status leave_mounts();
  Status mount_disk(const Value& wanted);
  Result<Answer> ask_disk(const Value& request);
  void open_door();
  void hear_visitor();
  void end_node();
  bool is_forgotten();

  std::optional<Limits> limits_;
  Descriptor group_lease_;
  std::optional<HostPlace> host_;
  std::unique_ptr<HostLinks> host_links_;     // with host_
  std::unique_ptr<ClockBender> host_clock_;   // with host_
  std::unique_ptr<HostDisk> disk_;            // with host_, where the node's disk is ours
  bool has_own_mounts_ = false;
  ControlSocket control_{Descriptor()};
  ControlSocket visitor_{Descriptor()};  // has not greeted us yet
  std::string controller_boot_;  // of the machine that we are asked from
  bool quits_ = false;
  std::optional<LinkProbes> probes_;
  std::optional<LinkProbes> port_probes_;  // of the port that was asked about last
  std::optional<LineProbes> lines_;
  std::optional<Resolver> resolver_;       // of a node that finds others by name
  std::optional<LinkTrains> trains_;
  std::optional<NodeClock> clock_;     // of a lab node whose clock may be bent
  Clock::time_point clock_kept_{};     // when its processes were looked through
  pid_t child_ = 0;                    // of the last start; 0 before
  std::optional<int> exit_;            // its wait status, once it is gone
  std::optional<int> last_exit_;       // of the last one that is gone
  std::int64_t starts_ = 0;
  bool paused_ = false;                // by us: undone when the lease runs out
  std::optional<Clock::time_point> standing_since_;  // since when the node was seen to be paused
  Clock::duration stood_still_{0};     // in pauses that are over
  std::optional<Clock::time_point> lease_end_;
  Clock::time_point last_lease_end_ = Clock::now();  // on a host: from then on patience runs
  std::int64_t leases_run_out_ = 0;
};

}  // namespace sunder
