#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "checker/weak/one_order/hints.h"
#include "checker/weak/one_order/ranks.h"
#include "checker/weak/one_order/search.h"
#include "tests/checker/weak/support/families.h"

using namespace sunder;
using namespace sunder::weak::one_order;
int main(int argc, char** argv) {
  testing_support::Family f;
  Base base = Base::sessions;
  int mode = 0;
  int seconds = 20;
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string a = argv[i];
    auto v = static_cast<std::uint32_t>(std::atoi(argv[i + 1]));
    if (a == "n") f.operations = v;
    if (a == "s") f.sessions = v;
    if (a == "k") f.keys = v;
    if (a == "z") f.zipf = v != 0;
    if (a == "r") f.read_percent = v;
    if (a == "lag") f.lag = v;
    if (a == "own") f.sees_own_writes = v != 0;
    if (a == "ret") f.retired_per_mille = v;
    if (a == "seed") f.seed = v;
    if (a == "plant") f.plant = static_cast<testing_support::Family::Plant>(v);
    if (a == "base") base = static_cast<Base>(v);
    if (a == "mode") mode = static_cast<int>(v);
    if (a == "t") seconds = static_cast<int>(v);
  }
  auto registers = testing_support::family(f);
  auto t0 = std::chrono::steady_clock::now();
  auto since = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - t0).count(); };
  Instance instance(registers, base);
  double t1 = since();
  Components components = find_components(instance);
  double t2 = since();
  std::size_t largest = 0;
  for (std::size_t c = 0; c < components.count(); ++c) largest = std::max(largest, components.slots_of(c).size());
  Lessons lessons(instance.size());
  learn_from_chains(instance, components, lessons);
  std::size_t hints = lessons.count();
  auto ranks = guess_ranks(instance, lessons, static_cast<Guess>(mode));
  double t3 = since();
  weak::Limits limits;
  limits.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  Search search(instance, components, lessons, ranks, limits);
  auto out = search.run(100000000);
  double t4 = since();
  std::size_t multi = 0;
  for (std::size_t l = hints; l < lessons.count(); ++l) multi += lessons[static_cast<LessonId>(l)].pairs.size() > 1;
  std::printf("n=%zu sessions=%zu comps=%zu largest=%zu hints=%zu | inst %.2f comp %.2f rank %.2f search %.2f | out=%d dead=%zu multi=%zu undone=%zu reached=%zu\n",
    registers.size(), registers.sessions(), components.count(), largest, hints, t1, t2 - t1, t3 - t2, t4 - t3,
    static_cast<int>(out), search.dead_ends(), multi, search.undone(), search.most_done());
}
