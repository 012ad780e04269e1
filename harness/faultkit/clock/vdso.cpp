#include "harness/faultkit/clock/vdso.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace sunder {
namespace {

template <class T>
std::optional<T> at(std::span<const std::byte> image, std::uint64_t offset) {
  if (offset > image.size() || image.size() - offset < sizeof(T)) return {};
  T value;
  std::memcpy(&value, image.data() + offset, sizeof value);
  return value;
}

std::string text_at(std::span<const std::byte> image, std::uint64_t offset) {
  std::string text;
  for (; offset < image.size() && image[offset] != std::byte{0}; ++offset) {
    text += static_cast<char>(image[offset]);
  }
  return text;
}

std::optional<std::uint64_t> find_gate(std::span<const std::byte> image) {
  constexpr std::array<std::byte, 2> syscall{std::byte{0x0f}, std::byte{0x05}};
  auto found = std::search(image.begin(), image.end(), syscall.begin(), syscall.end());
  if (found == image.end()) return {};
  return static_cast<std::uint64_t>(found - image.begin());
}

struct Tables {
  std::uint64_t symbols = 0;
  std::uint64_t names = 0;
};

std::optional<Tables> find_tables(std::span<const std::byte> image, const Elf64_Phdr& dynamic,
                                  std::uint64_t bias) {
  Tables tables;
  for (std::uint64_t offset = dynamic.p_vaddr - bias;; offset += sizeof(Elf64_Dyn)) {
    std::optional<Elf64_Dyn> entry = at<Elf64_Dyn>(image, offset);
    if (!entry) return {};
    if (entry->d_tag == DT_NULL) break;
    if (entry->d_tag == DT_SYMTAB) tables.symbols = entry->d_un.d_ptr - bias;
    if (entry->d_tag == DT_STRTAB) tables.names = entry->d_un.d_ptr - bias;
  }
  // The names follow the symbols, whose number stands nowhere else without one of two hash tables.
  if (tables.symbols == 0 || tables.names <= tables.symbols) return {};
  return tables;
}

}  // namespace

std::optional<Vdso> read_vdso(std::span<const std::byte> image) {
  std::optional<Elf64_Ehdr> header = at<Elf64_Ehdr>(image, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64) {
    return {};
  }
  std::optional<Elf64_Phdr> loaded;
  std::optional<Elf64_Phdr> dynamic;
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    auto part = at<Elf64_Phdr>(image, header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!part) return {};
    if (part->p_type == PT_LOAD && !loaded) loaded = part;
    if (part->p_type == PT_DYNAMIC) dynamic = part;
  }
  std::optional<std::uint64_t> gate = find_gate(image);
  if (!loaded || !dynamic || !gate) return {};
  Vdso vdso{.gate = *gate, .bias = loaded->p_vaddr - loaded->p_offset};
  std::optional<Tables> tables = find_tables(image, *dynamic, vdso.bias);
  if (!tables) return {};
  for (std::uint64_t entry = tables->symbols; entry + sizeof(Elf64_Sym) <= tables->names;
       entry += sizeof(Elf64_Sym)) {
    std::optional<Elf64_Sym> symbol = at<Elf64_Sym>(image, entry);
    if (!symbol) return {};
    if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC) continue;
    vdso.symbols[text_at(image, tables->names + symbol->st_name)] = {
        .entry = entry + offsetof(Elf64_Sym, st_value), .function = symbol->st_value - vdso.bias};
  }
  return vdso;
}

}  // namespace sunder
