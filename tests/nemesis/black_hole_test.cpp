// The MTU black hole against an imagined cluster: large frames vanish, small ones do not.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

class BlackHole : public testing::Test {
 protected:
  BlackHole() {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    nemesis_ = *all.find("black-hole");
    intention_["targets"] = "n2";
    intention_["bytes"] = 500;
  }
  Outcome begin() { return cluster_.apply(nemesis_, rng_, "start-black-hole", intention_); }
  Outcome end() { return cluster_.apply(nemesis_, rng_, "stop-black-hole"); }

  Rng rng_{3, Stream::of("test")};
  FakeCluster cluster_{3};
  Nemesis nemesis_;
  Map intention_;
};

TEST_F(BlackHole, IsConfirmedWhenOnlyLargeFramesVanish) {
  Outcome begun = begin();
  EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
  EXPECT_EQ(begun.value.find("targets")->list().size(), 4u) << "to and from n2";
  EXPECT_EQ(begun.value.find("evidence")->find("swallow_large")->integer(), 4);
  EXPECT_EQ(end().phase, Phase::ok);
  EXPECT_TRUE(cluster_.link_rules().empty());
}

TEST_F(BlackHole, IsNotConfirmedWhenNothingVanishes) {
  cluster_.dead = true;
  Outcome begun = begin();
  EXPECT_EQ(begun.phase, Phase::info);
  EXPECT_EQ(begun.value.find("evidence")->find("leaked")->list().size(), 4u);
}

TEST_F(BlackHole, IsNotConfirmedOnALinkThatIsGone) {
  cluster_.broken = {{NodeId::node(0), NodeId::node(1)}};
  Outcome begun = begin();
  EXPECT_EQ(begun.phase, Phase::info) << "small frames vanish there, too";
  EXPECT_EQ(begun.value.find("evidence")->find("swallow_small")->list().size(), 1u);
}

TEST_F(BlackHole, IsNotOverWhileOneLinkStillSwallows) {
  ASSERT_EQ(begin().phase, Phase::ok);
  cluster_.dead = true;
  EXPECT_EQ(end().phase, Phase::info);
}

}  // namespace
}  // namespace sunder
