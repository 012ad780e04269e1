#pragma once
// One factory for each datatype; kv_dialect() chooses.

#include "nodes/kv/dialects/dialect.h"

namespace sunder {

std::unique_ptr<KvDialect> register_dialect();
std::unique_ptr<KvDialect> set_dialect();
std::unique_ptr<KvDialect> queue_dialect();
std::unique_ptr<KvDialect> counter_dialect();
std::unique_ptr<KvDialect> id_dialect();
std::unique_ptr<KvDialect> lock_dialect();
std::unique_ptr<KvDialect> bank_dialect();
std::unique_ptr<KvDialect> multi_register_dialect();
std::unique_ptr<KvDialect> log_dialect();

}  // namespace sunder
