#include "harness/api/fault_budget.h"

#include <algorithm>

#include "harness/core/assert.h"

namespace sunder {
namespace {

std::vector<NodeId> shuffled(std::vector<NodeId> nodes, Rng& rng) {
  for (std::size_t left = nodes.size(); left > 1; --left) {
    std::swap(nodes[left - 1], nodes[rng.below(left)]);
  }
  return nodes;
}

}  // namespace

std::string_view to_string(FaultLimit limit) {
  switch (limit) {
    case FaultLimit::any: return "any";
    case FaultLimit::quorum: return "quorum";
    case FaultLimit::minority: return "minority";
  }
  return "";
}

FaultBudget::FaultBudget(FaultLimit limit, std::span<const NodeId> nodes)
    : limit_(limit), nodes_(nodes.begin(), nodes.end()) {
  ASSERT(limit != FaultLimit::any);
}

std::size_t FaultBudget::sound() const {
  std::set<NodeId> left(nodes_.begin(), nodes_.end());
  for (const auto& [fault, nodes] : broken_) {
    for (NodeId node : nodes) left.erase(node);
  }
  // Takes out whoever misses most of the others, until nobody misses anybody.
  for (;;) {
    std::map<NodeId, std::set<NodeId>> missed;
    for (const auto& [fault, links] : cut_) {
      for (const Link& link : links) {
        if (!left.contains(link.source) || !left.contains(link.target)) continue;
        missed[link.source].insert(link.target);
        missed[link.target].insert(link.source);
      }
    }
    if (missed.empty()) return left.size();
    auto worst = std::max_element(missed.begin(), missed.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    });
    left.erase(worst->first);
  }
}

bool FaultBudget::try_to_book(const std::string& fault, NodeId node) {
  if (!broken_[fault].insert(node).second) return false;
  if (majority_is_sound()) return true;
  broken_[fault].erase(node);
  return false;
}

std::vector<NodeId> FaultBudget::book(const std::string& fault, const std::vector<NodeId>& wanted,
                                      const std::vector<NodeId>& running, Rng& rng) {
  std::vector<NodeId> booked;
  for (NodeId node : shuffled(wanted, rng)) {
    if (try_to_book(fault, node)) booked.push_back(node);
  }
  if (limit_ == FaultLimit::minority) {
    for (NodeId node : shuffled(running, rng)) {
      if (try_to_book(fault, node)) booked.push_back(node);
    }
  }
  std::sort(booked.begin(), booked.end());
  return booked;
}

bool FaultBudget::book(const std::string& fault, const std::vector<Link>& links) {
  std::vector<Link> before = cut_[fault];
  cut_[fault] = links;
  if (majority_is_sound()) return true;
  cut_[fault] = std::move(before);
  return false;
}

void FaultBudget::release(const std::string& fault) {
  broken_.erase(fault);
  cut_.erase(fault);
}

void FaultBudget::release(const std::string& fault, NodeId node) {
  auto found = broken_.find(fault);
  if (found != broken_.end()) found->second.erase(node);
}

}  // namespace sunder
