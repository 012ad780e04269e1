#pragma once
// What bends the links between nodes, in the words of Cluster.

#include <functional>
#include <string>
#include <vector>

#include "harness/api/cluster.h"
#include "harness/core/link_rules.h"
#include "harness/core/node_id.h"
#include "harness/core/result.h"

namespace sunder {

/// Lives on the loop's thread; `done` is called there, once.
class LinkControl {
 public:
  using Act = std::function<void(Status)>;
  virtual ~LinkControl() = default;
  virtual void impose(const std::string& rule, const std::vector<Link>& links,
                      const LinkModel& model, Act done) = 0;
  virtual void lift(const std::string& rule, Act done) = 0;
  /// What rules have taken at each node since the run began.
  virtual void read_tolls(std::function<void(Result<LinkTolls>)> done) = 0;
  /// The rules in force.
  virtual std::vector<LinkRule> rules() const = 0;
};

}  // namespace sunder
