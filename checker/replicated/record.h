#pragma once
// From recorded ops to the operations on each object.

#include "checker/replicated/event.h"
#include "harness/core/history.h"

namespace sunder::replicated {

/// Collects the operations of a history, op by op. Objects refer to it: it must outlive them.
class Recorder {
 public:
  /// With `keyed`, values are [key value], and each key is an object.
  Recorder(Kind kind, std::string_view expects, bool keyed)
      : kind_(kind), expects_(expects), keyed_(keyed) {}
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void feed(const OpView& op);

  std::size_t client_ops() const { return client_ops_; }
  /// What could not be understood, a whole sentence; empty when all was. Names the first such op.
  const std::string& trouble() const { return trouble_; }
  std::uint64_t troubles() const { return troubles_; }
  const Value& key(const Object& object) const { return keys_[object.key]; }

  /// The objects in order of first use, without what says nothing. Ends the collecting.
  std::vector<Object> take();

 private:
  struct Place {
    std::uint32_t object = nobody;
    std::uint32_t event = nobody;
  };

  void invoke(const OpView& op);
  void complete(const OpView& op);
  bool split_key(const OpView& op, ValueView& value, std::int32_t& key);
  std::uint32_t object_of(std::int32_t key);
  void complain(const OpView& op, const std::string& what);

  Kind kind_;
  std::string_view expects_;
  bool keyed_;
  ValueTable keys_;
  ValueTable values_;
  ValueTable replicas_;
  std::vector<Object> objects_;
  std::vector<std::uint32_t> object_of_key_;
  std::vector<std::uint8_t> witness_;   // by object: no reply yet, without, with
  std::vector<Place> places_;           // by position of the invocation
  std::vector<std::vector<bool>> out_;  // by object and event: it failed, so it is left out
  std::size_t client_ops_ = 0;
  std::string trouble_;
  std::uint64_t troubles_ = 0;
};

}  // namespace sunder::replicated
