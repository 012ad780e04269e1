// The histories with known verdicts, and what makes and mends their files.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/checker/weak/support/decoded.h"
#include "tests/checker/weak/support/generate.h"
#include "tests/checker/weak/support/litmus_file.h"
#include "tests/checker/weak/support/search.h"

namespace sunder::weak::support {
namespace {

using ModelPair = std::pair<std::size_t, std::size_t>;

std::vector<ModelPair> separated_pairs(Verdicts verdicts) {
  std::vector<ModelPair> pairs;
  for (std::size_t held = 0; held < models().size(); ++held) {
    for (std::size_t refuted = 0; refuted < models().size(); ++refuted) {
      if (holds(verdicts, held) && !holds(verdicts, refuted)) pairs.emplace_back(held, refuted);
    }
  }
  return pairs;
}

bool is_minimal(const Registers& registers, const ModelPair& pair) {
  for (Index i = 0; i < registers.size(); ++i) {
    if (is_separated(without(registers, i), pair.first, pair.second)) return false;
  }
  return true;
}

bool separates(const LitmusFile& file, const ModelPair& pair) {
  Result<Registers> registers = registers_of(*parse_litmus(file.history));
  return registers && is_separated(*registers, pair.first, pair.second) &&
         is_minimal(*registers, pair);
}

std::vector<ModelPair> pairs_of(const LitmusFile& file) {
  std::vector<ModelPair> pairs;
  for (const auto& [held, refuted] : file.separates) {
    pairs.emplace_back(place_of(held), place_of(refuted));
  }
  return pairs;
}

/// The edges that this history shows to be strict, or else some pair, if they need all operations.
void find_what_it_separates(LitmusFile& file) {
  file.separates.clear();
  auto add = [&](const ModelPair& pair) {
    file.separates.emplace_back(models()[pair.first].name, models()[pair.second].name);
  };
  for (const Edge& edge : edges()) {
    ModelPair pair{place_of(edge.weaker), place_of(edge.stronger)};
    if (separates(file, pair)) add(pair);
  }
  std::vector<ModelPair> others = separated_pairs(verdicts_of(file));
  for (std::size_t i = 0; i < others.size() && file.separates.empty(); ++i) {
    if (separates(file, others[i])) add(others[i]);
  }
}

void mend(LitmusFile& file) {
  find_what_it_separates(file);
  Verdicts verdicts = verdicts_of(file);
  for (std::size_t i = 0; i < models().size(); ++i) {
    file.verdicts[std::string(models()[i].name)] = holds(verdicts, i) ? "holds" : "refuted";
  }
  file.explanations = explanations(*parse_litmus(file.history));
  std::ofstream(file.path) << to_text(file);
}

/// Pairs that the lattice does not connect and that no file separates.
std::set<ModelPair> pairs_without_file(const std::vector<LitmusFile>& files) {
  std::set<ModelPair> pairs;
  for (std::size_t held = 0; held < models().size(); ++held) {
    for (std::size_t refuted = 0; refuted < models().size(); ++refuted) {
      if (!implies(models()[held], models()[refuted])) pairs.emplace(held, refuted);
    }
  }
  for (const LitmusFile& file : files) {
    for (const ModelPair& pair : separated_pairs(verdicts_of(file))) pairs.erase(pair);
  }
  return pairs;
}

/// Edges whose stronger model is refuted by no smallest history that keeps the weaker one.
std::set<ModelPair> edges_without_file(const std::vector<LitmusFile>& files) {
  std::set<ModelPair> pairs;
  for (const Edge& edge : edges()) pairs.emplace(place_of(edge.weaker), place_of(edge.stronger));
  for (const LitmusFile& file : files) {
    for (const ModelPair& pair : pairs_of(file)) pairs.erase(pair);
  }
  return pairs;
}

LitmusFile new_file(const ModelPair& pair, const Registers& registers) {
  std::string held(models()[pair.first].name);
  std::string refuted(models()[pair.second].name);
  return {.path = litmus_folder() / (held + "-without-" + refuted + ".txt"),
          .comment = "Keeps " + held + " and breaks " + refuted + ".",
          .history = to_text(registers)};
}

/// Of the smallest separations found the one that separates most of what is left.
std::optional<LitmusFile> most_useful(const Separations& separations,
                                      const std::set<ModelPair>& left) {
  std::optional<LitmusFile> best;
  std::size_t most = 0;
  for (const ModelPair& pair : left) {
    if (separations.count(pair.first, pair.second) == 0) continue;
    const Registers& found = separations.example(pair.first, pair.second);
    LitmusFile file = new_file(pair, smallest_separation(found, pair.first, pair.second));
    std::size_t separated = 0;
    for (const ModelPair& other : separated_pairs(verdicts_of(file))) {
      separated += left.count(other);
    }
    if (separated > most) best = file;
    most = std::max(most, separated);
  }
  return best;
}

/// Writes what is missing: first an example for each edge, then for each pair.
void add_missing_files(std::vector<LitmusFile>& files) {
  std::vector<std::string> known;
  for (const LitmusFile& file : files) {
    if (registers_of(*parse_litmus(file.history))) known.push_back(file.history);
  }
  Separations separations;
  Rng rng(2, Stream::of("files"));
  separate(separations, known, rng, 200, 5'000'000);
  for (auto missing : {edges_without_file, pairs_without_file}) {
    for (std::set<ModelPair> left = missing(files); !left.empty(); left = missing(files)) {
      std::optional<LitmusFile> file = most_useful(separations, left);
      if (!file) return;
      mend(*file);
      files.push_back(*file);
    }
  }
}

class WeakFiles : public testing::Test {
 protected:
  // SUNDER_REWRITE writes the verdicts anew, from the definitions, and the explanations, as they
  // are; and adds what is missing.
  static void SetUpTestSuite() {
    if (std::getenv("SUNDER_REWRITE") == nullptr) return;
    std::vector<LitmusFile> files = litmus_files();
    for (LitmusFile& file : files) mend(file);
    add_missing_files(files);
  }
};

TEST_F(WeakFiles, EveryTwoModelsAreToldApart) {
  std::vector<LitmusFile> files = litmus_files();
  EXPECT_GE(files.size(), 60u);
  for (const ModelPair& pair : pairs_without_file(files)) {
    ADD_FAILURE() << "no file keeps " << models()[pair.first].name << " and breaks "
                  << models()[pair.second].name;
  }
}

TEST_F(WeakFiles, EveryEdgeLeadsToAWeakerModel) {
  for (const ModelPair& pair : edges_without_file(litmus_files())) {
    ADD_FAILURE() << "no file separates " << models()[pair.first].name << " from "
                  << models()[pair.second].name;
  }
}

TEST_F(WeakFiles, TheDefinitionsSayWhatTheFilesSay) {
  for (const LitmusFile& file : litmus_files()) {
    Verdicts verdicts = verdicts_of(file);
    EXPECT_EQ(file.verdicts.size(), models().size()) << file.path;
    for (std::size_t i = 0; i < models().size(); ++i) {
      auto known = file.verdicts.find(std::string(models()[i].name));
      ASSERT_NE(known, file.verdicts.end()) << file.path << " " << models()[i].name;
      EXPECT_EQ(known->second, holds(verdicts, i) ? "holds" : "refuted")
          << file.path << " " << models()[i].name;
    }
  }
}

TEST_F(WeakFiles, TheDecisionsSayWhatTheFilesSay) {
  for (const LitmusFile& file : litmus_files()) {
    Decoded from_ops = decoded(*parse_litmus(file.history));
    for (const Model& model : models()) {
      Outcome outcome = Outcome::refuted;
      if (from_ops.unwritten.empty()) {
        outcome = model.decide(from_ops.registers, {.staleness = staleness}).outcome;
      }
      bool holds = file.verdicts.at(std::string(model.name)) == "holds";
      EXPECT_EQ(outcome, holds ? Outcome::holds : Outcome::refuted)
          << file.path << " " << model.name;
    }
  }
}

TEST_F(WeakFiles, TheExplanationsAreThoseOfTheFiles) {
  for (const LitmusFile& file : litmus_files()) {
    EXPECT_EQ(explanations(*parse_litmus(file.history)), file.explanations) << file.path;
    bool refutes = verdicts_of(file) != (Verdicts{1} << models().size()) - 1;
    EXPECT_EQ(file.explanations.empty(), !refutes) << file.path;
  }
}

TEST_F(WeakFiles, NoOperationCanBeLeftOut) {
  for (const LitmusFile& file : litmus_files()) {
    EXPECT_FALSE(file.comment.empty()) << file.path;
    Verdicts verdicts = verdicts_of(file);
    EXPECT_EQ(file.separates.empty(), separated_pairs(verdicts).empty())
        << file.path << " is longer than it need be";
    for (const ModelPair& pair : pairs_of(file)) EXPECT_TRUE(separates(file, pair)) << file.path;
  }
}

}  // namespace
}  // namespace sunder::weak::support
