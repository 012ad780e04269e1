#include "checker/linearizable/datatypes/entries.h"

namespace sunder::linearizable {

const std::vector<DatatypeEntry>& datatypes() {
  static const std::vector<DatatypeEntry> all{
      append_only_log_entry(),
      cas_register_entry(),
      counter_entry(),
      etcd_entry(),
      fenced_mutex_entry(),
      fifo_queue_entry(),
      g_set_entry(),
      kv_entry(),
      leader_registration_entry(),
      multi_register_entry(),
      mutex_entry(),
      owner_lock_entry(),
      priority_queue_entry(),
      reentrant_mutex_entry(),
      register_entry(),
      semaphore_entry(),
      set_entry(),
      stack_entry(),
      unique_ids_entry(),
      unordered_queue_entry(),
  };
  return all;
}

}  // namespace sunder::linearizable
