#include "harness/faultkit/dns.h"

#include <arpa/inet.h>

#include <array>
#include <cctype>

namespace sunder {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t class_internet = 1;
constexpr unsigned is_answer = 0x8000;
constexpr unsigned with_authority = 0x0400;
constexpr unsigned recursion_wished = 0x0100;
constexpr unsigned recursion_offered = 0x0080;
constexpr unsigned code_bits = 0x000f;
constexpr unsigned no_such_name = 3;
constexpr unsigned pointer_bits = 0xc0;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint16_t short_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

void put_short(std::string& bytes, unsigned value) {
  bytes.push_back(static_cast<char>(value >> 8 & 0xff));
  bytes.push_back(static_cast<char>(value & 0xff));
}

std::string header(std::uint16_t id, unsigned flags, unsigned answers) {
  std::string bytes;
  put_short(bytes, id);
  put_short(bytes, flags);
  for (unsigned count : {1U, answers, 0U, 0U}) put_short(bytes, count);
  return bytes;
}

/// Where a name that is spelled out ends, its letters on the way; 0: it is torn.
std::size_t read_name(std::string_view message, std::size_t at, std::string& name) {
  while (at < message.size()) {
    std::size_t length = byte_at(message, at++);
    if (length == 0) return at;
    if ((length & pointer_bits) != 0 || at + length > message.size()) return 0;
    if (!name.empty()) name += '.';
    for (char letter : message.substr(at, length)) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
    at += length;
  }
  return 0;
}

}  // namespace

std::optional<DnsQuestion> dns_question_in(std::string_view message) {
  if (message.size() < header_size) return {};
  DnsQuestion question{.id = short_at(message, 0)};
  if ((short_at(message, 2) & is_answer) != 0 || short_at(message, 4) == 0) return {};
  std::size_t end = read_name(message, header_size, question.name);
  if (end == 0 || end + 4 > message.size()) return {};
  question.of_address4 =
      short_at(message, end) == type_a && short_at(message, end + 2) == class_internet;
  question.bytes = message.substr(header_size, end + 4 - header_size);
  return question;
}

std::string dns_question(std::uint16_t id, std::string_view name) {
  std::string bytes = header(id, recursion_wished, 0);
  while (!name.empty()) {
    std::string_view label = name.substr(0, name.find('.'));
    bytes.push_back(static_cast<char>(label.size()));
    bytes += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  bytes.push_back('\0');
  put_short(bytes, type_a);
  put_short(bytes, class_internet);
  return bytes;
}

std::string dns_message(const DnsQuestion& question, const DnsAnswer& answer) {
  unsigned flags = is_answer | with_authority | recursion_wished | recursion_offered;
  if (answer.no_such_name) flags |= no_such_name;
  in_addr address{};
  bool known = ::inet_pton(AF_INET, answer.address.c_str(), &address) == 1;
  std::string bytes = header(question.id, flags, known ? 1 : 0) + question.bytes;
  if (!known) return bytes;
  put_short(bytes, pointer_bits << 8 | header_size);  // the name of the question
  put_short(bytes, type_a);
  put_short(bytes, class_internet);
  put_short(bytes, 0);  // nobody may remember it
  put_short(bytes, 0);
  put_short(bytes, sizeof address);
  return bytes.append(reinterpret_cast<const char*>(&address), sizeof address);
}

std::optional<DnsAnswer> dns_answer_in(std::string_view message) {
  if (message.size() < header_size || (short_at(message, 2) & is_answer) == 0) return {};
  DnsAnswer answer{.id = short_at(message, 0)};
  answer.no_such_name = (short_at(message, 2) & code_bits) == no_such_name;
  if (short_at(message, 6) == 0) return answer;
  std::string name;
  std::size_t at = read_name(message, header_size, name);
  constexpr std::size_t question_end = 4;
  constexpr std::size_t record = 12;  // pointer, type, class, age, length
  std::size_t begin = at + question_end + record;
  if (at == 0 || begin + sizeof(in_addr) > message.size()) return {};
  std::array<char, INET_ADDRSTRLEN> text{};
  if (::inet_ntop(AF_INET, message.data() + begin, text.data(), text.size()) == nullptr) return {};
  answer.address = text.data();
  return answer;
}

}  // namespace sunder
