#include "harness/faultkit/netem.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace sunder {
namespace {

constexpr std::uint32_t waiting_max = 50'000;  // packets, as in an agent's own queue
constexpr std::int64_t line_seconds = 2;       // a longer queue before a slow line drops its tail
// For how long a line may have been idle and make up for it: as long as its timer may be late. One
// frame more always leaves at once.
constexpr std::int64_t idle_most = 1'000'000;  // nanoseconds
constexpr std::uint32_t quantum = 16'384;      // bytes in a row: there is but one class
constexpr int tick_bits = 6;                   // a tick of the packet scheduler is 64 ns
constexpr std::int64_t spread_most = std::numeric_limits<std::int32_t>::max();  // nanoseconds

// A heavy tail is wider than a table can say, so its jitter is said to be larger, its numbers less.
constexpr std::int64_t table_one = 8192;  // what a table has for one times the jitter
constexpr std::int64_t pareto_scale = 16;
constexpr std::size_t table_size = 16'384;

std::int64_t table_scale(const LinkModel& model) {
  return model.spread == Spread::pareto ? pareto_scale : 1;
}

// REQUIRES: part is below 2^32
std::uint32_t share_of(std::uint64_t part, std::uint64_t whole) {
  if (part >= whole) return std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>((part << 32) / whole);
}
std::uint32_t share_of(Ratio ratio) { return share_of(ratio.numerator, ratio.denominator); }

std::uint32_t ticks_of(std::int64_t nanoseconds) {
  return static_cast<std::uint32_t>(std::min<std::int64_t>(
      nanoseconds >> tick_bits, std::numeric_limits<std::uint32_t>::max()));
}

// Draws by the law that all worlds have. netem takes one of them at random for each packet.
std::vector<std::int16_t> table_of(const LinkModel& model) {
  Rng rng(1, Stream::of("netem table"));
  const Duration one{table_one / table_scale(model)};
  constexpr std::int64_t most = std::numeric_limits<std::int16_t>::max();
  std::vector<std::int16_t> table;
  while (table.size() < table_size) {
    if (model.spread == Spread::pareto) {
      table.push_back(static_cast<std::int16_t>(std::min(most, rng.pareto(one).count())));
      continue;
    }
    auto drawn = static_cast<std::int16_t>(rng.normal(one).count());
    table.push_back(drawn);
    table.push_back(static_cast<std::int16_t>(-drawn));  // so that the mean is right
  }
  return table;
}

// Gilbert's model as ours is: from the good state to the bad one, and back; nothing passes there.
void put_loss_in_runs(const LinkModel& model, NetlinkRequest& request) {
  std::uint64_t passed = model.loss.denominator - model.loss.numerator;
  const tc_netem_gemodel gilbert{share_of(model.loss.numerator, passed * model.loss_run),
                                 share_of(1, model.loss_run), 0, 0};
  std::size_t loss = request.begin_nest(TCA_NETEM_LOSS);
  request.put(NETEM_LOSS_GE, bytes_of(gilbert));
  request.end_nest(loss);
}

bool loses_in_runs(const LinkModel& model) {
  return model.loss_run > 1 && model.loss.numerator > 0 &&
         model.loss.numerator < model.loss.denominator;
}

}  // namespace

bool netem_can(const LinkModel& model) {
  bool anything_else = model.hold || model.frame_max > 0 || model.corrupt.numerator > 0 ||
                       model.blocked || model.refuse || model.reset;
  bool jitters = model.jitter.count() > 0;
  bool reorders = model.reorder.numerator > 0;
  LinkModel only_rate;
  only_rate.rate = model.rate;
  if (anything_else || (model.rate > 0 && model != only_rate)) return false;
  if (jitters && model.spread == Spread::exponential) return false;
  if (model.jitter.count() > spread_most / table_scale(model)) return false;
  if (reorders && (jitters || model.delay.count() > 0 || model.reorder_span.count() <= 0 ||
                   model.reorder_span.count() > spread_most)) {
    return false;
  }
  // netem would send a packet that is both lost and doubled once.
  return model.duplicate.numerator == 0 || model.loss.numerator == 0;
}

bool netem_forgets(const LinkModel& model) { return model.rate == 0 && !loses_in_runs(model); }

void put_netem(const LinkModel& model, NetlinkRequest& request) {
  std::int64_t latency = model.delay.count();
  std::int64_t jitter = model.jitter.count() * table_scale(model);
  tc_netem_qopt basic{};
  basic.limit = waiting_max;
  basic.loss = loses_in_runs(model) ? 0 : share_of(model.loss);
  basic.duplicate = share_of(model.duplicate);
  bool reorders = model.reorder.numerator > 0;
  if (reorders) {
    // What netem calls reordered is what it sends at once; all others it delays by its usual law
    // for jitter, in which all between nothing and the span is equally likely.
    latency = jitter = model.reorder_span.count() / 2;
    basic.gap = 1;
  }
  basic.latency = ticks_of(latency);
  basic.jitter = ticks_of(jitter);
  std::size_t options = request.begin_nest(TCA_OPTIONS);
  request.put_struct(bytes_of(basic));
  request.put(TCA_NETEM_LATENCY64, bytes_of(latency));
  request.put(TCA_NETEM_JITTER64, bytes_of(jitter));
  if (reorders) {
    const tc_netem_reorder at_once{~share_of(model.reorder), 0};
    request.put(TCA_NETEM_REORDER, bytes_of(at_once));
  } else if (jitter > 0) {
    std::vector<std::int16_t> table = table_of(model);
    request.put(TCA_NETEM_DELAY_DIST, {reinterpret_cast<const char*>(table.data()),
                                       table.size() * sizeof table.front()});
  }
  if (loses_in_runs(model)) put_loss_in_runs(model, request);
  request.end_nest(options);
}

void put_rate(const LinkModel& model, NetlinkRequest& request) {
  const std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  tc_htb_opt said{};
  said.rate.rate = said.ceil.rate = static_cast<std::uint32_t>(std::min(model.rate, most));
  said.rate.linklayer = said.ceil.linklayer = TC_LINKLAYER_ETHERNET;  // or a table is wanted
  said.buffer = said.cbuffer = ticks_of(idle_most);
  said.quantum = quantum;
  std::size_t options = request.begin_nest(TCA_OPTIONS);
  request.put(TCA_HTB_PARMS, bytes_of(said));
  request.end_nest(options);
}

void put_line(const LinkModel& model, NetlinkRequest& request) {
  const std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  const tc_fifo_qopt fifo{static_cast<std::uint32_t>(std::min(line_seconds * model.rate, most))};
  request.put(TCA_OPTIONS, bytes_of(fifo));
}

}  // namespace sunder
