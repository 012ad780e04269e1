#include "harness/api/generator.h"

#include <algorithm>
#include <bit>

#include "harness/core/assert.h"

namespace sunder {

ThreadSet ThreadSet::range(int clients, int nemeses) {
  ThreadSet set;
  for (int i = 0; i < clients; ++i) set.insert(i);
  for (int i = 0; i < nemeses; ++i) set.insert(-1 - i);
  return set;
}

bool ThreadSet::contains(Thread thread) const {
  if (thread < 0) return ((nemeses_ >> (-1 - thread)) & 1) != 0;
  auto word = static_cast<std::size_t>(thread) / 64;
  return word < clients_.size() && ((clients_[word] >> (thread % 64)) & 1) != 0;
}

void ThreadSet::insert(Thread thread) {
  if (thread < 0) {
    ASSERT(thread >= -64);
    nemeses_ |= std::uint64_t{1} << (-1 - thread);
    return;
  }
  auto word = static_cast<std::size_t>(thread) / 64;
  if (word >= clients_.size()) clients_.resize(word + 1);
  clients_[word] |= std::uint64_t{1} << (thread % 64);
}

void ThreadSet::erase(Thread thread) {
  if (thread < 0) {
    nemeses_ &= ~(std::uint64_t{1} << (-1 - thread));
    return;
  }
  auto word = static_cast<std::size_t>(thread) / 64;
  if (word < clients_.size()) clients_[word] &= ~(std::uint64_t{1} << (thread % 64));
}

std::size_t ThreadSet::size() const {
  auto count = static_cast<std::size_t>(std::popcount(nemeses_));
  for (std::uint64_t word : clients_) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

bool ThreadSet::empty() const { return size() == 0; }

Thread ThreadSet::nth(std::size_t n) const {
  auto pick = [](std::uint64_t bits, std::size_t index) {
    for (; index > 0; --index) bits &= bits - 1;
    return __builtin_ctzll(bits);
  };
  for (std::size_t word = 0; word < clients_.size(); ++word) {
    auto count = static_cast<std::size_t>(std::popcount(clients_[word]));
    if (n < count) return static_cast<Thread>(word * 64) + pick(clients_[word], n);
    n -= count;
  }
  ASSERT(n < static_cast<std::size_t>(std::popcount(nemeses_)));
  return -1 - pick(nemeses_, n);
}

ThreadSet ThreadSet::clients() const {
  ThreadSet set;
  set.clients_ = clients_;
  return set;
}

ThreadSet ThreadSet::nemeses() const {
  ThreadSet set;
  set.nemeses_ = nemeses_;
  return set;
}

ThreadSet ThreadSet::operator&(const ThreadSet& other) const {
  ThreadSet both;
  both.nemeses_ = nemeses_ & other.nemeses_;
  both.clients_.resize(std::min(clients_.size(), other.clients_.size()));
  for (std::size_t i = 0; i < both.clients_.size(); ++i) {
    both.clients_[i] = clients_[i] & other.clients_[i];
  }
  return both;
}

bool ThreadSet::operator==(const ThreadSet& other) const {
  return nemeses_ == other.nemeses_ && size() == other.size() && (*this & other).size() == size();
}

Process Context::process_of(Thread thread) const {
  if (thread < 0) return Process{thread};
  return (*client_processes)[static_cast<std::size_t>(thread)];
}

Thread Context::thread_of(Process process) const {
  if (!process.is_client()) return process.id;
  return process.id % static_cast<Thread>(client_processes->size());
}

Context Context::narrowed(const ThreadSet& threads) const {
  return Context{time, all & threads, free & threads, client_processes};
}

Generator Rule::after(const Context&, const Op&, const Generator& self) const { return self; }

Emission Generator::next(const Context& context) const {
  return rule_ ? rule_->next(context) : Emission{Exhausted{}};
}

Generator Generator::after(const Context& context, const Op& event) const {
  return rule_ ? rule_->after(context, event, *this) : *this;
}

}  // namespace sunder
