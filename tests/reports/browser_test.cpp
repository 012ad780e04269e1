// The report in a real browser, without a window: the page must fill itself, under its own policy.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/reports/support/invented_run.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

constexpr const char* browser = "/usr/bin/chromium";

/// What the page became after its script ran.
std::string dom_after(const std::string& page, const fs::path& folder) {
  fs::create_directories(folder);
  std::ofstream(folder / "report.html") << page;
  // Appended to, since g++ 12 takes a long literal added to a temporary for an overrun.
  std::string command = browser;
  command +=
      " --headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
      " --disable-background-networking --disable-component-update --disable-sync"
      " --virtual-time-budget=3000 --window-size=1300,2400 --user-data-dir='";
  command += (folder / "profile").string() + "' --dump-dom 'file://";
  command += (folder / "report.html").string() + "' 2>/dev/null";
  std::string dom;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return dom;
  char buffer[1 << 16];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    dom.append(buffer, got);
  }
  ::pclose(pipe);
  return dom;
}

TEST(Page, passes_the_type_checker) {
  if (!fs::exists("/usr/bin/tsc")) {
    GTEST_SKIP() << "/usr/bin/tsc is missing: apt-get install node-typescript";
  }
  EXPECT_EQ(std::system("/usr/bin/tsc -p '" SUNDER_SOURCE_DIR "/reports/web'"), 0);
}

class Browser : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(browser)) GTEST_SKIP() << browser << " is missing: apt-get install chromium";
    folder_ = fs::path(SUNDER_BINARY_DIR) / "reports" /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_ / "profile"); }

  std::string open(const ReportInput& input) { return dom_after(build_report(input), folder_); }

  static void expect_filled(const std::string& dom) {
    EXPECT_NE(dom.find("data-ready=\"1\""), std::string::npos) << dom.substr(0, 2000);
    EXPECT_EQ(dom.find("data-violation"), std::string::npos);
  }

  fs::path folder_;
};

TEST_F(Browser, shows_an_anomaly) {
  std::string dom = open(invented_run(Story::stale_read));
  expect_filled(dom);
  EXPECT_NE(dom.find("<svg class=\"timeline\""), std::string::npos);
  EXPECT_NE(dom.find("bar verb-1 ok stuck"), std::string::npos);
  EXPECT_NE(dom.find("class=\"stuck-column\""), std::string::npos);
  EXPECT_NE(dom.find("--flaw local-reads"), std::string::npos);
  EXPECT_NE(dom.find("class=\"matrix\""), std::string::npos);
  EXPECT_NE(dom.find("class=\"op-row\""), std::string::npos);
  EXPECT_NE(dom.find("class=\"log-row\""), std::string::npos);
}

TEST_F(Browser, shows_a_healthy_run) {
  std::string dom = open(invented_run(Story::healthy));
  expect_filled(dom);
  EXPECT_NE(dom.find("class=\"verdict valid\""), std::string::npos);
  EXPECT_EQ(dom.find("id=\"anomalies\""), std::string::npos);
}

Map placed(const char* model, const char* outcome) {
  return Map{{"model", model}, {"outcome", outcome}, {"by", model}, {"summary", "What it says."}};
}

TEST_F(Browser, draws_where_a_run_stands) {
  ReportInput input = invented_run(Story::healthy);
  Map refuted = placed("sequential", "refuted");
  refuted["explanation"] = "Two sessions missed each other's write.";
  Verdict placement{
      .checker = "placement", .validity = Validity::valid, .summary = "It is causal."};
  placement.detail =
      Map{{"models", List{std::move(refuted), placed("causal", "holds"), placed("<b>", "unknown")}},
          {"edges", List{Value::pair("sequential", "causal"), Value::pair("causal", "sequential"),
                         Value::pair("nowhere", "causal"), 3}}};
  input.verdict.parts.push_back(std::move(placement));
  std::string dom = open(input);
  expect_filled(dom);
  EXPECT_NE(dom.find("id=\"lattice\""), std::string::npos);
  EXPECT_NE(dom.find("class=\"model invalid\""), std::string::npos);
  EXPECT_NE(dom.find("class=\"model valid\""), std::string::npos);
  EXPECT_NE(dom.find("class=\"implies\""), std::string::npos);
  EXPECT_NE(dom.find("missed each other's write"), std::string::npos);
}

TEST_F(Browser, draws_the_circle_of_an_anomaly) {
  ReportInput input = invented_run(Story::stale_read);
  Anomaly& anomaly = input.verdict.parts[0].anomalies[0];
  auto op = static_cast<std::int64_t>(anomaly.ops.front());
  anomaly.detail.map()["circle"] =
      List{Map{{"before", op}, {"after", nullptr}, {"why", "overwritten"}, {"because", op}},
           Map{{"before", "x"}, {"after", List{}}, {"why", 7}}, 3};
  std::string dom = open(input);
  expect_filled(dom);
  EXPECT_NE(dom.find("class=\"circle\""), std::string::npos);
  EXPECT_NE(dom.find("the initial value"), std::string::npos);
}

TEST_F(Browser, shows_what_weakens_a_run) {
  std::string dom = open(invented_run(Story::undecided));
  expect_filled(dom);
  EXPECT_NE(dom.find("class=\"verdict unknown\""), std::string::npos);
  EXPECT_NE(dom.find("effects seen in that time are not confirmed"), std::string::npos);
}

TEST_F(Browser, shows_a_run_of_which_nothing_is_left) { expect_filled(open(ReportInput{})); }

TEST_F(Browser, is_not_moved_by_hostile_text) {
  const std::string hostile =
      "</script><script>document.body.dataset.owned=1</script><img src=x "
      "onerror=document.body.dataset.owned=1>";
  ReportInput input = invented_run(Story::stale_read);
  for (const char* field : {"system", "workload", "claim", "command", "seed", "started"}) {
    input.test.map()[field] = hostile;
  }
  input.verdict.summary = hostile;
  Anomaly& anomaly = input.verdict.parts[0].anomalies[0];
  anomaly.name = hostile;
  anomaly.explanation = hostile;
  anomaly.detail.map()["key"] = hostile;
  anomaly.detail.map()["window"] = hostile;
  anomaly.detail.map()["last_states"] = Map{{hostile, hostile}};
  anomaly.detail.map()["candidates"] = List{hostile, Map{{"op", hostile}, {"reason", List{}}}};
  input.windows[0].kind = hostile;
  input.windows[0].targets = {hostile};
  input.logs[hostile].text = hostile;
  input.trace.push_back(
      Map{{"time", hostile}, {"node", hostile}, {"event", "leader"}, {"term", hostile}});
  std::string dom = open(input);
  expect_filled(dom);
  EXPECT_EQ(dom.find("data-owned"), std::string::npos);
  EXPECT_EQ(dom.find("<img"), std::string::npos);
}

}  // namespace
}  // namespace sunder
