#pragma once
// The datatypes, each from the file that implements it. datatypes() lists them all.

#include "checker/linearizable/datatype.h"

namespace sunder::linearizable {

DatatypeEntry register_entry();
DatatypeEntry cas_register_entry();
DatatypeEntry etcd_entry();
DatatypeEntry kv_entry();

}  // namespace sunder::linearizable
