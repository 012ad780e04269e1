#include "harness/real/ssh/ssh_power.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "harness/faultkit/tool.h"

namespace sunder {
namespace {

namespace asio = boost::asio;

constexpr Duration tool_limit = std::chrono::seconds(60);
constexpr Duration boot_limit = std::chrono::minutes(6);  // an emulated processor takes its time

std::vector<std::string> virsh(const std::string& act) {
  return {"virsh", "-q", "-c", "qemu:///system", act};
}

Result<std::string> ask_libvirt(const std::string& act, const std::string& machine) {
  std::vector<std::string> command = virsh(act);
  command.push_back(machine);
  Result<std::string> done = run_tool(command, "", tool_limit);
  if (done) return done;
  return Error{done.error().code, "libvirt: " + done.error().context};
}

/// What is asked to do what is so already has done it.
Status bring(const std::string& machine, bool on) {
  Result<std::string> state = ask_libvirt("domstate", machine);
  if (!state) return state.error();
  if (state->starts_with("running") == on) return Done{};
  Result<std::string> done = ask_libvirt(on ? "start" : "destroy", machine);
  if (!done) return done.error();
  return Done{};
}

std::size_t index_of(NodeId node) { return static_cast<std::size_t>(node.index); }

}  // namespace

Result<std::unique_ptr<SshPower>> SshPower::create(Setup setup) {
  for (const std::string& machine : setup.machines) {
    Result<std::string> state = ask_libvirt("domstate", machine);
    if (!state) return state.error();
    if (state->starts_with("running")) continue;
    return Error{Error::Code::environment, "libvirt's machine " + machine +
                                               " does not run; 'virsh start " + machine +
                                               "' starts it"};
  }
  Result<std::unique_ptr<PowerKeeper>> keeper = PowerKeeper::start(setup.keeper, virsh("start"));
  if (!keeper) return keeper.error();
  return std::unique_ptr<SshPower>(new SshPower(std::move(setup), *std::move(keeper)));
}

SshPower::SshPower(Setup setup, std::unique_ptr<PowerKeeper> keeper)
    : setup_(std::move(setup)), keeper_(std::move(keeper)), workers_(setup_.machines.size()) {
  for (const std::string& name : setup_.machines) machines_.push_back({.name = name});
}

SshPower::~SshPower() { workers_.join(); }

bool SshPower::is_off(NodeId node) const { return machines_[index_of(node)].state != State::on; }

std::string SshPower::boot(NodeId node) const { return setup_.contacts.boot(index_of(node)); }

void SshPower::switch_power(const Machine& machine, bool on, Told told) {
  asio::post(workers_, [this, name = machine.name, on, told = std::move(told)]() mutable {
    Status done = bring(name, on);
    asio::post(setup_.io, [told = std::move(told), done] { told(done); });
  });
}

void SshPower::cut(NodeId node, std::function<void(Result<Value>)> done) {
  Machine& struck = machine(node);
  if (struck.state != State::on) {
    return done(Error{Error::Code::refused, struck.name + " is off already"});
  }
  if (Status kept = keeper_->will_be_off(struck.name); !kept) return done(kept.error());
  struck.state = State::off;
  struck.boot = boot(node);
  setup_.contacts.note_off(index_of(node), true);
  switch_power(struck, false, [this, node, done = std::move(done)](const Status& told) {
    Machine& gone = machine(node);
    if (!told) {
      gone.state = State::on;
      setup_.contacts.note_off(index_of(node), false);
      (void)keeper_->is_on(gone.name);
      return done(told.error());
    }
    // Nothing will come over this connection, not even word of its end.
    setup_.contacts.link(index_of(node)).drop();
    Map evidence;
    evidence["policy"] = "machine off";
    evidence["boot"] = gone.boot;
    done(Value(std::move(evidence)));
  });
}

void SshPower::restore(NodeId node, std::function<void(Result<Restart>)> done) {
  Machine& back = machine(node);
  back.waiting.push_back(std::move(done));
  if (back.state == State::coming) return;
  back.state = State::coming;
  switch_power(back, true, [this, node](const Status& told) {
    Machine& started = machine(node);
    if (told) {
      (void)keeper_->is_on(started.name);
      return await_agent(node);
    }
    started.state = State::off;
    come_back(node, told);
  });
}

void SshPower::await_agent(NodeId node) {
  setup_.contacts.link(index_of(node))
      .ask_though_off(setup_.settle(node), boot_limit, [this, node](const Result<Value>& settled) {
        if (!settled) return come_back(node, settled.error());
        prove_boot(node);
      });
}

void SshPower::prove_boot(NodeId node) {
  if (boot(node) == machine(node).boot) {
    return come_back(node, Error{Error::Code::environment,
                                 machine(node).name + " has not been started anew"});
  }
  setup_.contacts.measure_new_boot(index_of(node), [this, node](const Status& measured) {
    if (!measured) return come_back(node, measured);
    return_to_links(node);
  });
}

/// The new agent does not know of links that are cut or bent.
void SshPower::return_to_links(NodeId node) {
  setup_.contacts.note_off(index_of(node), false);
  setup_.tell_links([this, node](const Status& told) {
    if (told) machine(node).state = State::on;
    come_back(node, told);
  });
}

/// What did not come back in full counts as off, and the next attempt begins with libvirt again.
void SshPower::come_back(NodeId node, const Status& how) {
  Machine& back = machine(node);
  if (!how) {
    back.state = State::off;
    setup_.contacts.note_off(index_of(node), true);
  }
  for (const auto& done : std::exchange(back.waiting, {})) {
    if (how) {
      done(setup_.start(node, setup_.contacts.boots(index_of(node)) - 1));
    } else {
      done(how.error());
    }
  }
}

}  // namespace sunder
