// The table of Maelstrom's workloads.

#include "harness/real/stdio/speech.h"

namespace sunder::stdio {
namespace {

// Where a workload has one object, it has this key.
constexpr std::int64_t only_key = 0;

Error malformed(std::string text) { return Error{Error::Code::malformed, std::move(text)}; }
Error unsayable(std::string text) { return Error{Error::Code::refused, std::move(text)}; }

Result<Value> member(const Value& body, std::string_view name) {
  const Value* found = body.find(name);
  if (found == nullptr) return malformed("the request has no '" + std::string(name) + "'");
  return *found;
}

/// Systems hold integers; anything else could not be given back.
Result<Value> integer_member(const Value& body, std::string_view name) {
  Result<Value> found = member(body, name);
  if (!found || found->is_integer()) return found;
  return unsayable("'" + std::string(name) + "' is " + to_json(*found) +
                   ", but this system holds 64-bit integers only");
}

Value of_only_key(Value argument) { return Value::pair(Value(only_key), std::move(argument)); }

/// The answer in [key answer]; replicated datatypes wrap it in a map that also tells what the
/// replica had seen.
Value answered(const Value& answer) {
  if (!answer.is_list() || answer.list().size() != 2) return {};
  const Value& inner = answer.list()[1];
  const Value* wrapped = inner.find("value");
  return wrapped != nullptr ? *wrapped : inner;
}

Map acknowledged(std::string_view type) { return body_of_type(type); }

// lin-kv

Result<Draft> ask_read(std::string_view, const Value& body) {
  Result<Value> key = member(body, "key");
  if (!key) return key.error();
  return Draft{"read", Value::pair(Value(key_number(*key)), Value())};
}
Map reply_read(const Value&, const Value& answer) {
  Value found = answered(answer);
  if (found.is_nil()) return error_body(ErrorCode::key_does_not_exist, "no such key");
  Map body = body_of_type("read_ok");
  body["value"] = std::move(found);
  return body;
}

Result<Draft> ask_write(std::string_view, const Value& body) {
  Result<Value> key = member(body, "key");
  if (!key) return key.error();
  Result<Value> value = integer_member(body, "value");
  if (!value) return value.error();
  return Draft{"write", Value::pair(Value(key_number(*key)), *value)};
}
Map reply_write(const Value&, const Value&) { return acknowledged("write_ok"); }

Result<Draft> ask_cas(std::string_view datatype, const Value& body) {
  if (datatype != "cas-register") return unsayable("this system has no compare-and-set");
  Result<Value> key = member(body, "key");
  if (!key) return key.error();
  Result<Value> from = integer_member(body, "from");
  if (!from) return from.error();
  Result<Value> to = integer_member(body, "to");
  if (!to) return to.error();
  return Draft{"cas", Value::pair(Value(key_number(*key)), Value::pair(*from, *to))};
}
Map reply_cas(const Value&, const Value&) { return acknowledged("cas_ok"); }

// Sets: g-set and broadcast

Result<Draft> ask_add_element(std::string_view, const Value& body) {
  Result<Value> element = integer_member(body, "element");
  if (!element) return element.error();
  return Draft{"add", of_only_key(*element)};
}
Result<Draft> ask_broadcast(std::string_view, const Value& body) {
  Result<Value> message = integer_member(body, "message");
  if (!message) return message.error();
  return Draft{"add", of_only_key(*message)};
}
Map reply_broadcast(const Value&, const Value&) { return acknowledged("broadcast_ok"); }

Result<Draft> ask_all(std::string_view, const Value&) { return Draft{"read", of_only_key({})}; }
Map reply_all(const Value&, const Value& answer) {
  Map body = body_of_type("read_ok");
  body["value"] = answered(answer);
  return body;
}
Map reply_messages(const Value&, const Value& answer) {
  Map body = body_of_type("read_ok");
  body["messages"] = answered(answer);
  return body;
}

// Counters

Result<Draft> ask_add(std::string_view datatype, const Value& body) {
  Result<Value> delta = integer_member(body, "delta");
  if (!delta) return delta.error();
  if (datatype == "counter") return Draft{"add", of_only_key(*delta)};
  if (delta->integer() >= 0) return Draft{"increment", of_only_key(*delta)};
  if (delta->integer() == INT64_MIN) return unsayable("'delta' is too small");
  return Draft{"decrement", of_only_key(Value(-delta->integer()))};
}
Result<Draft> ask_grow(std::string_view datatype, const Value& body) {
  Result<Draft> draft = ask_add(datatype, body);
  if (draft && body.find("delta")->integer() < 0) return malformed("'delta' is negative");
  return draft;
}
Map reply_add(const Value&, const Value&) { return acknowledged("add_ok"); }

// unique-ids

Result<Draft> ask_generate(std::string_view, const Value&) { return Draft{"generate", {}}; }
Map reply_generate(const Value&, const Value& answer) {
  Map body = body_of_type("generate_ok");
  body["id"] = answer;
  return body;
}

// txn-list-append and txn-rw-register

/// [:r key nil], [:append key value] or [:w key value] of a micro-operation ["r" key nil] ...
Result<Value> micro_op(std::string_view datatype, const Value& from) {
  if (!from.is_list() || from.list().size() != 3 || !from.list()[0].is_text()) {
    return malformed("a transaction is a list of [function, key, value], not of " + to_json(from));
  }
  const List& parts = from.list();
  Value key(key_number(parts[1]));
  if (parts[0] == Value("r")) return Value(List{":r", std::move(key), Value()});
  std::string_view update = datatype == "list-append" ? "append" : "w";
  if (parts[0] != Value(update)) {
    return unsayable("this node's transactions know r and " + std::string(update) + ", not " +
                     to_json(parts[0]));
  }
  if (!parts[2].is_integer()) {
    return unsayable(to_json(parts[2]) + " is no 64-bit integer, and this system holds no others");
  }
  return Value(List{":" + std::string(update), std::move(key), parts[2]});
}

Result<Draft> ask_txn(std::string_view datatype, const Value& body) {
  Result<Value> from = member(body, "txn");
  if (!from) return from.error();
  if (!from->is_list()) return malformed("'txn' is no list");
  List micro_ops;
  for (const Value& one : from->list()) {
    Result<Value> told = micro_op(datatype, one);
    if (!told) return told.error();
    micro_ops.push_back(*std::move(told));
  }
  return Draft{"txn", Value(std::move(micro_ops))};
}

/// The request's own list, with what the reads found.
Map reply_txn(const Value& request, const Value& answer) {
  List micro_ops = request.find("txn")->list();
  for (std::size_t i = 0; answer.is_list() && i < micro_ops.size(); ++i) {
    if (i >= answer.list().size() || !answer.list()[i].is_list()) continue;
    const List& told = answer.list()[i].list();
    if (micro_ops[i].list()[0] == Value("r") && told.size() == 3) micro_ops[i].list()[2] = told[2];
  }
  Map body = body_of_type("txn_ok");
  body["txn"] = std::move(micro_ops);
  return body;
}

std::vector<Request> counter_requests(decltype(Request::ask) add) {
  return {{"add", add, reply_add}, {"read", ask_all, reply_all}};
}

std::vector<Speech> all_speeches() {
  return {
      {"lin-kv",
       {"cas-register", "register"},
       {{"read", ask_read, reply_read},
        {"write", ask_write, reply_write},
        {"cas", ask_cas, reply_cas}}},
      {"g-set",
       {"g-set", "crdt-g-set"},
       {{"add", ask_add_element, reply_add}, {"read", ask_all, reply_all}}},
      {"broadcast",
       {"g-set", "crdt-g-set"},
       {{"broadcast", ask_broadcast, reply_broadcast}, {"read", ask_all, reply_messages}}},
      {"g-counter",
       {"counter", "crdt-g-counter", "crdt-pn-counter"},
       counter_requests(ask_grow)},
      {"pn-counter", {"counter", "crdt-pn-counter"}, counter_requests(ask_add)},
      {"unique-ids", {"unique-ids"}, {{"generate", ask_generate, reply_generate}}},
      {"txn-list-append", {"list-append"}, {{"txn", ask_txn, reply_txn}}},
      {"txn-rw-register", {"rw-register"}, {{"txn", ask_txn, reply_txn}}},
  };
}

}  // namespace

const std::vector<Speech>& speeches() {
  static const std::vector<Speech> all = all_speeches();
  return all;
}

}  // namespace sunder::stdio
