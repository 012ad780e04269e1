#include "checker/linearizable/datatypes/entries.h"

namespace sunder::linearizable {

const std::vector<DatatypeEntry>& datatypes() {
  static const std::vector<DatatypeEntry> all{
      cas_register_entry(),
      etcd_entry(),
      kv_entry(),
      register_entry(),
  };
  return all;
}

}  // namespace sunder::linearizable
