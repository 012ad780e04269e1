#pragma once
// Questions for names and their answers, as programs and a resolver exchange them over UDP
// (RFC 1035).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sunder {

struct DnsQuestion {
  std::uint16_t id = 0;
  std::string name;         // in small letters, without the last dot
  bool of_address4 = false;  // it asks for IPv4 addresses
  std::string bytes{};      // how the message says it
};

/// The first question of a message; none: it is no question, or torn.
std::optional<DnsQuestion> dns_question_in(std::string_view message);
std::string dns_question(std::uint16_t id, std::string_view name);

struct DnsAnswer {
  std::uint16_t id = 0;
  bool no_such_name = false;  // NXDOMAIN
  std::string address{};      // IPv4 as text; empty: the name has none
};
/// An answer to this question. REQUIRES: answer.address is empty or IPv4
std::string dns_message(const DnsQuestion& question, const DnsAnswer& answer);
/// What a message to whoever asked dns_question() says; none: it is no answer, or torn.
std::optional<DnsAnswer> dns_answer_in(std::string_view message);

}  // namespace sunder
