#pragma once
// One document at one site: the server has a link to every other site, a site has one to the
// server.

#include <map>
#include <optional>
#include <vector>

#include "nodes/jupiter/link.h"
#include "nodes/jupiter/messages.h"

namespace sunder::jupiter {

class Document {
 public:
  /// `peers` are the indexes of the sites at the other ends.
  Document(std::size_t sites, const std::vector<std::int64_t>& peers, LinkFlaws flaws);

  const std::vector<std::int64_t>& text() const { return text_; }
  const text::Updates& updates() const { return updates_; }
  std::optional<std::int64_t> position_of(std::int64_t element) const;

  /// A client's edit at this site is carried out, and waits in the draft.
  void edit(std::int64_t self, const Edit& edit, text::Update update);
  bool has_draft() const { return !draft_updates_.empty(); }
  /// The draft becomes an operation for all peers.
  void seal(std::int64_t self);

  bool has_peer(std::int64_t peer) const { return peers_.contains(peer); }
  Progress progress(std::int64_t key, std::int64_t peer) const;
  /// Keeps an operation that has come too early.
  void keep(std::int64_t peer, std::int64_t index, const Operation& operation);
  /// The kept one that is due, taken out.
  std::optional<Operation> take_due(std::int64_t peer);
  /// The next operation of a peer: it is carried out, and goes to the other peers. False when it is
  /// not one that a peer could have made.
  bool receive(std::int64_t peer, const Operation& operation);

  /// Operations for a peer from the first-th on, at most so many.
  std::vector<Operation> stream(std::int64_t peer, std::int64_t first, std::size_t limit) const;
  /// What has not been pushed to a peer yet begins here; everything is pushed from now on.
  std::int64_t begin_push(std::int64_t peer);
  void confirm(std::int64_t peer, std::int64_t received);  // the peer says that it has so many
  bool all_confirmed() const;

  // For flaws.
  void skip_to(std::int64_t peer, std::int64_t received) { at(peer).link.skip_to(received); }
  void drop(std::int64_t peer, std::int64_t confirmed) { at(peer).link.drop(confirmed); }
  void forget_waiting();
  bool grow_last(std::int64_t peer);  // the draft joins an operation that has been sent

 private:
  struct Sent {
    std::size_t operation = 0;   // which of operations_
    std::int64_t confirmed = 0;  // operations of the peer that were here before it
  };
  struct Peer {
    Link link;
    std::vector<Sent> stream;
    std::map<std::int64_t, Operation> early;  // by index
    std::int64_t pushed = 0;
    std::int64_t confirmed = 0;  // as the peer said since the boot
  };
  Peer& at(std::int64_t peer) { return peers_.find(peer)->second; }
  const Peer& at(std::int64_t peer) const { return peers_.find(peer)->second; }
  void forward(Operation operation, std::int64_t except);
  void add_to_draft(const Edit& edit);

  LinkFlaws flaws_;
  std::vector<std::int64_t> text_;
  text::Updates updates_;
  Change draft_;  // as if made after all that was received
  std::vector<text::Update> draft_updates_;
  std::vector<Operation> operations_;  // for peers, in order
  std::map<std::int64_t, Peer> peers_;
};

}  // namespace sunder::jupiter
