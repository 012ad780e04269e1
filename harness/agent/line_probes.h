#pragma once
// TCP connections from agent to agent, beside those of the nodes: what becomes of them says what
// becomes of any on the same link.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// Answers others by sending back whatever they send. Not thread-safe.
class LineProbes {
 public:
  /// Nodes are told apart by their numbers, from 1; `addresses` has those of all of them, in order.
  static Result<LineProbes> open(std::uint8_t self, std::vector<std::string> addresses);

  /// To be watched for input, and then served.
  int descriptor() const { return poll_.get(); }
  void serve();

  /// Drops the owner's lines and asks for one to each of these nodes.
  void dial(const std::string& owner, const std::vector<std::uint8_t>& nodes);
  /// Sends a byte over each of the owner's lines that stands.
  void talk(const std::string& owner);
  /// "open", "refused", "reset" or "silent" for each node that the owner dialled. A line is open
  /// once the last byte sent over it has come back.
  std::map<std::uint8_t, std::string_view> states(const std::string& owner);

 private:
  enum class State : std::uint8_t { asked, stands, refused, reset };
  struct Line {
    Descriptor socket;
    State state = State::asked;
    bool awaits_echo = false;
  };
  LineProbes(Descriptor listener, Descriptor poll, std::vector<std::string> addresses)
      : listener_(std::move(listener)), poll_(std::move(poll)), addresses_(std::move(addresses)) {}
  static void look_at(Line& line);
  static void note_error(Line& line, int error);
  void accept_all();
  void echo(int socket);

  Descriptor listener_;
  Descriptor poll_;
  std::vector<std::string> addresses_;
  std::map<std::string, std::map<std::uint8_t, Line>> lines_;  // by owner and node
  std::map<int, Descriptor> heard_;                            // those of others
};

}  // namespace sunder
