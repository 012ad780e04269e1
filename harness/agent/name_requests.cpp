// What an agent is asked about the resolver that its node asks for names.

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>

#include "harness/agent/agent.h"
#include "harness/agent/fields.h"
#include "harness/faultkit/name_files.h"

namespace sunder {
namespace {

std::optional<Resolver::Manner> manner_named(const std::string& name) {
  if (name == "right") return Resolver::Manner::right;
  if (name == "missing") return Resolver::Manner::missing;
  if (name == "slow") return Resolver::Manner::slow;
  if (name == "wrong") return Resolver::Manner::wrong;
  return {};
}

/// A host has resolvers of its own, on other addresses of its loopback.
constexpr const char* host_resolver = "127.53.53.53";

NameFiles name_files(const HostPlace& host) {
  return {host.folder.path, "127.0.0.1 localhost\n::1 localhost\n", host_resolver};
}

bool is_address4(const std::string& address) {
  in_addr parsed{};
  return ::inet_pton(AF_INET, address.c_str(), &parsed) == 1;
}

}  // namespace

/// Of a host's agent: its node finds the others by names that we answer for, as nobody else on the
/// host does.
Status Agent::answer_for_names(std::vector<std::string> addresses) {
  if (!std::all_of(addresses.begin(), addresses.end(), is_address4)) {
    return Error{Error::Code::environment, "faults of names need IPv4 addresses of the nodes"};
  }
  if (::access("/run/nscd/socket", F_OK) == 0) {
    return Error{Error::Code::environment,
                 "nscd looks names up in the nodes' place here; stop it for the run"};
  }
  if (Status left = leave_mounts(); !left) return left;
  if (Status covered = cover_name_files(name_files(*host_)); !covered) return covered;
  Result<Resolver> resolver = Resolver::open(std::move(addresses), host_resolver);
  if (!resolver) return resolver.error();
  resolver_.emplace(*std::move(resolver));
  return Done{};
}

void Agent::leave_names() {
  if (has_own_mounts_) uncover_name_files(name_files(*host_));
}

bool Agent::speaks_of_names(const std::string& act) {
  return act == "bend-names" || act == "ask-names" || act == "heard-names";
}

Result<Agent::Answer> Agent::carry_out_on_names(const std::string& act, const Value& request) {
  if (!resolver_) return Error{Error::Code::refused, "this node asks no resolver of ours"};
  Answer answer;
  if (act == "bend-names") {
    std::optional<Resolver::Manner> manner = manner_named(text_of(request, "manner"));
    if (!manner) return Error{Error::Code::malformed, "a resolver knows no such manner"};
    bool bends = *manner != Resolver::Manner::right;
    if (host_ && bends && !lease_end_) return no_lease_error();
    if (host_ && bends) {  // the host may have come by new files meanwhile
      if (Status covered = cover_name_files(name_files(*host_)); !covered) return covered.error();
    }
    resolver_->behave(*manner, Duration{integer_of(request, "delay_ns")});
  } else if (act == "ask-names") {
    resolver_->ask();
  } else {
    resolver_->serve();
    List heard;  // flat, three entries each
    for (const Resolver::Heard& one : resolver_->heard()) {
      heard.emplace_back(std::int64_t{one.node});
      heard.emplace_back(one.address);
      heard.emplace_back(std::int64_t{one.took.count()});
    }
    answer.fields["heard"] = std::move(heard);
    answer.fields["asked"] = resolver_->asked();
  }
  return answer;
}

}  // namespace sunder
