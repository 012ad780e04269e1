#pragma once
// Between a client and a site of the systems that offer documents: lists of unique elements that
// all sites edit.

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"

namespace sunder::text {

enum class Verb : std::uint8_t { insert, erase, read, log };

struct Request {
  static constexpr std::string_view type = "text_request";
  std::int64_t msg_id = 0;
  std::int64_t op = -1;   // index of the invocation in the history, for traces only
  std::uint8_t verb = 0;  // a Verb
  std::int64_t key = 0;
  std::int64_t element = 0;   // of an insert or erase
  std::int64_t position = 0;  // of an insert: of so many elements, or of all, it comes after
  std::string tag;            // of an insert or erase: no other update of the key has it
  static constexpr auto fields() {
    return std::tuple{field("msg_id", &Request::msg_id),   field("op", &Request::op),
                      field("verb", &Request::verb),       field("key", &Request::key),
                      field("element", &Request::element), field("position", &Request::position),
                      field("tag", &Request::tag)};
  }
  bool operator==(const Request&) const = default;
};

/// One update as a site's log tells it.
struct LogEntry {
  std::int64_t origin = 0;  // index of the site that accepted it
  std::int64_t sequence = 0;
  std::string tag;
  std::vector<std::int64_t> seen;  // by site: how many of its updates it was made after
  static constexpr auto fields() {
    return std::tuple{field("origin", &LogEntry::origin), field("sequence", &LogEntry::sequence),
                      field("tag", &LogEntry::tag), field("seen", &LogEntry::seen)};
  }
  bool operator==(const LogEntry&) const = default;
};

/// Maelstrom's numbers where it has one.
enum class Code : std::uint8_t {
  ok = 0,
  refused = 22,  // the document has not what is to be deleted
};

struct Reply {
  static constexpr std::string_view type = "text_reply";
  std::int64_t in_reply_to = 0;
  std::uint8_t code = 0;               // a Code
  std::vector<std::int64_t> document;  // after an update, or as read
  std::vector<std::int64_t> seen;      // by site: how many of its updates the document is made of
  std::int64_t origin = 0;             // of an update: its name
  std::int64_t sequence = 0;
  std::vector<LogEntry> log;
  static constexpr auto fields() {
    return std::tuple{field("in_reply_to", &Reply::in_reply_to),
                      field("code", &Reply::code),
                      field("document", &Reply::document),
                      field("seen", &Reply::seen),
                      field("origin", &Reply::origin),
                      field("sequence", &Reply::sequence),
                      field("log", &Reply::log)};
  }
  bool operator==(const Reply&) const = default;
};

}  // namespace sunder::text
