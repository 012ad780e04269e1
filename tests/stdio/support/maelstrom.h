#pragma once
// Plays Maelstrom: real sunder-node processes, a network that carries their letters, and clients.

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/core/time.h"
#include "harness/faultkit/descriptor.h"
#include "harness/real/stdio/letter.h"

namespace sunder::stdio {

/// A sunder-node on pipes.
class NodeProcess {
 public:
  explicit NodeProcess(const std::vector<std::string>& arguments);
  ~NodeProcess();  // kills it where it still runs
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  void write(std::string_view bytes);
  int output() const { return out_.get(); }
  /// The lines that are there now, or come within a time.
  std::vector<std::string> take_lines(Duration wait = Duration{0});
  /// Everything until the output ends.
  std::vector<std::string> rest();
  void end_input() { in_.reset(); }
  int wait();  // its exit code; 128 + signal when a signal ended it
  void signal(int number) const;
  std::string complaints() const;  // its standard error so far

 private:
  pid_t child_ = -1;
  Descriptor in_;
  Descriptor out_;
  Descriptor err_;
  std::string begun_;
};

class Maelstrom {
 public:
  /// Starts and initialises n1 ... with the same arguments, as Maelstrom does.
  Maelstrom(std::vector<std::string> arguments, int nodes);

  /// Sends a request as a client; its number.
  std::int64_t send(const std::string& client, const std::string& node, Map body);
  /// The body that came back, once.
  std::optional<Value> answer(std::int64_t request);
  /// Carries letters for so long, or until one for a client came.
  void carry(Duration duration);
  /// Sends, and carries until the answer came. Nil after ten seconds.
  Value ask(const std::string& client, const std::string& node, Map body);

  void cut_off(const std::string& node) { cut_.insert(node); }  // from other nodes, not clients
  void heal() { cut_.clear(); }
  void kill(const std::string& node);
  void start(const std::string& node);

  std::uint64_t carried() const { return carried_; }  // between nodes
  std::uint64_t dropped() const { return dropped_; }
  std::vector<std::string> garbage() const { return garbage_; }  // lines that were no letters

 private:
  bool take(const std::string& line);

  std::vector<std::string> arguments_;
  std::vector<std::string> names_;
  std::map<std::string, NodeProcess> nodes_;
  std::set<std::string> cut_;
  std::map<std::int64_t, Value> answers_;
  std::int64_t last_request_ = 0;
  std::uint64_t carried_ = 0;
  std::uint64_t dropped_ = 0;
  std::vector<std::string> garbage_;
};

/// {"type": type, ...}
Map request(std::string_view type,
            const std::vector<std::pair<std::string_view, Value>>& fields = {});
/// The code of an error body; -1 of any other.
std::int64_t code_of(const Value& body);
std::string type_of(const Value& body);
/// The member of an answer; nil when it has none.
Value member_of(const Value& body, std::string_view name);

}  // namespace sunder::stdio
