// The files that name hosts.

#include <gtest/gtest.h>

#include "harness/real/ssh/hosts_file.h"

namespace sunder {
namespace {

SshDefaults defaults() { return {"me", {"/home/me/key"}, {"/home/me/known"}}; }

std::string error_of(const Result<SshHosts>& parsed) {
  return parsed ? "no error" : parsed.error().context;
}

TEST(HostsFile, ReadsAHostALine) {
  auto parsed = parse_hosts("# ours\nalpha\n10.0.0.2 2222 admin /keys/a  # the second\n"
                            "beta - - \"/my keys/b\" host-keys=accept-new node-address=10.0.0.3\n",
                            "hosts", defaults());
  ASSERT_TRUE(parsed) << error_of(parsed);
  ASSERT_EQ(parsed->hosts.size(), 3u);
  const SshHost& alpha = parsed->hosts[0];
  EXPECT_EQ(to_string(alpha), "me@alpha:22");
  EXPECT_EQ(alpha.keys.front(), "/home/me/key");
  EXPECT_EQ(alpha.key_check, SshHost::KeyCheck::strict);
  EXPECT_FALSE(alpha.keys_only);
  EXPECT_EQ(to_string(parsed->hosts[1]), "admin@10.0.0.2:2222");
  EXPECT_TRUE(parsed->hosts[1].keys_only);
  const SshHost& beta = parsed->hosts[2];
  EXPECT_EQ(to_string(beta), "me@beta:22");
  EXPECT_EQ(beta.keys.front(), "/my keys/b");
  EXPECT_EQ(beta.node_address, "10.0.0.3");
  EXPECT_EQ(beta.key_check, SshHost::KeyCheck::accept_new);
  ASSERT_EQ(parsed->notes.size(), 1u);  // what is laxer than usual is said
  EXPECT_NE(parsed->notes[0].find("beta"), std::string::npos);
}

TEST(HostsFile, NamesFileAndLineOfWhatIsWrong) {
  auto wrong = [](const char* text) { return error_of(parse_hosts(text, "my hosts", defaults())); };
  EXPECT_TRUE(wrong("alpha\nbeta 70000\n").starts_with("my hosts:2: '70000' is no port"));
  EXPECT_TRUE(wrong("alpha \"open\n").starts_with("my hosts:2: ") ||
              wrong("alpha \"open\n").starts_with("my hosts:1: a quote"));
  EXPECT_TRUE(wrong("a\n\na 22\n").starts_with("my hosts:3: a stands there twice"));
  EXPECT_TRUE(wrong("a 22 me key more\n").starts_with("my hosts:1: expected"));
  EXPECT_TRUE(wrong("a password=secret\n").starts_with("my hosts:1: unknown setting 'password'"));
  EXPECT_TRUE(wrong("a host-keys=off\n").starts_with("my hosts:1: host-keys is strict or"));
  EXPECT_EQ(wrong("# nothing\n"), "my hosts: no host stands in it");
}

constexpr const char* vagrant = R"(Host n1
  HostName 192.168.121.5
  User vagrant
  Port 22
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  PasswordAuthentication no
  IdentityFile "/some where/private_key"
  IdentitiesOnly yes
  LogLevel FATAL

Host n2
  HostName=192.168.121.6
  Port = 2200
  StrictHostKeyChecking accept-new

Host *
  User everyone
  IdentityFile /shared
)";

TEST(SshConfig, HonoursAndAnnouncesWhatVagrantPrints) {
  auto parsed = parse_ssh_config(vagrant, "cfg", defaults());
  ASSERT_TRUE(parsed) << error_of(parsed);
  ASSERT_EQ(parsed->hosts.size(), 2u);
  const SshHost& first = parsed->hosts[0];
  EXPECT_EQ(first.name, "n1");
  EXPECT_EQ(to_string(first), "vagrant@192.168.121.5:22");  // the first value counts
  EXPECT_EQ(first.key_check, SshHost::KeyCheck::off);
  EXPECT_TRUE(first.keys_only);
  ASSERT_EQ(first.keys.size(), 2u);  // keys add up
  EXPECT_EQ(first.keys[0], "/some where/private_key");
  EXPECT_EQ(first.keys[1], "/shared");
  EXPECT_EQ(first.known_hosts.front(), "/dev/null");
  const SshHost& second = parsed->hosts[1];
  EXPECT_EQ(to_string(second), "everyone@192.168.121.6:2200");
  EXPECT_EQ(second.key_check, SshHost::KeyCheck::accept_new);
  EXPECT_EQ(second.known_hosts.front(), "/home/me/known");
  ASSERT_EQ(parsed->notes.size(), 2u);
  EXPECT_NE(parsed->notes[0].find("not checked"), std::string::npos);
}

TEST(SshConfig, ChecksHostKeysUnlessToldOtherwise) {
  auto parsed = parse_ssh_config("Host a\n", "cfg", defaults());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->hosts[0].key_check, SshHost::KeyCheck::strict);
  EXPECT_EQ(parsed->hosts[0].address, "a");
}

TEST(SshConfig, RefusesWhatWouldLeadElsewhere) {
  auto wrong = [](const char* text) { return error_of(parse_ssh_config(text, "c", defaults())); };
  EXPECT_TRUE(wrong("Host a\n  ProxyJump b\n").starts_with("c:2: 'proxyjump' is not supported"));
  EXPECT_EQ(wrong("Host a\n  ProxyCommand none\n"), "no error");
  EXPECT_TRUE(wrong("Include more\nHost a\n").starts_with("c:1: "));
  EXPECT_TRUE(wrong("Host a\n  Port x\n").starts_with("c:2: 'x' is no port"));
  EXPECT_TRUE(wrong("Host a\n  StrictHostKeyChecking maybe\n").starts_with("c:2: "));
  EXPECT_TRUE(wrong("Host a\n  User\n").starts_with("c:2: 'user' needs a value"));
  EXPECT_EQ(wrong("Host *\n  User x\n"), "c: no host stands in it");
}

}  // namespace
}  // namespace sunder
