#include "checker/linearizable/verify/whole.h"

#include <map>

#include "checker/linearizable/decide.h"
#include "checker/linearizable/record.h"
#include "checker/linearizable/verify/verify.h"

namespace sunder::linearizable {
namespace {

Error malformed(const std::string& what) {
  return Error{Error::Code::malformed, "this is no certificate that can be verified: " + what};
}

/// The head of a certificate.
struct Head {
  const DatatypeEntry* entry = nullptr;
  Options options;
  bool keyed = false;
  bool split = true;
  const List* partitions = nullptr;
};

bool flag(const Value& certificate, std::string_view name) {
  const Value* value = certificate.find(name);
  return value != nullptr && value->kind() == Value::Kind::boolean && value->boolean();
}

Result<Head> read_head(const Value& certificate) {
  const Value* format = certificate.find("format");
  if (format == nullptr || *format != Value("sunder-certificate")) {
    return malformed("\"format\" is not \"sunder-certificate\"");
  }
  const Value* version = certificate.find("version");
  if (version == nullptr || *version != Value(1)) return malformed("\"version\" is not 1");
  Head head{.keyed = flag(certificate, "keyed"), .split = flag(certificate, "split")};
  const Value* datatype = certificate.find("datatype");
  for (const DatatypeEntry& entry : datatypes()) {
    if (datatype != nullptr && *datatype == Value(entry.name)) head.entry = &entry;
  }
  if (head.entry == nullptr) return malformed("\"datatype\" is none that is known");
  std::map<std::string, std::string> set;
  const Value* options = certificate.find("options");
  if (options != nullptr && options->is_map()) {
    for (const MapEntry& option : options->map()) {
      bool texts = option.key.is_text() && option.value.is_text();
      if (texts && option.key.text() != "split") set[option.key.text()] = option.value.text();
    }
  }
  Result<Options> parsed = Options::parse(head.entry->options, set);
  if (!parsed) return malformed(parsed.error().context);
  head.options = *parsed;
  const Value* partitions = certificate.find("partitions");
  if (partitions == nullptr || !partitions->is_list()) return malformed("it has no partitions");
  head.partitions = &partitions->list();
  return head;
}

Verdict rejected(const std::string& why) {
  return Verdict{.checker = "certificate",
                 .summary = "The certificate proves nothing: " + why + "."};
}

std::string edn(const Value& value) {
  std::string text;
  append_edn(text, value);
  return text;
}

}  // namespace

Result<Verdict> verify_certificate(const Value& certificate, const History& history) {
  Result<Head> head = read_head(certificate);
  if (!head) return head.error();
  std::unique_ptr<Datatype> datatype = head->entry->make(head->options);
  Recorder recorder(*datatype, head->keyed);
  for (std::size_t i = 0; i < history.size(); ++i) recorder.feed(history[i]);
  if (!recorder.trouble().empty())
    return rejected("the history cannot be read. " + recorder.trouble());
  std::map<Value, const Value*> proofs;
  for (const Value& proof : *head->partitions) {
    const Value* key = proof.find("key");
    if (key != nullptr) proofs[*key] = &proof;
  }
  std::size_t refuted = 0;
  std::size_t missing = 0;
  std::vector<Partition> partitions = recorder.take(head->split);
  for (const Partition& partition : partitions) {
    Value key = head->keyed && head->split ? recorder.keys()[partition.key] : Value{};
    auto proof = proofs.find(key);
    if (proof == proofs.end()) {
      ++missing;
      continue;
    }
    std::unique_ptr<Model> model = model_of(*datatype, head->split ? nullptr : &recorder.keys());
    Proven proven = verify(*proof->second, partition.operations, *datatype, *model);
    if (proven.what == Proven::What::nothing) {
      return rejected((head->keyed ? "on key " + edn(key) + ", " : "") + proven.flaw);
    }
    refuted += proven.what == Proven::What::not_linearizable ? 1 : 0;
  }
  if (refuted == 0 && missing != 0) {
    return rejected(std::to_string(missing) + " of " + std::to_string(partitions.size()) +
                    " partitions of the history have no proof in it");
  }
  if (partitions.empty()) return rejected("the history has no operations");
  Verdict verdict{.checker = "certificate"};
  verdict.validity = refuted == 0 ? Validity::valid : Validity::invalid;
  verdict.summary = refuted == 0 ? "The certificate holds: the history is linearizable."
                                 : "The certificate holds: the history is not linearizable.";
  return verdict;
}

}  // namespace sunder::linearizable
