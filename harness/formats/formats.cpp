#include "harness/formats/formats.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "harness/core/assert.h"
#include "harness/formats/readers.h"

namespace sunder {
namespace {

constexpr std::array<std::string_view, 5> names = {"detect", "jsonl", "edn", "etcd-log",
                                                   "porcupine-kv"};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Error broken_file(const std::string& path, const char* verb, int cause) {
  bool wrong_name = cause == ENOENT || cause == ENOTDIR || cause == EISDIR;
  Error::Code code = wrong_name ? Error::Code::not_found : Error::Code::environment;
  return Error{code, path + ": cannot be " + verb + ": " + std::strerror(cause)};
}

Result<std::string> read_all(const std::string& path) {
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) return broken_file(path, "opened", errno);
  std::string text;
  std::error_code unknown;  // of what is no plain file; its size is only a hint anyway
  std::uintmax_t size = std::filesystem::file_size(path, unknown);
  if (!unknown) text.reserve(std::min<std::uintmax_t>(size + 1, std::uintmax_t{1} << 32));
  std::size_t block = std::size_t{1} << 16;
  for (;;) {
    std::size_t before = text.size();
    text.resize(before + block);
    std::size_t got = std::fread(text.data() + before, 1, block, file.get());
    text.resize(before + got);
    if (got < block) break;
    block = std::min(block * 2, std::size_t{1} << 26);
  }
  if (std::ferror(file.get()) != 0) return broken_file(path, "read", errno);
  return text;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// The first characters that mean something: JSON has "key": where EDN has :key.
Format detect_syntax(std::string_view text, std::string_view name) {
  std::size_t at = text.find_first_not_of(" \t\r\n[");
  if (at != std::string_view::npos && text[at] == '{') {
    std::size_t inside = text.find_first_not_of(" \t\r\n", at + 1);
    if (inside != std::string_view::npos && text[inside] == '"') {
      std::size_t end = text.find('"', inside + 1);
      std::size_t after =
          end == std::string_view::npos ? end : text.find_first_not_of(" \t\r\n", end + 1);
      return after != std::string_view::npos && text[after] == ':' ? Format::jsonl : Format::edn;
    }
    if (inside != std::string_view::npos && text[inside] != '}') return Format::edn;
  }
  if (at != std::string_view::npos &&
      std::string_view(";(#^").find(text[at]) != std::string_view::npos) {
    return Format::edn;
  }
  return ends_with(name, ".edn") ? Format::edn : Format::jsonl;
}

Format detect(std::string_view text, std::string_view name) {
  if (begins_as_log(text)) return Format::etcd_log;
  Format format = detect_syntax(text, name);
  return format == Format::edn && begins_as_porcupine_kv(text) ? Format::porcupine_kv : format;
}

std::optional<TextError> read_text(std::string_view text, Format format, LoadedHistory& loaded) {
  switch (format) {
    case Format::edn: return read_edn(text, loaded);
    case Format::etcd_log: return read_etcd_log(text, loaded);
    case Format::porcupine_kv: return read_porcupine_kv(text, loaded);
    default: return read_json(text, loaded);
  }
}

bool is_pair(ValueView value) { return value.kind() == Value::Kind::list && value.size() == 2; }

}  // namespace

std::string_view to_string(Format format) { return names[static_cast<std::size_t>(format)]; }

std::optional<Format> parse_format(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Format>(i);
  }
  return {};
}

std::string format_names() {
  std::string all;
  for (std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return all;
}

std::string_view usual_datatype(Format format) {
  if (format == Format::etcd_log) return "etcd";
  return format == Format::porcupine_kv ? "kv" : "";
}

Result<LoadedHistory> load_history(const std::string& path, Format format) {
  Result<std::string> text = read_all(path);
  if (!text) return text.error();
  return parse_history(*text, path, format);
}

Result<LoadedHistory> parse_history(std::string_view text, std::string_view name, Format format) {
  if (format == Format::detect) format = detect(text, name);
  LoadedHistory loaded;
  loaded.format = format;
  std::optional<TextError> error = read_text(text, format, loaded);
  if (error) return Error{Error::Code::malformed, place(text, name, error->offset) + error->what};
  if (loaded.history.empty()) loaded.notes.emplace_back("The file holds no op.");
  return loaded;
}

Status write_history(const std::string& path, const History& history, Format format) {
  ASSERT(format == Format::jsonl || format == Format::edn);
  std::string temporary = path + ".part";
  File file(std::fopen(temporary.c_str(), "wb"));
  if (!file) return broken_file(temporary, "created", errno);
  std::string out;
  bool good = true;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (format == Format::edn) {
      append_edn(out, history[i].op());
    } else {
      append_json(out, history[i].op());
    }
    out += '\n';
    if (out.size() >= (std::size_t{1} << 20) || i + 1 == history.size()) {
      good = good && std::fwrite(out.data(), 1, out.size(), file.get()) == out.size();
      out.clear();
    }
  }
  good = std::fclose(file.release()) == 0 && good;
  if (!good) {
    int cause = errno;
    std::remove(temporary.c_str());
    return broken_file(temporary, "written", cause);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    return broken_file(path, "replaced", errno);
  return Done{};
}

bool looks_keyed(const History& history) {
  bool any = false;
  for (std::size_t i = 0; i < history.size(); ++i) {
    OpView op = history[i];
    if (!op.process.is_client()) continue;
    if (op.value.is_nil() && op.phase != Phase::invoke) continue;
    if (!is_pair(op.value)) return false;
    Value::Kind key = op.value[0].kind();
    if (key == Value::Kind::list || key == Value::Kind::map || key == Value::Kind::nil)
      return false;
    if (op.verb == "cas" && !is_pair(op.value[1])) return false;
    if (op.phase != Phase::invoke && op.pair != no_op) {
      ValueView asked = history[op.pair].value;
      if (!is_pair(asked) || !(asked[0] == op.value[0])) return false;
    }
    any = true;
  }
  return any;
}

}  // namespace sunder
