#include "checker/replicated/states.h"

#include <algorithm>

namespace sunder::replicated {
namespace {

class Counter final : public State {
 public:
  void add(const Event& update) override { sum_ += update.amount; }
  bool agrees(const Event& reply) override { return reply.number == sum_; }

 private:
  std::int64_t sum_ = 0;
};

class LastWriter final : public State {
 public:
  explicit LastWriter(const Object& object) : object_(object) {}
  void add(const Event& update) override {
    if (last_ == nullptr || before(object_, *last_->stamp, *update.stamp)) last_ = &update;
  }
  bool agrees(const Event& reply) override {
    return reply.answer == (last_ == nullptr ? 0 : last_->input);
  }

 private:
  const Object& object_;
  const Event* last_ = nullptr;
};

/// Updates that no later one has seen, which is covered: at most a few at a time.
class Uncovered {
 public:
  void add(const Event& update) {
    if (!covered(update.dot)) alive_.push_back(&update);
  }
  void cover(const Context& seen) {
    cover_.resize(seen.size(), 0);
    for (std::size_t r = 0; r < seen.size(); ++r) cover_[r] = std::max(cover_[r], seen[r]);
    std::erase_if(alive_, [&](const Event* one) { return covered(one->dot); });
  }
  const std::vector<const Event*>& alive() const { return alive_; }

 private:
  bool covered(Dot dot) const {
    return dot.replica < cover_.size() && dot.counter <= cover_[dot.replica];
  }

  Context cover_;  // empty: nothing was covered yet
  std::vector<const Event*> alive_;
};

class ManyValues final : public State {
 public:
  ManyValues(const Object& object, const Updates& updates) : object_(object), updates_(updates) {}
  void add(const Event& update) override {
    writes_.add(update);
    updates_.past_of(update, seen_);
    writes_.cover(seen_);
  }
  bool agrees(const Event& reply) override {
    auto answer = object_.elements_of(reply);
    std::vector<std::int32_t> said(answer.begin(), answer.end());
    std::vector<std::int32_t> due;
    for (const Event* write : writes_.alive()) due.push_back(write->input);
    std::sort(said.begin(), said.end());
    std::sort(due.begin(), due.end());
    due.erase(std::unique(due.begin(), due.end()), due.end());
    return said == due;
  }

 private:
  const Object& object_;
  const Updates& updates_;
  Uncovered writes_;
  Context seen_;
};

/// Compares an answer with the elements that are present, in time of the answer's length.
class Members {
 public:
  void set(std::int32_t element, bool present) {
    auto at = static_cast<std::size_t>(element);
    if (at >= present_.size()) {
      present_.resize(at + 1, 0);
      named_.resize(at + 1, 0);
    }
    count_ += (present ? 1U : 0U) - static_cast<std::size_t>(present_[at]);
    present_[at] = present ? 1 : 0;
  }
  bool agrees(std::span<const std::int32_t> answer) {
    if (answer.size() != count_) return false;
    ++round_;
    for (std::int32_t element : answer) {
      auto at = static_cast<std::size_t>(element);
      if (at >= present_.size() || present_[at] == 0 || named_[at] == round_) return false;
      named_[at] = round_;
    }
    return true;
  }

 private:
  std::vector<std::uint8_t> present_;
  std::vector<std::uint32_t> named_;  // the last answer that named it
  std::size_t count_ = 0;
  std::uint32_t round_ = 0;
};

class GrowingSet final : public State {
 public:
  explicit GrowingSet(const Object& object) : object_(object) {}
  void add(const Event& update) override { members_.set(update.input, true); }
  bool agrees(const Event& reply) override { return members_.agrees(object_.elements_of(reply)); }

 private:
  const Object& object_;
  Members members_;
};

class ObservedRemoveSet final : public State {
 public:
  ObservedRemoveSet(const Object& object, const Updates& updates)
      : object_(object), updates_(updates) {}
  void add(const Event& update) override {
    auto at = static_cast<std::size_t>(update.input);
    if (at >= adds_.size()) adds_.resize(at + 1);
    if (update.verb == Verb::add) {
      adds_[at].add(update);
    } else {
      updates_.context_of(update, false, seen_);
      adds_[at].cover(seen_);
    }
    members_.set(update.input, !adds_[at].alive().empty());
  }
  bool agrees(const Event& reply) override { return members_.agrees(object_.elements_of(reply)); }

 private:
  const Object& object_;
  const Updates& updates_;
  std::vector<Uncovered> adds_;  // by element
  Members members_;
  Context seen_;
};

/// Which elements stand in a list: those inserted and not deleted. Their order is not a function of
/// what is visible, and is judged elsewhere.
class Document final : public State {
 public:
  explicit Document(const Object& object) : object_(object) {}
  void add(const Event& update) override {
    auto at = static_cast<std::size_t>(update.input);
    if (at >= inserted_.size()) {
      inserted_.resize(at + 1, false);
      deleted_.resize(at + 1, false);
    }
    (update.verb == Verb::insert ? inserted_ : deleted_)[at] = true;
    members_.set(update.input, inserted_[at] && !deleted_[at]);
  }
  bool agrees(const Event& reply) override { return members_.agrees(object_.elements_of(reply)); }

 private:
  const Object& object_;
  std::vector<bool> inserted_;  // by element
  std::vector<bool> deleted_;
  Members members_;
};

}  // namespace

bool before(const Object& object, const Stamp& a, const Stamp& b) {
  if (a.time != b.time) return a.time < b.time;
  return (*object.values)[a.node] < (*object.values)[b.node];
}

std::unique_ptr<State> empty_state(const Object& object, const Updates& updates) {
  switch (object.kind) {
    case Kind::lww_register: return std::make_unique<LastWriter>(object);
    case Kind::mv_register: return std::make_unique<ManyValues>(object, updates);
    case Kind::g_counter:
    case Kind::pn_counter: return std::make_unique<Counter>();
    case Kind::g_set: return std::make_unique<GrowingSet>(object);
    case Kind::or_set: return std::make_unique<ObservedRemoveSet>(object, updates);
    case Kind::list: return std::make_unique<Document>(object);
  }
  return nullptr;
}

}  // namespace sunder::replicated
