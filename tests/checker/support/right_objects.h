#pragma once
// Right objects under load, one for each domain check.

#include <memory>

#include "tests/checker/support/domain_histories.h"

namespace sunder::testing_support {

std::unique_ptr<RightObject> right_set();
std::unique_ptr<RightObject> right_counter();
std::unique_ptr<RightObject> right_ids();
std::unique_ptr<RightObject> right_timestamps();
enum class QueueOrder : std::uint8_t { fifo, priority };
std::unique_ptr<RightObject> right_queue(QueueOrder order);
std::unique_ptr<RightObject> right_lock();
std::unique_ptr<RightObject> right_semaphore();  // of two permits
std::unique_ptr<RightObject> right_fenced_lock();
std::unique_ptr<RightObject> right_lease();
std::unique_ptr<RightObject> right_bank();       // five accounts with 20 each
std::unique_ptr<RightObject> right_registers();  // each written once, read in pairs
std::unique_ptr<RightObject> right_log();        // two keys
std::unique_ptr<RightObject> right_lists();      // transactions over two, one after the other

}  // namespace sunder::testing_support
