// Names that cannot be looked up, against an imagined cluster.

#include <gtest/gtest.h>

#include "catalogue/nemesis.h"
#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {
namespace {

class Dns : public testing::Test {
 protected:
  Dns() {
    Registry<Nemesis> all;
    add_all_nemesis(all);
    nemesis_ = *all.find("dns");
  }
  Outcome begin(const char* how) {
    Map value;
    value["targets"] = "n2";
    value["how"] = how;
    return cluster_.apply(nemesis_, rng_, "start-dns", Value(value));
  }
  Outcome end() { return cluster_.apply(nemesis_, rng_, "stop-dns"); }

  Rng rng_{3, Stream::of("test")};
  FakeCluster cluster_{3};
  Nemesis nemesis_;
};

TEST_F(Dns, IsConfirmedByWhatTheNodeIsTold) {
  for (const char* how : {"missing", "slow", "wrong"}) {
    Outcome begun = begin(how);
    EXPECT_EQ(begun.phase, Phase::ok) << to_json(begun.value);
    EXPECT_EQ(begun.value.find("targets")->list().size(), 1u);
    Outcome ended = end();
    EXPECT_EQ(ended.phase, Phase::ok) << to_json(ended.value);
    const Value* asked = ended.value.find("evidence")->find("questions_meanwhile");
    EXPECT_EQ(asked->find("n2")->integer(), 5);
  }
}

TEST_F(Dns, IsNotConfirmedWhenTheNodeIsToldRight) {
  cluster_.dead = true;
  Outcome begun = begin("wrong");
  EXPECT_EQ(begun.phase, Phase::info);
  EXPECT_EQ(begun.value.find("evidence")->find("unlike")->list().size(), 3u);
}

TEST_F(Dns, IsNotOverWhileANodeIsToldWrong) {
  ASSERT_EQ(begin("missing").phase, Phase::ok);
  cluster_.dead = true;
  EXPECT_EQ(end().phase, Phase::info);
}

}  // namespace
}  // namespace sunder
