// Traces as nodes leave them, put together and shown to the invariants.

#include <gtest/gtest.h>

#include <fstream>

#include "harness/real/lab/traces.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

/// Breaks whenever a number shrinks, and says whose op that was.
class NeverShrinks final : public Invariants {
 public:
  std::optional<BrokenInvariant> observe(NodeId, Instant, const Event& event) override {
    std::int64_t before = std::exchange(last_, event.at("sum"));
    if (before <= last_) return {};
    return BrokenInvariant{"it shrank", {{event.at("op"), "its number was lower"}}};
  }

 private:
  std::int64_t last_ = 0;
};

class Traces : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / "sunder-traces";
    fs::create_directories(folder_);
    system_.make_invariants = [] { return std::make_unique<NeverShrinks>(); };
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  MergedTraces merge(const std::vector<fs::path>& files) {
    std::vector<TraceSource> sources;
    for (const fs::path& file : files) sources.push_back({file, 1000});
    Result<MergedTraces> merged = merge_traces(sources, folder_ / "merged", system_);
    EXPECT_TRUE(merged) << merged.error().context;
    return *merged;
  }

  fs::path folder_;
  System system_;
};

TEST_F(Traces, BrokenInvariantsKeepTheOpsThatTheyConcern) {
  fs::path one = file("one", R"({"time":3000,"node":"n1","event":"added","sum":5,"op":7})"
                             "\n"
                             R"({"time":5000,"node":"n1","event":"probe","text":"rare"})"
                             "\n");
  fs::path two = file("two", R"({"time":4000,"node":"n2","event":"added","sum":4,"op":9})"
                             "\n"
                             R"({"time":4500,"node":"n2","event":"killed"})"
                             "\n{\"time\":");
  MergedTraces merged = merge({one, two, folder_ / "missing"});
  ASSERT_EQ(merged.broken_invariants.size(), 1u);
  const BrokenInvariant& broken = merged.broken_invariants.front();
  EXPECT_EQ(broken.sentence, "at 3us on n2: it shrank");
  ASSERT_EQ(broken.ops.size(), 1u);
  EXPECT_EQ(broken.ops.front().op, 9);
  EXPECT_EQ(broken.ops.front().fate, "its number was lower");
}

// Neither probes nor what happens to processes is the protocol's own word.
TEST_F(Traces, OnlyTheProtocolsOwnEventsAreWatched) {
  fs::path one = file("one", R"({"time":3000,"node":"n1","event":"added","sum":5,"op":7})"
                             "\n"
                             R"({"time":5000,"node":"n1","event":"probe","text":"rare"})"
                             "\n"
                             R"({"time":6000,"node":"n1","event":"killed"})"
                             "\n");
  MergedTraces merged = merge({one});
  EXPECT_EQ(merged.events, 3u);
  EXPECT_EQ(merged.watched, 1u);
  EXPECT_EQ(merged.probes.at("rare"), 1u);
  EXPECT_TRUE(merged.broken_invariants.empty());
}

}  // namespace
}  // namespace sunder
