// Checking files as a user does: what the file itself tells need not be said.

#include <gtest/gtest.h>

#include "tests/cli/support/command.h"

namespace sunder {
namespace {

CommandResult check(const std::string& text, const std::vector<std::string>& flags) {
  ScratchFolder folder;
  folder.write("history", text);
  std::vector<std::string> command{built("sunder"), "check", "history"};
  command.insert(command.end(), flags.begin(), flags.end());
  return run_program(command, folder.path());
}

const std::string failed_cas =
    "INFO  jepsen.util - 0\t:invoke\t:write\t1\n"
    "INFO  jepsen.util - 0\t:ok\t:write\t1\n"
    "INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]\n"
    "INFO  jepsen.util - 1\t:fail\t:cas\t[1 2]\n";

TEST(Check, logs_of_etcd_are_judged_with_failed_cas_as_observations) {
  EXPECT_EQ(check(failed_cas, {}).exit_code, 1);
  EXPECT_EQ(check(failed_cas, {"--format", "etcd-log", "--datatype", "etcd"}).exit_code, 1);
  EXPECT_EQ(check(failed_cas, {"--failed-cas", "ignored"}).exit_code, 0);
  EXPECT_EQ(check(failed_cas, {"--datatype", "cas-register"}).exit_code, 0);
  EXPECT_EQ(check(failed_cas, {"--datatype", "register"}).exit_code, 2);
}

TEST(Check, key_value_files_are_judged_key_by_key) {
  auto lines = [](const std::string& found) {
    return "{:process 0, :type :invoke, :f :append, :key \"1\", :value \"a\"}\n"
           "{:process 0, :type :ok, :f :append, :key \"1\", :value \"a\"}\n"
           "{:process 0, :type :invoke, :f :append, :key \"2\", :value \"b\"}\n"
           "{:process 0, :type :ok, :f :append, :key \"2\", :value \"b\"}\n"
           "{:process 1, :type :invoke, :f :get, :key \"2\", :value nil}\n"
           "{:process 1, :type :ok, :f :get, :key \"2\", :value \"" +
           found + "\"}\n";
  };
  CommandResult good = check(lines("b"), {});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_NE(good.out.find("on 2 keys"), std::string::npos) << good.out;
  EXPECT_EQ(good.err, "");
  EXPECT_EQ(check(lines("ab"), {}).exit_code, 1);
}

}  // namespace
}  // namespace sunder
