#include "harness/crashfs/content.h"

#include <algorithm>
#include <cstring>

namespace sunder::crashfs {

std::vector<std::uint64_t> Content::page_numbers() const {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, page] : pages_) numbers.push_back(number);
  return numbers;
}

std::string Content::read(std::uint64_t offset, std::uint64_t size) const {
  if (offset >= size_) return {};
  std::string bytes(static_cast<std::size_t>(std::min(size, size_ - offset)), '\0');
  std::uint64_t end = offset + bytes.size();
  for (auto page = pages_.lower_bound(offset / page_size);
       page != pages_.end() && page->first * page_size < end; ++page) {
    std::uint64_t begin = page->first * page_size;
    std::uint64_t from = std::max(begin, offset);
    std::uint64_t to = std::min(begin + page_size, end);
    std::memcpy(bytes.data() + (from - offset), page->second->data() + (from - begin), to - from);
  }
  return bytes;
}

void Content::write(std::uint64_t offset, std::string_view bytes) {
  size_ = std::max(size_, offset + bytes.size());
  while (!bytes.empty()) {
    std::uint64_t within = offset % page_size;
    std::size_t count = std::min<std::size_t>(page_size - within, bytes.size());
    std::memcpy(own_page(offset / page_size).data() + within, bytes.data(), count);
    bytes.remove_prefix(count);
    offset += count;
  }
}

void Content::resize(std::uint64_t size) {
  if (size < size_) {
    std::uint64_t within = size % page_size;
    pages_.erase(pages_.lower_bound(size / page_size + (within > 0 ? 1 : 0)), pages_.end());
    if (within > 0 && pages_.contains(size / page_size)) {
      Page& last = own_page(size / page_size);
      std::fill(last.begin() + static_cast<std::ptrdiff_t>(within), last.end(), '\0');
    }
  }
  size_ = size;
}

bool Content::operator==(const Content& other) const {
  // Pages of zeros and pages that are not there are alike, so the bytes are compared.
  return size_ == other.size_ && read(0, size_) == other.read(0, size_);
}

Content::Page& Content::own_page(std::uint64_t number) {
  std::shared_ptr<Page>& page = pages_[number];
  if (page == nullptr) {
    page = std::make_shared<Page>();
    page->fill('\0');
  } else if (page.use_count() > 1) {
    page = std::make_shared<Page>(*page);
  }
  return *page;
}

}  // namespace sunder::crashfs
