// Larger histories: made by a correct register, then spoilt in known ways; and the pairs on disk.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "harness/formats/formats.h"
#include "tests/checker/support/generated.h"
#include "tests/checker/support/histories.h"

namespace sunder {
namespace {

using testing_support::generate_register_history;
using testing_support::GeneratedLoad;
using testing_support::register_verdict;

TEST(Generated, what_a_correct_register_did_is_valid) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    GeneratedLoad load{.operations = 1500, .keys = 5 + static_cast<std::int64_t>(seed % 20)};
    if (seed % 3 == 0) load.values = 0;
    load.crash = {static_cast<std::uint32_t>(seed % 5), 100};
    History history = generate_register_history(seed, load);
    for (const char* failed : {"ignored", "observed"}) {
      Verdict verdict = register_verdict(history, {{"failed-cas", failed}}, true);
      ASSERT_EQ(verdict.validity, Validity::valid) << "seed " << seed << ": " << verdict.summary;
    }
  }
}

// A copy of the history with one op changed.
template <class Change>
History changed(const History& history, std::uint64_t at, Change change) {
  HistoryBuilder builder;
  for (std::size_t i = 0; i < history.size(); ++i) {
    Op op = history[i].op();
    if (i == at) change(op);
    builder.add(op);
  }
  return builder.take();
}

TEST(Mutations, an_answer_that_nobody_wrote_is_found_and_cited) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    History history = generate_register_history(seed, {.operations = 800, .keys = 10});
    Rng rng(seed, Stream::of("mutation"));
    std::uint64_t at = rng.below(history.size());
    while (history[at].verb != "read" || history[at].phase != Phase::ok) {
      at = (at + 1) % history.size();
    }
    History spoilt = changed(history, at, [](Op& op) { op.value.list()[1] = 99; });
    Verdict verdict = register_verdict(spoilt, {}, true);
    ASSERT_EQ(verdict.validity, Validity::invalid) << "seed " << seed;
    ASSERT_EQ(verdict.anomalies.size(), 1u);
    EXPECT_EQ(verdict.anomalies[0].ops, (std::vector<std::uint64_t>{spoilt[at].pair, at}));
  }
}

TEST(Mutations, a_failed_write_that_was_seen_is_found) {
  std::size_t tried = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    GeneratedLoad load{.operations = 600, .keys = 10, .values = 0};
    History history = generate_register_history(seed, load);
    std::set<std::int64_t> seen;
    for (std::size_t i = 0; i < history.size(); ++i) {
      if (history[i].verb != "read" || history[i].phase != Phase::ok) continue;
      if (ValueView value = history[i].value[1]; !value.is_nil()) seen.insert(value.integer());
    }
    for (std::size_t i = history.size() / 2; i < history.size(); ++i) {
      if (history[i].verb != "write" || history[i].phase != Phase::ok) continue;
      if (!seen.contains(history[i].value[1].integer())) continue;
      History spoilt = changed(history, i, [](Op& op) { op.phase = Phase::fail; });
      EXPECT_EQ(register_verdict(spoilt, {}, true).validity, Validity::invalid) << seed;
      ++tried;
      break;
    }
  }
  EXPECT_GT(tried, 30u);
}

// The older of two values that one process read one after the other, read once more.
TEST(Mutations, a_stale_read_is_found) {
  GeneratedLoad load{.operations = 400, .concurrency = 4, .keys = 2, .values = 0, .crash = {0, 1}};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    History history = generate_register_history(seed, load);
    Value first;
    std::uint64_t last = no_op;
    for (std::size_t i = 0; i < history.size(); ++i) {
      OpView op = history[i];
      if (op.verb != "read" || op.phase != Phase::ok || op.value[0].integer() != 0) continue;
      if (first.is_nil()) first = op.value[1].value();
      last = i;
    }
    ASSERT_NE(last, no_op);
    History spoilt = changed(history, last, [&](Op& op) { op.value.list()[1] = first; });
    EXPECT_EQ(register_verdict(spoilt, {}, true).validity, Validity::invalid) << seed;
  }
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Each file's name begins with its verdict; beside a bad one stands the expected explanation.
// SUNDER_REWRITE=1 writes the explanations anew, to be reviewed as a difference.
TEST(Histories, on_disk_have_the_verdict_of_their_name) {
  std::size_t files = 0;
  std::filesystem::path folder = SUNDER_SOURCE_DIR "/tests/testdata/histories/cas-register";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") continue;
    ++files;
    std::string name = entry.path().stem().string();
    Result<LoadedHistory> loaded = load_history(entry.path().string());
    ASSERT_TRUE(bool(loaded)) << loaded.error().context;
    Verdict verdict = register_verdict(loaded->history, {}, looks_keyed(loaded->history));
    Validity expected = name.starts_with("good-")  ? Validity::valid
                        : name.starts_with("bad-") ? Validity::invalid
                                                   : Validity::unknown;
    EXPECT_EQ(to_string(verdict.validity), to_string(expected)) << name << ": " << verdict.summary;
    if (expected == Validity::valid) continue;
    std::filesystem::path beside = entry.path();
    beside.replace_extension(".txt");
    if (std::getenv("SUNDER_REWRITE") != nullptr) std::ofstream(beside) << verdict.summary << '\n';
    EXPECT_EQ(verdict.summary + "\n", read_text(beside)) << name;
  }
  EXPECT_GE(files, 20u);
}

}  // namespace
}  // namespace sunder
