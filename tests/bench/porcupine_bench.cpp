// How long Porcupine's own histories take to decide, once they are read: the folders etcd and kv
// below SUNDER_HISTORIES/porcupine, which are not ours to copy.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "checker/linearizable/decide.h"
#include "checker/linearizable/record.h"
#include "harness/formats/formats.h"

namespace sunder {
namespace {

using namespace linearizable;

/// A history as it is judged.
struct Case {
  std::unique_ptr<Datatype> datatype;
  std::unique_ptr<Recorder> recorder;
  std::vector<Partition> partitions;
};

Case load(const std::filesystem::path& file, bool split) {
  Result<LoadedHistory> loaded = load_history(file.string());
  Case made;
  if (!loaded) return made;
  for (const DatatypeEntry& entry : datatypes()) {
    if (entry.name != usual_datatype(loaded->format)) continue;
    made.datatype = entry.make(*Options::parse(entry.options, {}));
  }
  made.recorder = std::make_unique<Recorder>(*made.datatype, loaded->keyed);
  for (std::size_t i = 0; i < loaded->history.size(); ++i) made.recorder->feed(loaded->history[i]);
  made.partitions = made.recorder->take(split);
  return made;
}

void decide_all(benchmark::State& state, const std::vector<std::filesystem::path>& files,
                bool split) {
  std::vector<Case> cases;
  for (const auto& file : files) cases.push_back(load(file, split));
  std::size_t undecided = 0;
  for (auto _ : state) {
    for (const Case& one : cases) {
      for (const Partition& partition : one.partitions) {
        DecideSettings settings{.keys = split ? nullptr : &one.recorder->keys()};
        Judgement judgement = decide(*one.datatype, partition.operations, Budget{}, settings);
        undecided += judgement.decided() ? 0 : 1;
      }
    }
  }
  if (undecided != 0) state.SkipWithError("undecided");
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void register_all() {
  const char* shared = std::getenv("SUNDER_HISTORIES");
  if (shared == nullptr) return;
  std::filesystem::path folder = std::filesystem::path(shared) / "porcupine";
  auto add = [](const std::string& name, std::vector<std::filesystem::path> files, bool split) {
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
      decide_all(state, files, split);
    })->Unit(benchmark::kMillisecond);
  };
  add("etcd: all files", files_in(folder / "etcd"), true);
  for (const auto& file : files_in(folder / "kv")) {
    add("kv by key: " + file.stem().string(), {file}, true);
    bool small = file.stem().string().starts_with("c10");
    if (small) add("kv as one object: " + file.stem().string(), {file}, false);
  }
}

}  // namespace
}  // namespace sunder

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  sunder::register_all();
  benchmark::RunSpecifiedBenchmarks();
}
