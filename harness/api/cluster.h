#pragma once
// What a fault may touch: links, processes, clocks, data. Every call takes a completion and never
// blocks.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "harness/api/runtime.h"
#include "harness/core/clock_course.h"
#include "harness/core/link_rules.h"
#include "harness/core/result.h"

namespace sunder {

/// What a world can do to a cluster. A nemesis that needs more is refused at the start.
enum class Ability : std::uint8_t {
  links,          // can be cut
  processes,
  clocks,         // wall clocks can be stepped
  link_quality,   // every other kind of LinkModel, and measuring it
  clock_courses,  // wall clocks can be made to run at a wrong rate, or back and forth
  data,           // what a node has stored can be erased
  power,          // can be cut, and what was not synced is gone
  stored,         // what disks hold can be damaged, or go back in time
  disks,          // disks can misbehave
  freezer,        // processes can be stopped without a signal
  resources,      // what a node may use of its machine can be limited
  client_links,   // links between clients and nodes can be cut
  transport,      // packets are told apart: cut by port, TCP connections reset or refused
  names,          // nodes look each other's names up, and may be told wrong
};
std::string_view to_string(Ability ability);

enum class ProcessState : std::uint8_t { running, paused, stopped };
std::string_view to_string(ProcessState state);

/// Which version of the system a process is of: that of the run, or another one that nodes can be
/// swapped for (Test::other_version).
enum class Version : std::uint8_t { usual, other };
std::string_view to_string(Version version);

struct NodeReport {
  NodeId node;
  ProcessState process = ProcessState::stopped;
  bool reachable = false;      // it answered the status question
  NodeStatus status;           // REQUIRES: reachable, to mean anything
  Duration clock_offset{0};    // wall clock minus the controller's, as read back
  std::int64_t starts = 0;     // how often its process has been started
  bool gone = false;           // with all around it: nothing in this run will bring it back
  std::string ended{};         // how the last one to end did: "exit 0", "signal 9"; or empty
  Duration stood_still{0};     // for how long in all its processes were seen to be paused
  Instant read_at{};           // when, by a monotonic clock of the controller's
  WallTime read_wall{};        // and by its wall clock
  std::vector<std::string> limited{};  // the resources whose limits are in force
  std::string boot{};          // of its machine, where that may be switched off: the kernel's name
  std::optional<Version> version{};    // of its process, as it was read back; nothing: unknown
  std::string program{};               // that its process executes, as the kernel says
};

/// What of its machine can be made scarce for a node.
enum class Resource : std::uint8_t {
  cpu,          // limit: percent of one processor. Used: nanoseconds. Refused: periods held back
  memory,       // bytes above what is in use. Used: bytes. Refused: kills for want of memory
  pids,         // processes and threads above those there are. Refused: forks
  descriptors,  // above those that are open. Refused: connections that nobody takes
  disk,         // bytes written a second. Used: what was tried came to
  ports,        // none is left, whatever the amount
};
std::string_view to_string(Resource resource);

struct ResourceReading {
  std::int64_t limit = -1;  // in force; -1: none
  std::int64_t used = 0;
  std::int64_t refused = 0;
  std::string refusal{};    // of what was tried inside: "fork: Resource temporarily unavailable"
  Duration at{0};           // by a clock of the node's machine
};
struct ResourceUse {
  ResourceReading before;
  ResourceReading after;
};

/// What erasing a node's data found, and what was there afterwards: files, or records and keys.
struct Erased {
  std::int64_t erased = 0;
  std::int64_t left = 0;
};

/// Which of the node-to-node links carried a tagged probe just now.
struct LinkProbe {
  std::set<Link> delivered;
  std::set<Link> lost;
};

/// How links are to be measured: every one carries a train of numbered probes.
struct LinkSampling {
  int count = 20;                                    // probes over each link
  Duration interval = std::chrono::milliseconds(5);  // 0 sends all of a link's at once
  std::size_t size = 64;                             // bytes of each probe's content
  Duration patience = std::chrono::milliseconds(200);  // after the last is sent
};

/// What came of one link's probes, in order of arrival; a probe that was doubled came twice.
struct LinkSample {
  struct Arrival {
    int sequence = 0;
    Duration delay{0};  // from when it was sent
  };
  int sent = 0;
  std::vector<Arrival> arrivals;
};

struct LinkSamples {
  std::map<Link, LinkSample> links;  // every link between nodes
  std::int64_t bad_checksums = 0;    // probes that arrived at a node and were refused for it
};

/// What became of a connection of ours that was tried.
enum class LineState : std::uint8_t {
  open,     // it stands, and what was sent over it came back
  refused,  // the other side says that nobody listens: ECONNREFUSED
  reset,    // it stood, and was ended by the other side: ECONNRESET
  silent,   // no answer
};
std::string_view to_string(LineState state);
using Lines = std::map<Link, LineState>;  // from whom each was asked for, to whom

/// What rules of links have taken, at a node, since before the run's first fault. Our own
/// connections between nodes are not counted.
struct LinkToll {
  std::int64_t requests = 0;  // packets of clients that did not reach the node
  std::int64_t replies = 0;   // packets of the node that did not reach clients
  std::int64_t resets = 0;    // TCP segments to the node that were answered by a reset
};
using LinkTolls = std::map<NodeId, LinkToll>;

/// What a node that asks for another's name is told.
enum class NameFault : std::uint8_t {
  right,
  missing,  // there is no such name
  slow,     // right, after a while
  wrong,    // another node's address
};
std::string_view to_string(NameFault fault);

/// What a node was told when every node's name was asked for in its place.
struct NameAnswers {
  struct Answer {
    std::string address;  // empty: there is no such name
    bool right = false;
    Duration took{0};
  };
  std::map<NodeId, Answer> answers;  // of those that came in time
  std::int64_t asked = 0;            // questions of its own since bend_names()
};

/// Faults on links are kept by name: a link misbehaves while any rule in force names it, and
/// lifting one rule leaves the others. Completions run on the world's own thread of control; an
/// Error says that the act could not be carried out. Asking twice for the same state is no error.
class Cluster {
 public:
  using Act = std::function<void(Status)>;
  virtual ~Cluster() = default;
  virtual std::span<const NodeId> nodes() const = 0;
  virtual std::set<Ability> abilities() const = 0;

