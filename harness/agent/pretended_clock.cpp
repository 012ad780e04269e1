#include "harness/agent/pretended_clock.h"

#include <algorithm>
#include <fstream>

namespace sunder {
namespace {

struct Pretended {
  ClockRate rate;
  Duration ahead{0};  // of the time since boot, at `since`
  Duration since{0};
  std::vector<std::string> services;
};

class PretendedClock final : public HostClock {
 public:
  explicit PretendedClock(std::filesystem::path file) : file_(std::move(file)) {}

  HostClockReading read() const override {
    Pretended now = load();
    HostClockReading real = real_->read();
    Duration gained = gained_at(now.rate, real.boot - now.since);
    return {real.boot + now.ahead + gained, real.boot};
  }
  Status set(Duration ahead) override {
    Pretended now = load();
    now.ahead = ahead;
    now.since = real_->read().boot;
    return store(now);
  }
  Result<ClockRate> rate() const override { return load().rate; }
  Status set_rate(const ClockRate& rate) override {
    Pretended now = load();
    HostClockReading reading = read();
    now.ahead = reading.wall - reading.boot;
    now.since = reading.boot;
    now.rate = rate;
    return store(now);
  }
  Status may_be_bent(const std::string&) const override { return Done{}; }
  Result<std::vector<std::string>> services() const override { return load().services; }
  Status stop(const std::string& service) override {
    Pretended now = load();
    std::erase(now.services, service);
    return store(now);
  }
  Status start(const std::string& service) override {
    Pretended now = load();
    now.services.push_back(service);
    return store(now);
  }

 private:
  // Without a file it shows the real time.
  Pretended load() const {
    Pretended loaded;
    std::ifstream file(file_);
    std::int64_t ahead = 0;
    std::int64_t since = 0;
    if (file >> ahead >> since >> loaded.rate.tick >> loaded.rate.frequency >>
        loaded.rate.status) {
      loaded.ahead = Duration{ahead};
      loaded.since = Duration{since};
      for (std::string service; file >> service;) loaded.services.push_back(service);
    } else {
      HostClockReading real = real_->read();
      loaded.rate = ClockRate{};
      loaded.ahead = real.wall - real.boot;
      loaded.since = real.boot;
    }
    return loaded;
  }
  Status store(const Pretended& now) const {
    std::filesystem::path fresh = file_.string() + ".new";
    std::ofstream file(fresh);
    file << now.ahead.count() << ' ' << now.since.count() << ' ' << now.rate.tick << ' '
         << now.rate.frequency << ' ' << now.rate.status << '\n';
    for (const std::string& service : now.services) file << service << '\n';
    file.close();
    std::error_code failed;
    std::filesystem::rename(fresh, file_, failed);
    if (file && !failed) return Done{};
    return Error{Error::Code::environment, "cannot write " + file_.string()};
  }

  std::filesystem::path file_;
  std::unique_ptr<HostClock> real_ = own_clock();
};

}  // namespace

std::unique_ptr<HostClock> pretended_clock(std::filesystem::path file) {
  return std::make_unique<PretendedClock>(std::move(file));
}

}  // namespace sunder
