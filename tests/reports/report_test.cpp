// The report as text: what reaches the page, and that nothing recorded can act in it.

#include "reports/report.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <fstream>

#include "harness/core/json.h"
#include "reports/page.h"
#include "reports/report_data.h"
#include "tests/reports/support/invented_run.h"

namespace sunder {
namespace {

std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  std::size_t from = text.find(begin);
  if (from == std::string::npos) return {};
  from += begin.size();
  return text.substr(from, text.find(end, from) - from);
}

Value data_in(const std::string& page) {
  std::string json = between(page, "id=\"data\">", "</script>");
  Result<Value> data = parse_json(json);
  EXPECT_TRUE(data) << data.error().context;
  return data ? *data : Value{};
}

/// The source expression of an inline text, computed in another way than the report does.
std::string hash_of(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (unsigned int i = 0; i < size; i += 3) {
    unsigned int bits = 0;
    for (unsigned int j = 0; j < 3; ++j) bits = bits << 8 | (i + j < size ? digest[i + j] : 0u);
    for (unsigned int j = 0; j < 4; ++j) {
      out += i + j <= size ? letters[bits >> (18 - 6 * j) & 63u] : '=';
    }
  }
  return "'sha256-" + out + "'";
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

TEST(Report, carries_the_verdict_and_every_operation) {
  ReportInput input = invented_run(Story::stale_read);
  Value data = data_in(build_report(input));
  EXPECT_EQ(data.find("verdict")->find("validity")->text(), "invalid");
  const Value& operations = *data.find("operations");
  std::size_t invocations = 0;
  for (std::size_t i = 0; i < input.history.size(); ++i) {
    if (input.history[i].phase == Phase::invoke) ++invocations;
  }
  EXPECT_EQ(operations.find("invoke")->list().size(), invocations);
  EXPECT_EQ(operations.find("end")->list().size(), invocations);
  EXPECT_EQ(operations.find("step")->integer(), 1);
  EXPECT_EQ(data.find("faults")->list().size(), 2u);
  EXPECT_TRUE(data.find("faults")->list()[0].find("confirmed")->boolean());
}

TEST(Report, counts_outcomes_and_latencies_of_all_operations) {
  HistoryBuilder builder;
  for (int i = 0; i < 100; ++i) {
    Instant begin = instant_at(i * 1'000'000);
    builder.add({0, begin, Process{0}, Phase::invoke, "read", {}, {}});
    builder.add({0, begin + Duration{1000 * (i + 1)}, Process{0}, Phase::ok, "read", 7, {}});
  }
  builder.add({0, instant_at(200'000'000), Process{0}, Phase::invoke, "read", {}, {}});
  ReportInput input{.history = builder.take()};
  Value data = data_in(build_report(input));
  const Value& read = *data.find("figures")->find("read");
  EXPECT_EQ(read.find("ok")->integer(), 100);
  EXPECT_EQ(read.find("open")->integer(), 1);
  EXPECT_EQ(*read.find("latency"), Value(List{50'000, 95'000, 99'000, 100'000}));
  std::int64_t sum = 0;
  for (const Value& bucket : data.find("rate")->find("ok")->list()) sum += bucket.integer();
  EXPECT_EQ(sum, 100);
}

TEST(Report, hostile_text_stays_text) {
  const std::string hostile =
      "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
      "<!--\u2028\u2029\"'&amp;\\\x01\xff\xc0\xaf";
  ReportInput input = invented_run(Story::stale_read);
  input.test.map()["system"] = hostile;
  input.test.map()[hostile] = hostile;
  input.verdict.summary = hostile;
  input.verdict.parts[0].anomalies[0].explanation += " " + hostile;
  input.windows[0].kind = hostile;
  input.windows[0].evidence = Map{{"<b>", List{hostile}}};
  input.trace.push_back(Map{{"time", 1}, {"node", hostile}, {"event", "leader"}});
  input.logs[hostile].text = hostile;
  input.problems.push_back(hostile);
  std::string page = build_report(input);
  EXPECT_EQ(count(page, "<script"), 2u);
  EXPECT_EQ(count(page, "</script"), 2u);
  EXPECT_EQ(count(page, "<img"), 0u);
  EXPECT_EQ(count(page, "<!--"), 0u);
  std::string json = between(page, "id=\"data\">", "</script>");
  EXPECT_EQ(json.find('<'), std::string::npos);
  EXPECT_EQ(json.find("\u2028"), std::string::npos);
  EXPECT_EQ(json.find("\u2029"), std::string::npos);
  // And it arrives as it was, but for bytes that are no UTF-8.
  std::string said = data_in(page).find("problems")->list()[0].text();
  EXPECT_EQ(said.substr(0, 30), hostile.substr(0, 30));
  EXPECT_NE(said.find("\u2028\u2029"), std::string::npos);
  EXPECT_NE(said.find("\uFFFD"), std::string::npos);
}

TEST(Report, policy_lets_only_its_own_script_and_style_pass) {
  std::string page = build_report(invented_run(Story::healthy));
  std::string policy = between(page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << policy;
  EXPECT_NE(policy.find("script-src " + hash_of(page_script()) + ";"), std::string::npos) << policy;
  EXPECT_NE(policy.find("style-src " + hash_of(page_style()) + ";"), std::string::npos) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(between(page, "<style>", "</style>"), page_style());
}

TEST(Report, names_no_address_of_any_network) {
  std::string page = build_report(invented_run(Story::stale_read));
  // The one address in it is the name of SVG's vocabulary, which nothing fetches.
  EXPECT_EQ(count(page, "http://"), count(page, "http://www.w3.org/2000/svg"));
  EXPECT_EQ(count(page, "https://"), 0u);
  for (const char* call : {"fetch(", "XMLHttpRequest", "WebSocket", "import(", "sendBeacon"}) {
    EXPECT_EQ(count(page, call), 0u) << call;
  }
}

TEST(Report, never_parses_markup) {
  for (const char* sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                           "DOMParser", "eval(", "new Function", "createContextualFragment"}) {
    EXPECT_EQ(page_script().find(sink), std::string_view::npos) << sink;
  }
}

TEST(Report, large_runs_are_thinned_but_keep_what_is_cited) {
  ReportInput input = invented_run(Story::stale_read);
  ReportLimits limits{.operations = 100, .trace_events = 3, .log_bytes = 64, .logs = 2};
  Value data = data_in(build_report(input, limits));
  const Value& operations = *data.find("operations");
  EXPECT_GT(operations.find("step")->integer(), 1);
  EXPECT_LT(operations.find("invoke")->list().size(), 400u);
  const List& complete = operations.find("complete")->list();
  for (std::uint64_t op : input.verdict.parts[0].anomalies[0].ops) {
    Value wanted(static_cast<std::int64_t>(op));
    EXPECT_NE(std::find(complete.begin(), complete.end(), wanted), complete.end()) << op;
  }
  EXPECT_EQ(data.find("trace")->list().size(), 3u);
  ASSERT_EQ(data.find("logs")->list().size(), 2u);
  EXPECT_EQ(data.find("logs")->list()[0].find("text")->text().size(), 64u);
  EXPECT_GT(data.find("logs")->list()[0].find("cut")->integer(), 0);
}

TEST(Report, numbers_that_javascript_rounds_become_text) {
  HistoryBuilder builder;
  std::int64_t large = (std::int64_t{1} << 60) + 1;
  builder.add({0, at_start, Process{0}, Phase::invoke, "write", Value(List{large, 5}), {}});
  ReportInput input{.history = builder.take()};
  Value data = data_in(build_report(input));
  Value expected = List{Value(std::to_string(large)), Value(5)};
  EXPECT_EQ(data.find("operations")->find("value")->list()[0], expected);
}

TEST(Report, equal_input_gives_equal_bytes) {
  EXPECT_EQ(build_report(invented_run(Story::undecided)),
            build_report(invented_run(Story::undecided)));
}

class StoredRun : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("sunder-report-" + std::to_string(::getpid()) + "-" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(StoredRun, is_read_back_as_it_was) {
  ReportInput input = invented_run(Story::stale_read);
  store_run(input, folder_);
  Result<ReportInput> read = read_report_input(folder_);
  ASSERT_TRUE(read) << read.error().context;
  EXPECT_TRUE(read->problems.empty());
  EXPECT_EQ(build_report(*read), build_report(input));
  ASSERT_TRUE(write_report(folder_));
  EXPECT_GT(std::filesystem::file_size(folder_ / "report.html"), 100'000u);
}

TEST_F(StoredRun, of_a_killed_controller_is_shown_with_what_is_missing) {
  ReportInput input = invented_run(Story::healthy);
  store_run(input, folder_);
  std::filesystem::remove(folder_ / "verdict.json");
  std::filesystem::remove(folder_ / "test.json");
  std::ofstream(folder_ / "history.jsonl", std::ios::app) << "{\"index\":99,\"ti";
  Result<ReportInput> read = read_report_input(folder_);
  ASSERT_TRUE(read) << read.error().context;
  EXPECT_EQ(read->history.size(), input.history.size());
  EXPECT_EQ(read->verdict.validity, Validity::unknown);
  EXPECT_EQ(read->problems.size(), 3u);
  data_in(build_report(*read));
}

TEST_F(StoredRun, whose_harness_was_late_confirms_no_fault_of_that_time) {
  ReportInput input = invented_run(Story::undecided);
  ASSERT_TRUE(input.windows[0].confirmed);
  store_run(input, folder_);
  Result<ReportInput> read = read_report_input(folder_);
  ASSERT_TRUE(read) << read.error().context;
  EXPECT_FALSE(read->windows[0].confirmed);
}

TEST_F(StoredRun, without_a_history_is_an_error_that_names_the_file) {
  std::filesystem::create_directories(folder_);
  Result<ReportInput> read = read_report_input(folder_);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().context.find("history.jsonl"), std::string::npos);
}

TEST_F(StoredRun, only_the_end_of_a_long_log_is_read) {
  ReportInput input = invented_run(Story::healthy);
  input.logs.clear();
  for (int line = 0; line < 1000; ++line)
    input.logs["n1/node.log"].text += "line " + std::to_string(line) + "\n";
  store_run(input, folder_);
  Result<ReportInput> read = read_report_input(folder_, {.log_bytes = 100});
  ASSERT_TRUE(read);
  const LogTail& tail = read->logs.at("n1/node.log");
  EXPECT_TRUE(tail.text.starts_with("line 9")) << tail.text;
  EXPECT_TRUE(tail.text.ends_with("line 999\n"));
  EXPECT_EQ(tail.cut + tail.text.size(), input.logs["n1/node.log"].text.size());
}

}  // namespace
}  // namespace sunder
