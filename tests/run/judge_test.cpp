// Who judges a run: the claim's checker, the workload's checks, and what was found in logs.

#include "harness/run/judge.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/run/log_patterns.h"

namespace sunder {
namespace {
namespace fs = std::filesystem;

/// Says what it is told, and keeps the options that it was given.
class Saying final : public Checker {
 public:
  Saying(Validity validity, std::string* seen) : validity_(validity), seen_(seen) {}
  void begin(const CheckContext& context) override {
    if (seen_ != nullptr) *seen_ = context.options.text("size");
  }
  void feed(const OpView&) override {}
  Verdict finish() override { return {.validity = validity_, .summary = "So it is."}; }

 private:
  Validity validity_;
  std::string* seen_;
};

CheckerEntry entry(const char* name, bool domain, Validity validity, std::string* seen = nullptr) {
  return {.name = name,
          .datatype = "thing",
          .consistency = domain ? "check" : "linearizable",
          .domain = domain,
          .options = {{"size", OptionSpec::Kind::integer, "1", ""}},
          .make = [=] { return std::make_unique<Saying>(validity, seen); }};
}

Options sized(const char* size) {
  return *Options::parse({{"size", OptionSpec::Kind::integer, "1", ""}}, {{"size", size}});
}

/// A run in which `verb` was answered once, and everything was healthy.
History healthy(const char* verb) {
  HistoryBuilder builder;
  auto both = [&](Process process, std::string_view name) {
    Op op{.process = process, .verb = std::string(name)};
    builder.add(op);
    op.phase = Phase::ok;
    builder.add(op);
  };
  Process control = Process::nemesis(0);
  both(control, verb_await_ready);
  both(Process{0}, verb);
  both(control, verb_verify_healed);
  both(control, verb_await_ready);
  return builder.take();
}

Verdict judged(const Judges& judges, const std::vector<std::string>& observing = {"read"},
               const char* verb = "read") {
  sunder::Test test;
  test.system.name = "system";
  test.observing_verbs = observing;
  History history = healthy(verb);
  WorldRecord record;
  return judge(RunEvidence{test, record, history}, judges, {});
}

TEST(Judge, checks_judge_beside_the_claim_with_their_own_options) {
  std::string seen;
  CheckerEntry claim = entry("claim", false, Validity::valid);
  CheckerEntry check = entry("check", true, Validity::valid, &seen);
  Judges judges{.claim = "linearizable", .checkers = {{&claim, sized("1")}, {&check, sized("8")}}};
  Verdict verdict = judged(judges);
  EXPECT_EQ(verdict.validity, Validity::valid) << verdict.summary;
  EXPECT_EQ(verdict.summary, "system kept its claim.");
  EXPECT_EQ(seen, "8");
  CheckerEntry refuting = entry("check", true, Validity::invalid);
  judges.checkers[1].entry = &refuting;
  EXPECT_EQ(judged(judges).validity, Validity::invalid);
}

TEST(Judge, a_claim_that_only_checks_speak_for_is_said_to_be_unchecked) {
  CheckerEntry check = entry("check", true, Validity::valid);
  Judges judges{.claim = "linearizable", .checkers = {{&check, sized("1")}}};
  Verdict verdict = judged(judges);
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_EQ(verdict.summary,
            "That system is linearizable was not checked: no checker decides it for these "
            "operations.");
  judges.checks_stand_for_claim = true;
  verdict = judged(judges);
  EXPECT_EQ(verdict.validity, Validity::valid);
  EXPECT_EQ(verdict.summary,
            "system passed the checks of its workload. That it is linearizable was not checked "
            "otherwise.");
}

TEST(Judge, workloads_say_which_verbs_observe) {
  CheckerEntry claim = entry("claim", false, Validity::valid);
  Judges judges{.claim = "linearizable", .checkers = {{&claim, sized("1")}}};
  EXPECT_EQ(judged(judges, {"dequeue"}, "dequeue").validity, Validity::valid);
  Verdict verdict = judged(judges, {"dequeue", "poll"}, "enqueue");
  EXPECT_EQ(verdict.validity, Validity::unknown);
  EXPECT_EQ(verdict.summary, "Nothing was observed: no dequeue, poll was answered.");
  EXPECT_EQ(judged(judges, {"read"}, "write").summary, "Nothing was read.");
}

/// A folder of logs.
class Logs : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "sunder-logs-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const char* file, std::string_view text) {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file, std::ios::binary) << text;
  }
  Verdict find(const std::vector<std::string>& patterns) {
    return LogPatterns::compile(patterns)->look_into(folder_);
  }
  fs::path folder_;
};

TEST_F(Logs, a_line_that_matches_is_invalid_and_named) {
  write("n1/node.log", "all is well\nall is well\n");
  write("n2/node.log", "all is well\nFATAL: no disk\n");
  write("n2/data.txt", "panic\n");
  EXPECT_EQ(find({"panic"}).validity, Validity::valid) << "no log";
  Verdict verdict = find({"panic|FATAL"});
  EXPECT_EQ(verdict.validity, Validity::invalid);
  ASSERT_EQ(verdict.anomalies.size(), 1u);
  EXPECT_EQ(verdict.anomalies[0].name, "log-pattern");
  EXPECT_EQ(to_json(verdict.anomalies[0].detail),
            R"({"file":"n2/node.log","line":2,"pattern":"panic|FATAL","text":"FATAL: no disk"})");
}

TEST_F(Logs, are_any_bytes) {
  using namespace std::string_view_literals;
  write("node.log", "a\0b panic\n\xff\xfe panic"sv);
  EXPECT_EQ(find({"panic"}).anomalies.size(), 2u);
}

TEST_F(Logs, that_are_not_there_show_nothing) {
  EXPECT_EQ(find({"panic"}).validity, Validity::unknown);
}

TEST_F(Logs, patterns_that_are_none_are_refused) {
  Result<LogPatterns> compiled = LogPatterns::compile({"good", "a(b"});
  ASSERT_FALSE(compiled);
  EXPECT_NE(compiled.error().context.find("'a(b'"), std::string::npos);
}

}  // namespace
}  // namespace sunder
