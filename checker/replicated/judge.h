#pragma once
// The verdict on one replicated object.

#include "checker/replicated/answers.h"

namespace sunder::replicated {

struct Judgement {
  Validity validity = Validity::unknown;
  std::vector<Anomaly> anomalies;
  std::string reason;       // of unknown: a whole sentence without its end
  bool witnessed = false;   // replies or logs say what was seen
  std::size_t replies = 0;  // that answered a state
  std::size_t final_reads = 0;
};

/// `where`: "on key 7: ", or empty. Logs may complete the object's events.
Judgement judge(Object& object, const Demands& demands, const Budget& budget,
                const std::string& where);

}  // namespace sunder::replicated
