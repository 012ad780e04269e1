#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "harness/agent/limits/helper.h"
#include "harness/agent/limits/limit.h"

namespace sunder {
namespace {

constexpr Duration patience = std::chrono::milliseconds(300);
constexpr std::string_view worked = "forked";

std::string try_to_fork() {
  pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  if (child < 0) return std::string("fork: ") + std::strerror(errno);
  ::waitpid(child, nullptr, 0);
  return std::string(worked);
}

class PidsLimit final : public Limit {
 public:
  explicit PidsLimit(LimitScene& scene) : scene_(scene) {}

  Status impose(std::int64_t amount) override {
    limit_ = scene_.group.pids() + amount;
    return scene_.group.limit_pids(limit_);
  }
  Status lift() override {
    limit_ = -1;
    return scene_.group.limit_pids({});
  }
  Status begin_trial() override {
    Result<Helper> trial = Helper::start(scene_.group, try_to_fork);
    if (!trial) return trial.error();
    trial_ = *std::move(trial);
    return Done{};
  }
  Reading read() override {
    std::string refusal;
    if (trial_) {
      refusal = trial_->result(patience).value_or("fork: no answer");
      if (refusal == worked) refusal.clear();
      trial_.reset();
    }
    return {limit_, scene_.group.pids(), scene_.group.refused_forks(), refusal};
  }

 private:
  LimitScene& scene_;
  std::int64_t limit_ = -1;
  std::optional<Helper> trial_;
};

}  // namespace

std::unique_ptr<Limit> pids_limit(LimitScene& scene) { return std::make_unique<PidsLimit>(scene); }

}  // namespace sunder
