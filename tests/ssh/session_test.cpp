// Sessions with a real SSH server on loopback.

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "harness/real/ssh/on_all.h"
#include "harness/real/ssh/session.h"
#include "harness/real/ssh/transfer.h"
#include "tests/ssh/support/sshd.h"

namespace sunder {
namespace {

constexpr Duration limit = std::chrono::seconds(10);

class SessionTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!no_sshd_here().empty()) GTEST_SKIP() << no_sshd_here();
    sshd_ = std::make_unique<Sshd>(Sshd::Place{.port = 2201});
  }
  std::unique_ptr<SshSession> open() { return open(sshd_->host()); }
  std::unique_ptr<SshSession> open(const SshHost& host) {
    auto session = SshSession::open(host, limit);
    EXPECT_TRUE(session) << session.error().context;
    return session ? *std::move(session) : nullptr;
  }
  static std::string refusal(const SshHost& host) {
    auto session = SshSession::open(host, limit);
    return session ? "no error" : session.error().context;
  }
  SshHost with_password(const char* user) {
    SshHost host = sshd_->host();
    host.user = user;
    host.keys.clear();
    host.password_file = sshd_->folder() / "password";
    std::ofstream(host.password_file) << test_password << '\n';
    return host;
  }
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  std::unique_ptr<Sshd> sshd_;
};

TEST_F(SessionTest, RunsAProgramAndTellsItsStreamsApart) {
  auto session = open();
  ASSERT_NE(session, nullptr);
  auto end = session->exec({.command = {"sh", "-c", "echo out; echo err >&2; exit 7"}});
  ASSERT_TRUE(end) << end.error().context;
  EXPECT_EQ(end->code, 7);
  EXPECT_EQ(end->out, "out\n");
  EXPECT_EQ(end->err, "err\n");
  auto killed = session->exec({.command = {"sh", "-c", "kill -9 $$"}});
  ASSERT_TRUE(killed);
  EXPECT_EQ(killed->signal, "KILL");
}

TEST_F(SessionTest, ArgumentsArriveAsTheyAre) {
  auto session = open();
  ASSERT_NE(session, nullptr);
  std::vector<std::string> words = {"printf", "%s|", "a b", "", "it's", "$HOME", "`x`", "\\", "*",
                                    "\n"};
  auto out = session->output_of({.command = words});
  ASSERT_TRUE(out) << out.error().context;
  EXPECT_EQ(*out, "a b||it's|$HOME|`x`|\\|*|\n|");
}

