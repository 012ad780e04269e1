#pragma once
// Hosts that are machines of this computer's libvirt: their power is cut by ending the emulator,
// which takes along all that the machine's kernel had not yet written.

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/real/power_control.h"
#include "harness/real/ssh/power_keeper.h"
#include "harness/real/ssh/ssh_contacts.h"

namespace sunder {

class SshPower final : public PowerControl {
 public:
  struct Setup {
    boost::asio::io_context& io;
    SshContacts& contacts;
    std::vector<std::string> machines{};   // what libvirt calls them, by node
    std::filesystem::path keeper{};        // sunder-agent
    std::function<Map(NodeId)> settle{};   // tells an agent its place
    std::function<Restart(NodeId, std::size_t boot)> start{};  // of a node
    /// Tells all agents what is to happen on links.
    std::function<void(std::function<void(Status)>)> tell_links{};
  };
  /// Errors: libvirt cannot be asked, or does not know one of the machines as running.
  static Result<std::unique_ptr<SshPower>> create(Setup setup);
  /// Not while the loop runs. Machines that are off are started, as they are when this process is
  /// killed; nobody waits until they are up.
  ~SshPower() override;

  bool is_off(NodeId node) const override;
  std::string boot(NodeId node) const override;
  void cut(NodeId node, std::function<void(Result<Value>)> done) override;
  void restore(NodeId node, std::function<void(Result<Restart>)> done) override;

 private:
  enum class State : std::uint8_t { on, off, coming };
  struct Machine {
    std::string name;
    State state = State::on;
    std::string boot{};  // before the cut
    std::vector<std::function<void(Result<Restart>)>> waiting{};
  };
  using Told = std::function<void(Status)>;

  SshPower(Setup setup, std::unique_ptr<PowerKeeper> keeper);
  /// By libvirt, on another thread.
  void switch_power(const Machine& machine, bool on, Told told);
  void await_agent(NodeId node);
  void prove_boot(NodeId node);
  void return_to_links(NodeId node);
  void come_back(NodeId node, const Status& how);
  Machine& machine(NodeId node) { return machines_[static_cast<std::size_t>(node.index)]; }

  Setup setup_;
  std::unique_ptr<PowerKeeper> keeper_;
  std::vector<Machine> machines_;
  boost::asio::thread_pool workers_;
};

}  // namespace sunder