  /// `model` comes on top of what these links do already, until lift(rule).
  virtual void impose(std::string rule, std::vector<Link> links, LinkModel model, Act done) = 0;
  virtual void lift(std::string rule, Act done) = 0;
  /// The rules in force, read back.
  virtual std::vector<LinkRule> link_rules() const { return {}; }
  virtual void probe_links(std::function<void(LinkProbe)> done) = 0;
  /// As probe_links(), by packets from and to this port. Needs transport.
  virtual void probe_port(std::uint16_t port, std::function<void(LinkProbe)> done);
  /// Tries every node as clients reach it, from where they are: open also says that the node's
  /// machine was reached without anybody listening there. Needs client_links.
  virtual void probe_clients(std::function<void(std::map<NodeId, LineState>)> done);
  /// Needs client_links or transport.
  virtual void read_tolls(std::function<void(Result<LinkTolls>)> done);
  /// Opens a TCP connection anew from every node to every other one, beside those of the system,
  /// and sends something over each. They are `owner`'s until it dials again. Needs transport.
  virtual void dial_links(std::string owner, std::function<void(Result<Lines>)> done);
  /// Sends something over those that dial_links(owner) opened.
  virtual void talk_over_links(std::string owner, std::function<void(Result<Lines>)> done);
  /// Measures all links. An Error where the world cannot: it lacks Ability::link_quality.
  virtual void sample_links(LinkSampling sampling, std::function<void(Result<LinkSamples>)> done);