TEST_F(SessionTest, MovesMegabytesBothWaysAtOnce) {
  auto session = open();
  ASSERT_NE(session, nullptr);
  std::string sent;
  int parts = 40;
  SshExec exec{.command = {"cat"}};
  exec.input = [&] {
    if (parts-- == 0) return std::string();
    std::string part(100'000, static_cast<char>('a' + parts % 26));
    sent += part;
    return part;
  };
  auto end = session->exec(exec);
  ASSERT_TRUE(end) << end.error().context;
  EXPECT_EQ(end->out.size(), 4'000'000u);
  EXPECT_TRUE(end->out == sent);
}

TEST_F(SessionTest, AProgramThatDoesNotEndIsGivenUp) {
  auto session = open();
  ASSERT_NE(session, nullptr);
  auto begun = std::chrono::steady_clock::now();
  auto end = session->exec(
      {.command = {"sleep", "60"}, .time_limit = std::chrono::milliseconds(300)});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Error::Code::timed_out);
  EXPECT_TRUE(contains(end.error().context, "sleep on root@127.0.0.1:2201 did not end"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(3));
}

TEST_F(SessionTest, ChecksTheKeyOfTheHost) {
  SshHost strict = sshd_->host();
  strict.key_check = SshHost::KeyCheck::strict;
  EXPECT_TRUE(contains(refusal(strict), "is not in")) << refusal(strict);
  EXPECT_TRUE(contains(refusal(strict), "ssh-keyscan"));
  ASSERT_NE(open(sshd_->host()), nullptr);  // accepted because it is new, and kept
  ASSERT_NE(open(strict), nullptr);         // so that it is known now
  // Another host answers at the same address.
  std::ifstream file(test_keys() / "stranger.pub");
  std::string stranger{std::istreambuf_iterator<char>(file), {}};
  std::ofstream(strict.known_hosts.front()) << "[127.0.0.1]:2201 " << stranger;
  EXPECT_TRUE(contains(refusal(strict), "is not the one in")) << refusal(strict);
  EXPECT_TRUE(contains(refusal(sshd_->host()), "is not the one in"));
  SshHost lax = sshd_->host();
  lax.key_check = SshHost::KeyCheck::off;
  EXPECT_NE(open(lax), nullptr);
}

TEST_F(SessionTest, SaysWhyAnRsaKeyFailsAndNamesTheCure) {
  SshHost host = sshd_->host();
  host.keys = {test_keys() / "rsa"};
  std::string why = refusal(host);
  if (why == "no error") GTEST_SKIP() << "this libssh2 can use RSA keys";
  EXPECT_TRUE(contains(why, "an RSA key")) << why;
  EXPECT_TRUE(contains(why, "ssh-keygen -t ed25519")) << why;
  host.keys.push_back(test_keys() / "ed25519");
  EXPECT_NE(open(host), nullptr);
}

TEST_F(SessionTest, SaysWhyOtherKeysFail) {
  SshHost host = sshd_->host();
  host.keys = {test_keys() / "stranger", test_keys() / "locked", "/no/such/key"};
  std::string why = refusal(host);
  EXPECT_TRUE(contains(why, "stranger (the host refused it)")) << why;
  EXPECT_TRUE(contains(why, "locked (it has a passphrase")) << why;
  EXPECT_TRUE(contains(why, "/no/such/key (the file cannot be read)")) << why;
}

TEST_F(SessionTest, LogsInByPasswordFromAFile) {
  SshHost host = with_password(test_user);
  auto session = open(host);
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(*session->output_of({.command = {"id", "-un"}}), "tester\n");
  std::ofstream(host.password_file) << "wrong\n";
  EXPECT_TRUE(contains(refusal(host), "(the host refused it)")) << refusal(host);
}

TEST_F(SessionTest, BecomesRootThroughSudoOrSaysWhyNot) {
  if (::access("/usr/bin/sudo", X_OK) != 0) GTEST_SKIP() << "sudo is not installed";
  auto session = open(with_password(test_user));
  ASSERT_NE(session, nullptr);
  auto who = session->output_of({.command = {"id", "-un"}, .as_root = true});
  ASSERT_TRUE(who) << who.error().context;
  EXPECT_EQ(*who, "root\n");
  auto plain = open(with_password(plain_user));
  ASSERT_NE(plain, nullptr);
  auto refused = plain->output_of({.command = {"id", "-un"}, .as_root = true});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(contains(refused.error().context, "sudo without a password"))
      << refused.error().context;
}

TEST_F(SessionTest, NamesTheHostThatDoesNotAnswer) {
  SshHost host = sshd_->host();
  host.port = 2;
  EXPECT_TRUE(contains(refusal(host), "cannot connect to root@127.0.0.1:2")) << refusal(host);
  host.address = "no-such-host.invalid";
  EXPECT_TRUE(contains(refusal(host), "cannot find the host no-such-host.invalid"));
}

TEST_F(SessionTest, ALostConnectionIsAnErrorAndANewOneWorks) {
  auto session = open();
  ASSERT_NE(session, nullptr);
  ASSERT_TRUE(session->output_of({.command = {"true"}}));
  // The server of this connection ends itself.
  auto lost = session->exec({.command = {"sh", "-c", "kill -9 $PPID; sleep 60"}});
  EXPECT_FALSE(lost);
  EXPECT_FALSE(session->exec({.command = {"true"}, .time_limit = std::chrono::seconds(2)}));
  auto again = open();
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(again->output_of({.command = {"true"}}));
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(SessionTest, UploadsOnceAndTakesUpWhatBrokeOff) {
  TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += std::to_string(i) + ' ';
  std::ofstream(folder.path() / "from") << text;
  auto session = open();
  ASSERT_NE(session, nullptr);
  SshUpload what{folder.path() / "from", folder.path() / "deep/er/to", true};
  auto first = upload(*session, what);
  ASSERT_TRUE(first) << first.error().context;
  EXPECT_EQ(first->sent, text.size());
  EXPECT_EQ(bytes_of(what.remote), text);
  EXPECT_EQ(std::filesystem::status(what.remote).permissions(), std::filesystem::perms(0755));
  EXPECT_EQ(upload(*session, what)->sent, 0u);  // it is there

  // A part of it is there already, as a lost connection leaves one.
  std::string part = what.remote + ".part-" + *sha256_of(what.local);
  std::filesystem::remove(what.remote);
  std::ofstream(part) << text.substr(0, 1'000'000);
  EXPECT_EQ(upload(*session, what)->sent, text.size() - 1'000'000);
  EXPECT_EQ(bytes_of(what.remote), text);

  // A part that has gone bad does not get through.
  std::filesystem::remove(what.remote);
  std::ofstream(part) << std::string(1000, 'x');
  EXPECT_EQ(upload(*session, what)->sent, 2 * text.size() - 1000);
  EXPECT_EQ(bytes_of(what.remote), text);
  EXPECT_FALSE(std::filesystem::exists(part));
}

TEST_F(SessionTest, FetchesFilesAndTellsOfThoseThatAreNotThere) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "log") << "line\n";
  auto session = open();
  ASSERT_NE(session, nullptr);
  std::string there = folder.path() / "log";
  ASSERT_TRUE(download(*session, there, folder.path() / "got", false, limit));
  EXPECT_EQ(bytes_of(folder.path() / "got"), "line\n");
  Status none = download(*session, there + "2", folder.path() / "none", false, limit);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Error::Code::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "none"));
}

TEST_F(SessionTest, WorksOnManyHostsAtOnce) {
  auto begun = std::chrono::steady_clock::now();
  Status done = on_all(6, [&](std::size_t i) -> Status {
    auto session = SshSession::open(sshd_->host(), limit);
    if (!session) return session.error();
    auto out = (*session)->output_of({.command = {"sh", "-c", "sleep 0.5; echo $1", "sh",
                                                  std::to_string(i)}});
    if (!out) return out.error();
    bool mine = *out == std::to_string(i) + "\n";
    return mine ? Status(Done{}) : Status(Error{Error::Code::refused, *out});
  });
  EXPECT_TRUE(done) << done.error().context;
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(2800));
}

}  // namespace
}  // namespace sunder
