#include "harness/generate/thread.h"

#include <algorithm>

#include "harness/generate/choice.h"
#include "harness/generate/rule.h"

namespace sunder::gen {
namespace {

// A Filter narrows thread sets and says whether a thread belongs.
template <class Filter>
class ThreadsRule final : public Rule {
 public:
  ThreadsRule(Filter filter, Generator inner) : filter_(filter), inner_(std::move(inner)) {}

  Emission next(const Context& context) const override {
    Emission emission = inner_.next(narrowed(context));
    if (auto* ready = std::get_if<Ready>(&emission)) {
      ready->rest = make<ThreadsRule>(filter_, std::move(ready->rest));
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    if (!filter_.contains(context.thread_of(event.process))) return self;
    Generator inner = inner_.after(narrowed(context), event);
    return inner.same_as(inner_) ? self : make<ThreadsRule>(filter_, std::move(inner));
  }

 private:
  Context narrowed(const Context& context) const {
    return {context.time, filter_.of(context.all), filter_.of(context.free),
            context.client_processes};
  }

  Filter filter_;
  Generator inner_;
};

struct OnlyClients {
  bool contains(Thread thread) const { return thread >= 0; }
  ThreadSet of(const ThreadSet& threads) const { return threads.clients(); }
};

struct OnlyNemeses {
  bool contains(Thread thread) const { return thread < 0; }
  ThreadSet of(const ThreadSet& threads) const { return threads.nemeses(); }
};

struct Matching {
  std::shared_ptr<const std::function<bool(Thread)>> matches;
  bool contains(Thread thread) const { return (*matches)(thread); }
  ThreadSet of(const ThreadSet& threads) const {
    ThreadSet chosen;
    threads.each([&](Thread thread) {
      if (contains(thread)) chosen.insert(thread);
    });
    return chosen;
  }
};

// Copies of a generator, one for each thread.
class EachRule final : public Rule {
 public:
  struct Copy {
    Thread thread;
    Process process;
    Generator generator;
  };

  EachRule(Generator fresh, bool by_process, std::vector<Copy> copies)
      : fresh_(std::move(fresh)), by_process_(by_process), copies_(std::move(copies)) {}

  Emission next(const Context& context) const override {
    std::vector<Thread> free;
    context.free.each([&](Thread thread) { free.push_back(thread); });
    Soonest soonest(context.time);
    if (free.size() < context.all.size()) soonest.wait();
    std::size_t first = free.empty() ? 0 : pick_index(context, free.size());
    for (std::size_t i = 0; i < free.size(); ++i) {
      std::size_t at = (first + i) % free.size();
      const Generator& copy = copy_for(context, free[at]);
      if (soonest.offer(at, copy.next(only(context, free[at])))) break;
    }
    if (!soonest.found()) return soonest.nothing();
    Ready ready = std::move(soonest.best());
    Thread thread = free[soonest.from()];
    ready.rest = with(Copy{thread, context.process_of(thread), std::move(ready.rest)});
    return ready;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Thread thread = context.thread_of(event.process);
    const Copy* copy = find(thread);
    if (copy == nullptr || (by_process_ && copy->process != event.process)) return self;
    Generator changed = copy->generator.after(only(context, thread), event);
    if (changed.same_as(copy->generator)) return self;
    return with(Copy{thread, copy->process, std::move(changed)});
  }

 private:
  static Context only(const Context& context, Thread thread) {
    ThreadSet one;
    one.insert(thread);
    return context.narrowed(one);
  }

  const Copy* find(Thread thread) const {
    auto at = std::find_if(copies_.begin(), copies_.end(),
                           [&](const Copy& copy) { return copy.thread == thread; });
    return at == copies_.end() ? nullptr : &*at;
  }

  const Generator& copy_for(const Context& context, Thread thread) const {
    const Copy* copy = find(thread);
    bool stale = copy && by_process_ && copy->process != context.process_of(thread);
    return copy == nullptr || stale ? fresh_ : copy->generator;
  }

  Generator with(Copy copy) const {
    std::vector<Copy> copies = copies_;
    if (const Copy* old = find(copy.thread)) {
      copies[static_cast<std::size_t>(old - copies_.data())] = std::move(copy);
    } else {
      copies.push_back(std::move(copy));
    }
    return make<EachRule>(fresh_, by_process_, std::move(copies));
  }

  Generator fresh_;
  bool by_process_;
  std::vector<Copy> copies_;  // of the threads that have had an op
};

class ProcessLimitRule final : public Rule {
 public:
  ProcessLimitRule(std::size_t limit, std::vector<Process> seen, Generator inner)
      : limit_(limit), seen_(std::move(seen)), inner_(std::move(inner)) {}

  Emission next(const Context& context) const override {
    Emission emission = inner_.next(context);
    auto* ready = std::get_if<Ready>(&emission);
    if (ready == nullptr) return emission;
    std::vector<Process> seen = seen_;
    if (std::find(seen.begin(), seen.end(), ready->op.process) == seen.end()) {
      if (seen.size() == limit_) return Exhausted{};
      seen.push_back(ready->op.process);
    }
    ready->rest = make<ProcessLimitRule>(limit_, std::move(seen), std::move(ready->rest));
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    return inner.same_as(inner_) ? self : make<ProcessLimitRule>(limit_, seen_, std::move(inner));
  }

 private:
  std::size_t limit_;
  std::vector<Process> seen_;
  Generator inner_;
};

}  // namespace

Generator on_threads(std::function<bool(Thread)> matches, Generator generator) {
  Matching filter{std::make_shared<const std::function<bool(Thread)>>(std::move(matches))};
  return make<ThreadsRule<Matching>>(std::move(filter), std::move(generator));
}

Generator on_thread(Thread thread, Generator generator) {
  return on_threads([thread](Thread other) { return other == thread; }, std::move(generator));
}

Generator clients(Generator generator) {
  return make<ThreadsRule<OnlyClients>>(OnlyClients{}, std::move(generator));
}

Generator nemesis(Generator generator) {
  return make<ThreadsRule<OnlyNemeses>>(OnlyNemeses{}, std::move(generator));
}

Generator reserve(std::vector<Reservation> reservations, Generator others) {
  std::vector<Generator> all;
  Thread begin = 0;
  for (Reservation& reservation : reservations) {
    Thread end = begin + reservation.count;
    all.push_back(on_threads([begin, end](Thread t) { return begin <= t && t < end; },
                             std::move(reservation.generator)));
    begin = end;
  }
  all.push_back(on_threads([begin](Thread t) { return t < 0 || t >= begin; }, std::move(others)));
  return any(std::move(all));
}

Generator each_thread(Generator generator) {
  return make<EachRule>(std::move(generator), false, std::vector<EachRule::Copy>{});
}

Generator each_process(Generator generator) {
  return make<EachRule>(std::move(generator), true, std::vector<EachRule::Copy>{});
}

Generator process_limit(int count, Generator generator) {
  return make<ProcessLimitRule>(static_cast<std::size_t>(count), std::vector<Process>{},
                                std::move(generator));
}

}  // namespace sunder::gen
