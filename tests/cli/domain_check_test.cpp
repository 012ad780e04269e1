// Domain checks on files as a user names them: a datatype and the check as --consistency.

#include <gtest/gtest.h>

#include "tests/cli/support/command.h"

namespace sunder {
namespace {

/// Calls one after the other, as "verb argument = answer". The last answer makes the difference.
struct Case {
  std::string datatype;
  std::string check;
  std::string set;  // an option, or nothing
  std::vector<std::string> calls;
  std::string good;
  std::string bad;
};

std::vector<Case> cases() {
  std::vector<std::string> enqueues{"enqueue 1 = 1", "enqueue 2 = 2", "drain nil ="};
  std::string transfer = "transfer {:from 0, :to 1, :amount 2} = nil";
  std::string sends = "send [[:send 3 17] [:send 3 18]] = [[:send 3 [4 17]] [:send 3 [5 18]]]";
  return {
      {"g-set", "set", "", {"add 1 = 1", "read nil ="}, "[1]", "[]"},
      {"g-set", "set-full", "linearizable=false", {"add 1 = 1", "read nil ="}, "[1]", "[1 1]"},
      {"g-set", "causal-reverse", "", {"write 1 = 1", "write 2 = 2", "read nil ="}, "[2 1]", "[2]"},
      {"counter", "counter", "initial=5", {"add -2 = nil", "read nil ="}, "3", "5"},
      {"counter", "monotonic", "", {"add 2 = nil", "read nil = 2", "read nil ="}, "2", "1"},
      {"unique-ids", "unique-ids", "", {"generate nil = 1", "generate nil ="}, "2", "1"},
      {"unordered-queue", "queue", "", enqueues, "[2]", "[2 2]"},
      {"unordered-queue", "total-queue", "", enqueues, "[2 1]", "[2]"},
      {"fifo-queue", "fifo-order", "", enqueues, "[1 2]", "[2 1]"},
      {"priority-queue", "priority-order", "first=largest", enqueues, "[2 1]", "[1 2]"},
      {"mutex", "mutex", "", {"acquire nil = nil", "acquire nil ="}, "false", "true"},
      {"owner-lock", "mutex", "", {"acquire nil = nil", "release nil ="}, "nil", ""},
      {"semaphore", "semaphore", "permits=2", {"acquire 2 = 2", "acquire 1 ="}, "false", "1"},
      {"fenced-mutex", "fenced-lock", "", {"acquire 7 = 3", "acquire 8 ="}, "4", "3"},
      {"lease", "lease", "drift=1ms", {"acquire 7 = 1000", "acquire 8 ="}, "1000", ""},
      {"bank", "bank", "accounts=2", {transfer, "read nil ="}, "{0 98, 1 2}", "{0 98, 1 0}"},
      {"multi-register",
       "long-fork",
       "",
       {"write [[:w 1 1]] = nil", "read [[:r 1 nil] [:r 2 nil]] ="},
       "[[:r 1 1] [:r 2 nil]]",
       "[[:r 1 nil] [:r 2 1]]"},
      {"kafka",
       "kafka",
       "allow=poll-skip",
       {sends, "poll [[:poll]] ="},
       "[[:poll {3 [[4 17] [5 18]]}]]",
       "[[:poll {3 [[5 18]]}]]"},
      {"timestamp-oracle", "timestamp-oracle", "", {"ts nil = 7", "ts nil ="}, "8", "6"},
  };
}

std::string history(const std::vector<std::string>& calls, const std::string& last) {
  std::string text;
  int time = 0;
  for (const std::string& call : calls) {
    std::size_t verb = call.find(' ');
    std::size_t equals = call.rfind('=');
    std::string answer = call.substr(equals + 1);
    if (answer.empty()) answer = last;
    auto line = [&](const char* type, const std::string& value) {
      text += "{:process 0, :type :" + std::string(type) + ", :f :" + call.substr(0, verb) +
              ", :value " + value + ", :time " + std::to_string(time++) + "}\n";
    };
    line("invoke", call.substr(verb + 1, equals - verb - 1));
    line("ok", answer);
  }
  return text;
}

int exit_code(const Case& one, const std::string& text, std::string& said) {
  ScratchFolder folder;
  folder.write("history.edn", text);
  std::vector<std::string> command{built("sunder"), "check",         "history.edn", "--datatype",
                                   one.datatype,    "--consistency", one.check,     "--no-keyed"};
  if (!one.set.empty()) command.insert(command.end(), {"--set", one.set});
  CommandResult result = run_program(command, folder.path());
  said = result.out + result.err;
  return result.exit_code;
}

TEST(DomainCheckFiles, are_judged_by_every_check) {
  for (const Case& one : cases()) {
    std::string said;
    EXPECT_EQ(exit_code(one, history(one.calls, one.good), said), one.check == "lease" ? 2 : 0)
        << one.check << " " << one.datatype << "\n"
        << said;
    if (one.bad.empty()) continue;
    EXPECT_EQ(exit_code(one, history(one.calls, one.bad), said), 1)
        << one.check << " " << one.datatype << "\n"
        << said;
    // An id may be any value, and so may what a lock without owners answers.
    if (one.check == "unique-ids" || one.datatype == "mutex") continue;
    EXPECT_EQ(exit_code(one, history(one.calls, "{:no [sense]}"), said), 2)
        << one.check << " " << one.datatype << "\n"
        << said;
  }
}

}  // namespace
}  // namespace sunder
