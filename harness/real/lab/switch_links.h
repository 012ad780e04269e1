#pragma once
// The lab's links: rules of its switch, which take hold at once.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "harness/real/lab/switch.h"
#include "harness/real/link_control.h"

namespace sunder {

class SwitchLinks final : public LinkControl {
 public:
  SwitchLinks(boost::asio::io_context& io, Switch& network) : io_(io), network_(network) {}

  void impose(const std::string& rule, const std::vector<Link>& links, const LinkModel& model,
              Act done) override {
    network_.impose(rule, links, model);
    boost::asio::post(io_, [done = std::move(done)] { done(Done{}); });
  }
  void lift(const std::string& rule, Act done) override {
    network_.lift(rule);
    boost::asio::post(io_, [done = std::move(done)] { done(Done{}); });
  }
  void read_tolls(std::function<void(Result<LinkTolls>)> done) override {
    boost::asio::post(io_, [this, done = std::move(done)] { done(network_.tolls()); });
  }
  std::vector<LinkRule> rules() const override { return network_.rules(); }

 private:
  boost::asio::io_context& io_;
  Switch& network_;
};

}  // namespace sunder
