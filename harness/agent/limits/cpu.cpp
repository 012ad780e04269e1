#include <optional>

#include "harness/agent/limits/helper.h"
#include "harness/agent/limits/limit.h"

namespace sunder {
namespace {

class CpuLimit final : public Limit {
 public:
  explicit CpuLimit(LimitScene& scene) : scene_(scene) {}

  Status impose(std::int64_t amount) override {
    if (Status set = scene_.group.limit_cpu(amount); !set) return set;
    percent_ = amount;
    // A node that is idle would never meet its limit, and nothing could be told from its time.
    Result<Helper> spinner = Helper::start(scene_.group, []() -> std::string {
      for (volatile unsigned turns = 0;;) turns = turns + 1;
    });
    if (!spinner) return spinner.error();
    spinner_ = *std::move(spinner);
    return Done{};
  }
  Status lift() override {
    spinner_.reset();
    percent_ = -1;
    return scene_.group.limit_cpu({});
  }
  Reading read() override {
    return {percent_, scene_.group.cpu_nanoseconds(), scene_.group.throttled_periods()};
  }

 private:
  LimitScene& scene_;
  std::int64_t percent_ = -1;
  std::optional<Helper> spinner_;
};

}  // namespace

std::unique_ptr<Limit> cpu_limit(LimitScene& scene) { return std::make_unique<CpuLimit>(scene); }

}  // namespace sunder
