// Histories that others recorded, with known verdicts: data that is not ours to copy.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "catalogue/checker.h"
#include "harness/formats/formats.h"

namespace sunder {
namespace {

/// One line of a verdicts.tsv.
struct Known {
  std::string file;
  std::string verdict;
};

std::filesystem::path shared_folder() {
  const char* folder = std::getenv("SUNDER_HISTORIES");
  return folder == nullptr ? "" : folder;
}

std::vector<Known> known_verdicts(const std::filesystem::path& folder) {
  std::vector<Known> known;
  std::ifstream table(folder / "verdicts.tsv");
  for (Known one; std::getline(table, one.file, '\t') && std::getline(table, one.verdict);) {
    one.file = (folder / one.file).string();
    known.push_back(one);
  }
  return known;
}

/// `datatype` may be empty: then the file's format says it.
std::string judged(const std::string& file, std::string datatype,
                   const std::map<std::string, std::string>& set) {
  Result<LoadedHistory> loaded = load_history(file);
  if (!loaded) return loaded.error().context;
  if (datatype.empty()) datatype = usual_datatype(loaded->format);
  Registry<CheckerEntry> registry;
  add_all_checker(registry);
  const CheckerEntry* entry = registry.find("linearizable " + datatype);
  if (entry == nullptr) return "there is no datatype '" + datatype + "'";
  Result<Options> options = Options::parse(entry->options, set);
  if (!options) return options.error().context;
  CheckContext context{.keyed = loaded->keyed || looks_keyed(loaded->history), .options = *options};
  return std::string(to_string(check(*entry->make(), context, loaded->history).validity));
}

class SharedHistories : public testing::Test {
 protected:
  void SetUp() override {
    if (shared_folder().empty()) {
      GTEST_SKIP() << "SUNDER_HISTORIES names no folder of recorded histories";
    }
  }
};

TEST_F(SharedHistories, of_porcupine) {
  for (const char* kind : {"etcd", "kv"}) {
    std::vector<Known> all = known_verdicts(shared_folder() / "porcupine" / kind);
    EXPECT_FALSE(all.empty());
    for (const Known& one : all) EXPECT_EQ(judged(one.file, "", {}), one.verdict) << one.file;
  }
}

TEST_F(SharedHistories, of_knossos) {
  std::vector<Known> all = known_verdicts(shared_folder() / "knossos");
  EXPECT_FALSE(all.empty());
  for (const Known& one : all) {
    if (one.file.find("/cas-register/") != std::string::npos) {
      EXPECT_EQ(judged(one.file, "cas-register", {{"initial", "0"}}), one.verdict) << one.file;
    } else if (one.file.find("/mutex/") != std::string::npos) {
      EXPECT_EQ(judged(one.file, "mutex", {}), one.verdict) << one.file;
    }
  }
}

}  // namespace
}  // namespace sunder
