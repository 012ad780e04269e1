#include "nodes/two_phase/oracle.h"

#include "nodes/kv/bytes.h"

namespace sunder::two_phase {
namespace {

constexpr std::string_view name = "oracle";
constexpr std::int64_t reserve = 1000;  // timestamps handed out for one barrier

}  // namespace

void Oracle::recover() {
  if (const Bytes* saved = post_.runtime().storage().get(name)) {
    last_ = bound_ = ByteReader(*saved).number();
  }
}

void Oracle::on_request(NodeId source, const StampRequest& request) {
  ++last_;
  if (!forgets_ && last_ > bound_) save(last_ + reserve);
  post_.runtime().trace({.kind = "stamp", .numbers = {{{"at", last_}}}});
  post_.send(source, Message(Stamp{request.ask, last_}));
}

void Oracle::on_tick() {
  if (forgets_ && bound_ != last_) save(last_);
}

void Oracle::save(std::int64_t bound) {
  bound_ = bound;
  ByteWriter out;
  out.number(bound);
  post_.runtime().storage().put(name, out.take());
  post_.runtime().storage().sync();
}

}  // namespace sunder::two_phase
