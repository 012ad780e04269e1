#pragma once
// The agents of all hosts: whether they can be asked, how their clocks stand, when they were away.

#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/real/lab/lag_log.h"
#include "harness/real/ssh/ssh_agent_link.h"

namespace sunder {

/// The public calls come from any thread but the loop's, while the loop runs, unless they say else.
class SshContacts {
 public:
  /// `now` gives the run's time and must be thread-safe.
  SshContacts(boost::asio::io_context& io, std::function<Instant()> now);
  ~SshContacts();  // while the loop does not run

  /// One for each node, in order; before anything else, while the loop does not run.
  void add(SshAgentLink::Setup setup);
  std::vector<AgentAsker*> askers() const;

  /// Connects and waits until every agent has greeted us.
  Status meet(Duration time_limit);
  /// Asks every agent at once and waits for all: their replies by node, or the first error.
  Result<std::vector<Value>> ask_all(const std::function<Map(std::size_t)>& request,
                                     Duration time_limit);

  /// Tells the agents to end their nodes and themselves; that they go then is no outage.
  Status dismiss(Duration time_limit);

  /// Compares the hosts' monotonic and raw clocks with ours.
  Status measure_clocks();
  /// Of a host that was started anew and has clocks of its own. On the loop's thread.
  void measure_new_boot(std::size_t i, std::function<void(Status)> done);
  /// How often host i has been started while we looked, the first time included.
  std::size_t boots(std::size_t i) const;
  /// What host i's monotonic clock shows, or showed in an earlier boot, when ours shows `here`.
  std::int64_t clock_there(std::size_t i, std::size_t boot, std::int64_t here) const;
  /// How far host i's raw clock is ahead of ours in its present boot: that which no fault bends.
  Duration clock_ahead(std::size_t i) const;
  /// Whether all hosts run this machine's kernel, so that their clocks are one and not estimated.
  bool share_our_clock() const;
  /// Whether two of the hosts run the same kernel.
  bool share_a_kernel() const;

  /// The kernel's name of the boot that host i is in.
  std::string boot(std::size_t i) const;
  /// Whether host i's machine is off, so that it is no outage when it cannot be asked. On the
  /// loop's thread.
  void note_off(std::size_t i, bool off);
  SshAgentLink& link(std::size_t i);

  /// Host i's agent sent bent packets so late at some moment since then. On the loop's thread.
  void note_late_links(std::size_t i, Duration since, Duration late);
  /// Times in which an agent could not be asked: what was done to its node then is not known; or
  /// was late itself.
  std::vector<HarnessLag> lags() const;
  void drop_connections();

 private:
  struct Contact;
  struct Measuring;
  void measure_once(const std::shared_ptr<Measuring>& measuring);
  void changed(Contact& contact, const Status& change);

  boost::asio::io_context& io_;
  std::function<Instant()> now_;
  mutable std::mutex mutex_;  // guards what changed() writes, and the flag
  bool dismissed_ = false;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<Contact>> contacts_;
};

}  // namespace sunder
