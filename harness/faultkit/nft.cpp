#include "harness/faultkit/nft.h"

#include <arpa/inet.h>

#include "harness/faultkit/tool.h"

namespace sunder {
namespace {

constexpr Duration load_limit = std::chrono::seconds(5);

bool is_address(int family, const std::string& text) {
  in6_addr room{};
  return ::inet_pton(family, text.c_str(), &room) == 1;
}

}  // namespace

Result<AddressesByFamily> by_family(const std::vector<std::string>& addresses) {
  AddressesByFamily found;
  for (const std::string& address : addresses) {
    if (is_address(AF_INET, address)) {
      found.v4.push_back(address);
    } else if (is_address(AF_INET6, address)) {
      found.v6.push_back(address);
    } else {
      return Error{Error::Code::malformed, "'" + address + "' is not an address"};
    }
  }
  return found;
}

std::string nft_elements(const std::vector<std::string>& elements) {
  std::string text;
  for (const std::string& element : elements) text += (text.empty() ? "{ " : ", ") + element;
  return text + " }";
}

std::string nft_elements(const std::vector<std::uint16_t>& elements) {
  std::vector<std::string> texts;
  for (std::uint16_t element : elements) texts.push_back(std::to_string(element));
  return nft_elements(texts);
}

// Adding first makes deleting safe when there is none.
std::string nft_without_table(std::string_view table) {
  std::string name(table);
  return "add table inet " + name + "\ndelete table inet " + name + "\n";
}

Status run_nft(const std::string& script, std::string_view purpose, bool only_check) {
  std::vector<std::string> command = {"nft"};
  if (only_check) command.emplace_back("--check");
  command.insert(command.end(), {"-f", "-"});
  Result<std::string> done = run_tool(command, script, load_limit);
  if (done) return Done{};
  return Error{done.error().code,
               "cannot " + std::string(purpose) + ": " + done.error().context};
}

}  // namespace sunder
