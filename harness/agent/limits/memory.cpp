#include <poll.h>
#include <sys/mman.h>

#include <cstring>
#include <optional>

#include "harness/agent/limits/helper.h"
#include "harness/agent/limits/limit.h"

namespace sunder {
namespace {

constexpr std::int64_t beyond = 16 << 20;  // what is tried to be taken above the limit
constexpr std::size_t bite = 256 << 10;

// Takes memory page after page. The node is what the kernel kills first (Launch::proc).
std::string take_memory(std::int64_t most) {
  for (std::int64_t taken = 0; taken < most; taken += static_cast<std::int64_t>(bite)) {
    void* part = ::mmap(nullptr, bite, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (part == MAP_FAILED) break;
    std::memset(part, 1, bite);
  }
  ::poll(nullptr, 0, -1);  // it keeps what it has until it is ended
  return "";
}

class MemoryLimit final : public Limit {
 public:
  explicit MemoryLimit(LimitScene& scene) : scene_(scene) {}

  Status impose(std::int64_t amount) override {
    kills_before_ = scene_.group.oom_kills();
    limit_ = scene_.group.memory_bytes() + amount;
    if (Status set = scene_.group.limit_memory(limit_); !set) return set;
    Result<Helper> taker = Helper::start(
        scene_.group, [most = limit_ + beyond] { return take_memory(most); });
    if (!taker) return taker.error();
    taker_ = *std::move(taker);
    return Done{};
  }
  Status lift() override {
    taker_.reset();
    limit_ = -1;
    return scene_.group.limit_memory({});
  }
  void tick() override {
    // It would be the next to be killed, and in the way of the node's next start.
    if (taker_ && scene_.group.oom_kills() > kills_before_) taker_.reset();
  }
  Reading read() override {
    tick();
    return {limit_, scene_.group.memory_bytes(), scene_.group.oom_kills() - kills_before_};
  }

 private:
  LimitScene& scene_;
  std::int64_t limit_ = -1;
  std::int64_t kills_before_ = 0;
  std::optional<Helper> taker_;
};

}  // namespace

std::unique_ptr<Limit> memory_limit(LimitScene& scene) {
  return std::make_unique<MemoryLimit>(scene);
}

}  // namespace sunder
