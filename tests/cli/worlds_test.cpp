// Which faults each world has: what the command line says of it, and the README after it.

#include <gtest/gtest.h>

#include <fstream>

#include "harness/cli/catalogues.h"
#include "harness/cli/plan.h"
#include "tests/cli/support/command.h"

namespace sunder {
namespace {

RunRequest request(const std::string& world, const std::string& nemesis) {
  RunRequest request;
  request.system = "raft";
  request.world = world;
  request.nemeses = nemesis;
  return request;
}

TEST(Worlds, TheReadmeHasTheTableThatTheCommandPrints) {
  ScratchFolder folder;
  CommandResult result = run_program({built("sunder"), "list", "worlds"}, folder.path());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::ifstream readme(std::filesystem::path(SUNDER_SOURCE_DIR) / "README.md");
  std::string text{std::istreambuf_iterator<char>(readme), {}};
  EXPECT_NE(text.find(result.out), std::string::npos)
      << "put this into README.md, in place of its table of faults:\n"
      << result.out;
}

TEST(Worlds, AreSaidOfEachNemesis) {
  ScratchFolder folder;
  CommandResult result = run_program({built("sunder"), "list", "nemeses"}, folder.path());
  EXPECT_NE(result.out.find("kill               yes  yes  yes"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("memory *           -    root yes"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("disk *             -    root yes"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("bit-rot *          yes  root yes"), std::string::npos) << result.out;
}

TEST(Worlds, RefuseAFaultThatTheyLackAndNameTheOneThatHasIt) {
  Result<Plan> plan = make_plan(request("sim", "cpu"), all_catalogues());
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().context.find("cannot do 'cpu' faults; --world lab can; --world ssh can"),
            std::string::npos)
      << plan.error().context;
}

TEST(Worlds, RefuseWhatASystemCannotBeAskedForAndNameThoseThatCan) {
  RunRequest asked = request("sim", "members");
  asked.system = "abd";
  Result<Plan> plan = make_plan(asked, all_catalogues());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Error::Code::environment);
  EXPECT_EQ(plan.error().context,
            "abd cannot do 'members' faults, for which operators ask nodes to 'change-voters'; "
            "lock can; queue can; raft can");
}

TEST(Worlds, SetASystemToWhatItIsAskedFor) {
  Catalogues catalogues = all_catalogues();
  auto elastic = [&](RunRequest wanted) {
    Result<Plan> plan = make_plan(wanted, catalogues);
    EXPECT_TRUE(plan) << plan.error().context;
    return plan && plan->test.config.options.boolean("elastic");
  };
  EXPECT_FALSE(elastic(request("sim", "kill")));
  EXPECT_TRUE(elastic(request("sim", "kill,members")));
  RunRequest refused = request("sim", "members");
  refused.set = {"elastic=false"};
  EXPECT_FALSE(elastic(refused)) << "the last word is the user's";
}

TEST(Worlds, RefuseOptionsOfAFaultThatNeedMore) {
  RunRequest of_a_port = request("lab", "partition");
  of_a_port.set = {"partition.port=7000"};
  Result<Plan> plan = make_plan(of_a_port, all_catalogues());
  ASSERT_TRUE(plan) << plan.error().context;
  EXPECT_TRUE(plan->test.needs(Ability::transport));
  of_a_port.world = "sim";
  Result<Plan> simulated = make_plan(of_a_port, all_catalogues());
  ASSERT_FALSE(simulated);
  EXPECT_NE(simulated.error().context.find("with these options"), std::string::npos)
      << simulated.error().context;
}

TEST(Worlds, LetAStorePanicWhoseDataIsDamaged) {
  RunRequest damage = request("lab", "bit-rot");
  damage.system = "etcd";
  Result<Plan> plan = make_plan(damage, all_catalogues());
  ASSERT_TRUE(plan) << plan.error().context;
  EXPECT_FALSE(plan->log_patterns);
  damage.nemeses = "kill";
  plan = make_plan(damage, all_catalogues());
  ASSERT_TRUE(plan) << plan.error().context;
  EXPECT_TRUE(plan->log_patterns);
}

TEST(Worlds, CutThePowerOfMachinesButHaveNoSayInWhatThatLeaves) {
  RunRequest cut = request("ssh", "disk");
  cut.hosts = "hosts";
  cut.machines = "vagrant_";
  Result<Plan> plan = make_plan(cut, all_catalogues());
  ASSERT_TRUE(plan) << plan.error().context;
  auto refused = [](const RunRequest& asked) {
    Result<Plan> made = make_plan(asked, all_catalogues());
    return !made && made.error().context.find("--machines") != std::string::npos;
  };
  cut.nemeses = "disk,disk-error";
  EXPECT_TRUE(refused(cut));
  cut.nemeses = "disk";
  cut.set = {"disk.policy=torn-512"};
  EXPECT_TRUE(refused(cut));
  cut.machines.clear();
  EXPECT_FALSE(refused(cut)) << "disks of ours have a policy over SSH, too";
}

}  // namespace
}  // namespace sunder
