#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <optional>

#include "harness/agent/limits/helper.h"
#include "harness/agent/limits/limit.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr Duration trial_length = std::chrono::milliseconds(800);
constexpr Duration patience = std::chrono::milliseconds(1500);
constexpr std::size_t block = 4096;

/// The whole disk that a folder lies on, as the kernel's files name it.
Result<std::string> disk_of(const std::filesystem::path& folder) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) return system_error("look at " + folder.string());
  std::string numbers =
      std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
  std::filesystem::path device = std::filesystem::path("/sys/dev/block") / numbers;
  std::error_code failed;
  if (!std::filesystem::exists(device, failed)) {
    return Error{Error::Code::environment,
                 folder.string() + " lies on no disk that can be slowed down, such as a tmpfs"};
  }
  if (!std::filesystem::exists(device / "partition", failed)) return numbers;
  std::ifstream whole(std::filesystem::canonical(device, failed).parent_path() / "dev");
  whole >> numbers;
  return numbers;
}

// Synced writes, block by block: how many bytes a second they came to. As text.
std::string write_for_a_while(const std::filesystem::path& file) {
  using Clock = std::chrono::steady_clock;
  Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_DIRECT | O_DSYNC | O_CLOEXEC,
                        0600));
  ::unlink(file.c_str());
  if (!out) return "-1";
  alignas(block) std::array<char, block> bytes{};
  Clock::time_point begin = Clock::now();
  std::int64_t written = 0;
  while (Clock::now() - begin < trial_length) {
    off_t place = written % (64 * static_cast<off_t>(block));
    if (::pwrite(out.get(), bytes.data(), block, place) != static_cast<ssize_t>(block)) return "-1";
    written += static_cast<std::int64_t>(block);
  }
  std::chrono::nanoseconds took = Clock::now() - begin;
  return std::to_string(written * 1'000'000'000 / took.count());
}

class DiskLimit final : public Limit {
 public:
  explicit DiskLimit(LimitScene& scene) : scene_(scene) {}

  Status impose(std::int64_t amount) override {
    Result<std::string> disk = disk_of(scene_.data);
    if (!disk) return disk.error();
    if (Status set = scene_.group.limit_writes(*disk, amount); !set) return set;
    disk_ = *disk;
    limit_ = amount;
    return Done{};
  }
  Status lift() override {
    limit_ = -1;
    if (disk_.empty()) return Done{};
    return scene_.group.limit_writes(std::exchange(disk_, ""), {});
  }
  Status begin_trial() override {
    Result<Helper> trial = Helper::start(scene_.group, [file = scene_.data / "sunder-trial"] {
      return write_for_a_while(file);
    });
    if (!trial) return trial.error();
    trial_ = *std::move(trial);
    return Done{};
  }
  Reading read() override {
    Reading reading{limit_};
    if (!trial_) return reading;
    std::string said = trial_->result(patience).value_or("-1");
    std::from_chars(said.data(), said.data() + said.size(), reading.used);
    if (reading.used < 0) reading.refusal = "write: failed, or stuck";
    trial_.reset();
    return reading;
  }

 private:
  LimitScene& scene_;
  std::int64_t limit_ = -1;
  std::string disk_;
  std::optional<Helper> trial_;
};

}  // namespace

std::unique_ptr<Limit> disk_limit(LimitScene& scene) { return std::make_unique<DiskLimit>(scene); }

}  // namespace sunder
