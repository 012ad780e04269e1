#include "harness/real/ssh/ssh_contacts.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>
#include <set>

#include "harness/core/log.h"
#include "harness/faultkit/host_clock.h"
#include "harness/real/trace_file.h"

namespace sunder {
namespace {

namespace asio = boost::asio;

constexpr Duration clock_limit = std::chrono::seconds(5);
constexpr int clock_rounds = 5;

std::int64_t raw_nanoseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::int64_t integer_of(const Value& reply, std::string_view key) {
  const Value* found = reply.find(key);
  return found != nullptr && found->is_integer() ? found->integer() : 0;
}

}  // namespace

struct SshContacts::Contact {
  explicit Contact(const std::string& host)
      : name(host), outages("connection to " + host), late_links("links of " + host) {}
  std::string name;
  std::unique_ptr<SshAgentLink> link;
  bool up = false;
  std::string why_down = "no answer yet";
  std::optional<Instant> lost;  // since when it is down, once it was up
  LagLog outages;
  LagLog late_links;
  std::int64_t leases_run_out = 0;
  std::string boot;
  std::int64_t clock_ahead = 0;            // there minus here
  std::int64_t raw_ahead = 0;              // of the raw clocks
  std::int64_t round_trip = INT64_MAX;     // of the best measurement
};

SshContacts::SshContacts(asio::io_context& io, std::function<Instant()> now)
    : io_(io), now_(std::move(now)) {}

SshContacts::~SshContacts() = default;

void SshContacts::add(SshAgentLink::Setup setup) {
  contacts_.push_back(std::make_unique<Contact>(setup.host.name));
  Contact& contact = *contacts_.back();
  setup.changed = [this, &contact](const Status& change) { changed(contact, change); };
  contact.link = std::make_unique<SshAgentLink>(io_, std::move(setup));
}

std::vector<AgentAsker*> SshContacts::askers() const {
  std::vector<AgentAsker*> all;
  for (const auto& contact : contacts_) all.push_back(contact->link.get());
  return all;
}

void SshContacts::changed(Contact& contact, const Status& change) {
  std::lock_guard lock(mutex_);
  if (dismissed_) return;
  if (!change) {
    contact.why_down = change.error().context;
    if (std::exchange(contact.up, false)) {
      contact.lost = now_();
      log::warning(contact.name + ": " + contact.why_down + "; connecting again");
    }
    return;
  }
  contact.up = true;
  if (contact.lost) contact.outages.note(*std::exchange(contact.lost, std::nullopt), now_());
  const Value& greeting = contact.link->greeting();
  std::int64_t run_out = integer_of(greeting, "leases_run_out");
  if (run_out > contact.leases_run_out) {
    log::warning(contact.name + ": its agent undid faults meanwhile, as their lease ran out");
  }
  contact.leases_run_out = run_out;
  const Value* boot = greeting.find("boot");
  if (boot != nullptr && boot->is_text()) contact.boot = boot->text();
  wake_.notify_all();
}

Status SshContacts::meet(Duration time_limit) {
  asio::post(io_, [this] {
    for (const auto& contact : contacts_) contact->link->open();
  });
  std::unique_lock lock(mutex_);
  auto missing = [this] {
    return std::find_if(contacts_.begin(), contacts_.end(),
                        [](const auto& contact) { return !contact->up; });
  };
  bool all = wake_.wait_for(lock, time_limit, [&] { return missing() == contacts_.end(); });
  if (all) return Done{};
  const Contact& contact = **missing();
  return Error{Error::Code::environment,
               "the agent on " + contact.name + " cannot be asked: " + contact.why_down};
}

Result<std::vector<Value>> SshContacts::ask_all(const std::function<Map(std::size_t)>& request,
                                                Duration time_limit) {
  std::vector<Value> replies(contacts_.size());
  std::optional<Error> failed;
  std::size_t awaited = contacts_.size();
  std::promise<void> done;
  asio::post(io_, [&] {
    for (std::size_t i = 0; i < contacts_.size(); ++i) {
      contacts_[i]->link->ask(request(i), time_limit, [&, i](Result<Value> reply) {
        if (reply) {
          replies[i] = *std::move(reply);
        } else if (!failed) {
          failed = Error{reply.error().code, contacts_[i]->name + ": " + reply.error().context};
        }
        if (--awaited == 0) done.set_value();
      });
    }
  });
  done.get_future().wait();
  if (failed) return *failed;
  return replies;
}

Status SshContacts::dismiss(Duration time_limit) {
  {
    std::lock_guard lock(mutex_);
    dismissed_ = true;
  }
  auto told = ask_all(
      [](std::size_t) {
        Map request;
        request["do"] = "quit";
        return request;
      },
      time_limit);
  if (!told) return told.error();
  return Done{};
}

Status SshContacts::measure_clocks() {
  for (int round = 0; round < clock_rounds; ++round) {
    std::int64_t asked = host_nanoseconds();
    std::int64_t raw_asked = raw_nanoseconds();
    // As in NTP: the answer was given about half way between question and reply.
    Result<std::vector<Value>> replies = ask_all(
        [](std::size_t) {
          Map request;
          request["do"] = "clock";
          return request;
        },
        clock_limit);
    if (!replies) return replies.error();
    std::int64_t trip = host_nanoseconds() - asked;
    for (std::size_t i = 0; i < contacts_.size(); ++i) {
      if (trip >= contacts_[i]->round_trip) continue;
      contacts_[i]->round_trip = trip;
      contacts_[i]->clock_ahead = integer_of((*replies)[i], "monotonic") - (asked + trip / 2);
      contacts_[i]->raw_ahead = integer_of((*replies)[i], "raw") - (raw_asked + trip / 2);
    }
  }
  if (!share_our_clock()) return Done{};
  for (const auto& contact : contacts_) contact->clock_ahead = contact->raw_ahead = 0;
  return Done{};
}

std::vector<Duration> SshContacts::clocks_ahead() const {
  std::vector<Duration> ahead;
  for (const auto& contact : contacts_) ahead.emplace_back(contact->raw_ahead);
  return ahead;
}

std::int64_t SshContacts::clock_there(std::size_t i, std::int64_t here) const {
  return here + contacts_[i]->clock_ahead;
}

bool SshContacts::share_our_clock() const {
  std::string own = boot_id();
  std::lock_guard lock(mutex_);
  return std::all_of(contacts_.begin(), contacts_.end(),
                     [&](const auto& contact) { return contact->boot == own; });
}

bool SshContacts::share_a_kernel() const {
  std::lock_guard lock(mutex_);
  std::set<std::string> boots;
  for (const auto& contact : contacts_) boots.insert(contact->boot);
  return boots.size() < contacts_.size();
}

void SshContacts::note_late_links(std::size_t i, Duration since, Duration late) {
  std::lock_guard lock(mutex_);
  contacts_[i]->late_links.note_within(now_() - since, now_(), late);
}

std::vector<HarnessLag> SshContacts::lags() const {
  std::lock_guard lock(mutex_);
  std::vector<HarnessLag> all;
  for (const auto& contact : contacts_) {
    LagLog log = contact->outages;
    if (contact->lost) log.note(*contact->lost, now_());
    all.insert(all.end(), log.lags().begin(), log.lags().end());
    const auto& late = contact->late_links.lags();
    all.insert(all.end(), late.begin(), late.end());
  }
  return all;
}

void SshContacts::drop_connections() {
  asio::post(io_, [this] {
    for (const auto& contact : contacts_) contact->link->drop();
  });
}

}  // namespace sunder
