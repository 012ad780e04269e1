#pragma once
// Seats of client threads: each carries one op at a time, for one process after another.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "harness/api/test.h"
#include "harness/real/client_hub.h"
#include "harness/real/lab/completions.h"

namespace sunder {

/// dispatch() is called on the loop's thread. Every op completes exactly once, as info at the op
/// time-out at the latest; an info closes the process's client.
class Seats {
 public:
  virtual ~Seats() = default;
  virtual void dispatch(const Op& invocation) = 0;
};

/// Of a reference system: clients over channels, all on the loop's thread.
std::unique_ptr<Seats> make_reference_seats(const Test& test, boost::asio::io_context& io,
                                            ClientHub& hub, Completions& completions);

/// Of a store: a thread for each seat with its blocking client. `place` says where the nodes are.
std::unique_ptr<Seats> make_blocking_seats(const Test& test, boost::asio::io_context& io,
                                           ServicePlace place, Completions& completions);

}  // namespace sunder