  virtual void kill(NodeId node, Act done) = 0;    // kill -9: unsynced writes may be lost
  /// SIGTERM. Done when it was sent: the process may take its time, and may never end.
  virtual void terminate(NodeId node, Act done) = 0;
  virtual void start(NodeId node, Act done) = 0;   // of a running node: nothing
  virtual void pause(NodeId node, Act done) = 0;   // SIGSTOP
  virtual void resume(NodeId node, Act done) = 0;  // SIGCONT

  virtual void step_clock(NodeId node, Duration step, Act done) = 0;
  virtual void reset_clock(NodeId node, Act done) = 0;  // offset and course
  /// Replaces the course that the clock was on; what it gained so far stays. Needs clock_courses.
  virtual void bend_clock(NodeId node, const ClockCourse& course, Act done);

  /// Erases all that a node has stored. Of a node that is not stopped: refused. Needs data.
  virtual void wipe(NodeId node, std::function<void(Result<Erased>)> done);
  /// Kills the node and lets its disk forget what was not synced, as the policy says: one of
  /// crashfs's (harness/crashfs/policy.h), or any. `done` gets what the disk says is lost. start()
  /// ends it. Where a whole machine is switched off, there is nothing that a policy could choose.
  /// Needs power.
  using PowerCut = std::function<void(Result<Value>)>;
  virtual void cut_power(NodeId node, std::string policy, std::uint64_t seed, PowerCut done);
  /// Makes a node's disk misbehave by a rule of crashfs (harness/crashfs/fault_rules.h), whose name
  /// stands under "rule", until straighten_disk(). Needs disks.
  virtual void bend_disk(NodeId node, Map rule, Act done);
  /// Lifts the rule of this name. `done` gets how often each rule had struck, as disk_rules() does:
  /// [{"rule": name, "matched": n, "struck": n}].
  using DiskRules = std::function<void(Result<Value>)>;
  virtual void straighten_disk(NodeId node, std::string rule, DiskRules done);
  virtual void disk_rules(NodeId node, DiskRules done);
  /// Changes what a node's disk holds, by an act of crashfs (harness/crashfs/control.h): rot,
  /// cut-short, mend, snapshot or restore. `done` gets the disk's answer, in which "changed" counts
  /// what is other than before. Needs stored.
  using DiskAnswer = std::function<void(Result<Value>)>;
  virtual void change_disk(NodeId node, Map act, DiskAnswer done);

  /// As pause(), but without a signal; resume() ends it. Needs freezer.
  virtual void freeze(NodeId node, Act done);
  /// Makes a resource scarce for a node, until unlimit(). Of a node that is stopped: refused. Needs
  /// resources.
  virtual void limit(NodeId node, Resource resource, std::int64_t amount, Act done);
  virtual void unlimit(NodeId node, Resource resource, Act done);
  /// Tries what the resource is needed for, and reads it twice, a while apart. Needs resources.
  using Measured = std::function<void(Result<ResourceUse>)>;
  virtual void measure(NodeId node, Resource resource, Duration window, Measured done);

  /// What a node is told from now on; `delay` is of slow answers. Needs names.
  virtual void bend_names(NodeId node, NameFault fault, Duration delay, Act done);
  /// Asks in the node's place, and waits for answers a little longer than `patience`. Needs names.
  virtual void look_up_names(NodeId node, Duration patience,
                             std::function<void(Result<NameAnswers>)> done);
  /// Of which version a node is from its next start on. Refused where the run has one only.
  virtual void choose_version(NodeId node, Version version, Act done);

  /// What an operator asks of a node (Node::instruct). Done when the node has set about it; its
  /// status tells what came of it. An Error says why it has not, or that it did not answer.
  virtual void instruct(NodeId node, std::string verb, Value value, Act done);

  /// The state of one node, without waiting for others; that of a node which does not answer may
  /// take as long as a survey. By default it is one.
  virtual void look(NodeId node, std::function<void(NodeReport)> done);
  /// The state of every node, in order. Unreachable nodes are reported after a short time limit.
  virtual void survey(std::function<void(std::vector<NodeReport>)> done) = 0;
  /// Runs `act` after a while of the world's time.
  virtual void after(Duration delay, std::function<void()> act) = 0;
};

}  // namespace sunder
