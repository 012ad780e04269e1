#pragma once
// The datatypes, each from the file that implements it. datatypes() lists them all.

#include "checker/linearizable/datatype.h"

namespace sunder::linearizable {

DatatypeEntry register_entry();
DatatypeEntry cas_register_entry();
DatatypeEntry etcd_entry();
DatatypeEntry kv_entry();
DatatypeEntry set_entry();
DatatypeEntry g_set_entry();
DatatypeEntry counter_entry();
DatatypeEntry fifo_queue_entry();
DatatypeEntry stack_entry();
DatatypeEntry priority_queue_entry();
DatatypeEntry unordered_queue_entry();
DatatypeEntry mutex_entry();
DatatypeEntry owner_lock_entry();
DatatypeEntry reentrant_mutex_entry();
DatatypeEntry fenced_mutex_entry();
DatatypeEntry semaphore_entry();
DatatypeEntry append_only_log_entry();
DatatypeEntry unique_ids_entry();
DatatypeEntry leader_registration_entry();
DatatypeEntry multi_register_entry();

}  // namespace sunder::linearizable
