#include "workloads/parts/tagged.h"

namespace sunder {
namespace {

// Many rounds of anti-entropy: systems promise agreement in the end only.
constexpr Duration settle = std::chrono::seconds(10);

}  // namespace

Value tagged(std::int64_t key, Map argument, const Rng& rng) {
  argument["tag"] = "t" + std::to_string(rng.draws());
  return Value::pair(Value(key), std::move(argument));
}

Generator final_reads(std::int64_t keys) {
  std::vector<gen::Draft> logs;
  for (std::int64_t key = 0; key < keys; ++key) {
    logs.push_back({"log", Value::pair(Value(key), Value())});
  }
  return gen::phases({gen::clients(gen::sleep(settle)), of_each_key(keys, "final-read"),
                      gen::clients(gen::ops(std::move(logs)))});
}

}  // namespace sunder
