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

Map clock_request() {
  Map request;
  request["do"] = "clock";
  return request;
}

/// A host's clocks minus ours.
struct ClockOffsets {
  std::int64_t monotonic = 0;
  std::int64_t raw = 0;
  std::int64_t round_trip = INT64_MAX;  // of the best measurement
};

/// One question to hosts, and when it was asked.
struct ClockQuestion {
  std::int64_t asked = host_nanoseconds();
  std::int64_t raw_asked = raw_nanoseconds();

  /// As in NTP: the answer was given about half way between question and reply.
  void take(const Value& reply, std::int64_t trip, ClockOffsets& offsets) const {
    if (trip >= offsets.round_trip) return;
    offsets.round_trip = trip;
    offsets.monotonic = integer_of(reply, "monotonic") - (asked + trip / 2);
    offsets.raw = integer_of(reply, "raw") - (raw_asked + trip / 2);
  }
};

}  // namespace

struct SshContacts::Measuring {
  std::size_t host;
  int rounds_left;
  ClockOffsets best;
  std::function<void(Status)> done;
};

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
  bool off = false;                      // its machine is
  std::vector<ClockOffsets> offsets{1};  // by boot
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
    if (std::exchange(contact.up, false) && !contact.off) {
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
    for (const auto& contact : contacts_) {
      if (contact->up) asio::post(io_, [link = contact->link.get()] { link->part(); });
    }
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
    ClockQuestion question;
    Result<std::vector<Value>> replies =
        ask_all([](std::size_t) { return clock_request(); }, clock_limit);
    if (!replies) return replies.error();
    std::int64_t trip = host_nanoseconds() - question.asked;
    for (std::size_t i = 0; i < contacts_.size(); ++i) {
      question.take((*replies)[i], trip, contacts_[i]->offsets.front());
    }
  }
  if (!share_our_clock()) return Done{};
  for (const auto& contact : contacts_) contact->offsets.front() = {};
  return Done{};
}

void SshContacts::measure_new_boot(std::size_t i, std::function<void(Status)> done) {
  measure_once(std::make_shared<Measuring>(Measuring{i, clock_rounds, {}, std::move(done)}));
}

void SshContacts::measure_once(const std::shared_ptr<Measuring>& measuring) {
  Contact& contact = *contacts_[measuring->host];
  contact.link->ask_though_off(clock_request(), clock_limit,
                    [this, measuring, question = ClockQuestion()](const Result<Value>& reply) {
                      if (!reply) return measuring->done(reply.error());
                      std::int64_t trip = host_nanoseconds() - question.asked;
                      question.take(*reply, trip, measuring->best);
                      if (--measuring->rounds_left > 0) return measure_once(measuring);
                      {
                        std::lock_guard lock(mutex_);
                        contacts_[measuring->host]->offsets.push_back(measuring->best);
                      }
                      measuring->done(Done{});
                    });
}

std::size_t SshContacts::boots(std::size_t i) const {
  std::lock_guard lock(mutex_);
  return contacts_[i]->offsets.size();
}

std::int64_t SshContacts::clock_there(std::size_t i, std::size_t boot, std::int64_t here) const {
  std::lock_guard lock(mutex_);
  return here + contacts_[i]->offsets[boot].monotonic;
}

Duration SshContacts::clock_ahead(std::size_t i) const {
  std::lock_guard lock(mutex_);
  return Duration{contacts_[i]->offsets.back().raw};
}

std::string SshContacts::boot(std::size_t i) const {
  std::lock_guard lock(mutex_);
  return contacts_[i]->boot;
}

void SshContacts::note_off(std::size_t i, bool off) {
  {
    std::lock_guard lock(mutex_);
    contacts_[i]->off = off;
  }
  contacts_[i]->link->note_off(off);
}

SshAgentLink& SshContacts::link(std::size_t i) { return *contacts_[i]->link; }

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
