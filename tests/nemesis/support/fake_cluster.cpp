#include "tests/nemesis/support/fake_cluster.h"

namespace sunder {

FakeCluster::FakeCluster(int count, int leader)
    : rules_(static_cast<std::size_t>(count), LinkModel{}, 1), count_(count) {
  for (int i = 0; i < count; ++i) {
    nodes_.push_back(NodeId::node(i));
    NodeReport report{nodes_.back(), ProcessState::running, true, {}, Duration{0}};
    report.status = {i == leader ? "leader" : "follower", i == leader ? 3 : 2, true};
    report.starts = 1;
    report.version = Version::usual;
    reports_.push_back(report);
    stored_[nodes_.back()] = 7;
  }
}

FakeCluster::~FakeCluster() = default;

}  // namespace sunder
