#pragma once
// The bytes of one file: sparse, and cheap to copy.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sunder::crashfs {

/// A value. Pages that were never written are not there and read as zeros; copies share pages until
/// one of them writes. Bytes past the size are always zero.
class Content {
 public:
  static constexpr std::uint64_t page_size = 4096;

  std::uint64_t size() const { return size_; }
  std::uint64_t pages() const { return pages_.size(); }
  std::vector<std::uint64_t> page_numbers() const;  // of those that were written, ascending
  /// At most `size` bytes; fewer at the end.
  std::string read(std::uint64_t offset, std::uint64_t size) const;
  void write(std::uint64_t offset, std::string_view bytes);  // grows when it must
  void resize(std::uint64_t size);
  bool operator==(const Content& other) const;

 private:
  using Page = std::array<char, page_size>;
  Page& own_page(std::uint64_t number);

  std::map<std::uint64_t, std::shared_ptr<Page>> pages_;
  std::uint64_t size_ = 0;
};

}  // namespace sunder::crashfs
