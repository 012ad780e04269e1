#pragma once
// Values as operations carry them: dynamic at the rim, decoded to structs by whoever judges them.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sunder {

class Value;
struct MapEntry;
using List = std::vector<Value>;

/// A map in order of its keys, so that equal maps print alike.
class Map {
 public:
  Map() noexcept;
  Map(std::initializer_list<MapEntry> entries);
  Map(const Map& other);
  Map(Map&& other) noexcept;
  Map& operator=(const Map& other);
  Map& operator=(Map&& other) noexcept;
  ~Map();

  const Value* find(const Value& key) const;       // null when absent; owned by this map
  const Value* find(std::string_view key) const;   // a text key
  Value& operator[](std::string_view key);         // inserts nil when absent
  void set(Value key, Value value);
  bool empty() const;
  std::size_t size() const;
  std::vector<MapEntry>::const_iterator begin() const;
  std::vector<MapEntry>::const_iterator end() const;

 private:
  std::vector<MapEntry> entries_;
};

/// nil, boolean, integer, text, list or map. EDN keywords are texts that begin with a colon.
class Value {
 public:
  enum class Kind : std::uint8_t { nil, boolean, integer, text, list, map };

  Value() = default;
  Value(std::nullptr_t) {}
  Value(bool boolean) : state_(boolean) {}
  Value(std::int64_t integer) : state_(integer) {}
  Value(int integer) : state_(static_cast<std::int64_t>(integer)) {}
  // Written out in value.cpp: inlined into all that handles values, these took a third of the time
  // that compiling takes.
  Value(std::string text);
  Value(std::string_view text);
  Value(const char* text);
  Value(List list);
  Value(Map map);
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  static Value pair(Value first, Value second);  // the list [first second]
  /// The list of one item. Never List{list}: compilers differ whether that copies the inner list.
  static Value list_of(Value only);

  Kind kind() const { return static_cast<Kind>(state_.index()); }
  bool is_nil() const { return kind() == Kind::nil; }
  bool is_integer() const { return kind() == Kind::integer; }
  bool is_text() const { return kind() == Kind::text; }
  bool is_list() const { return kind() == Kind::list; }
  bool is_map() const { return kind() == Kind::map; }

  // Each REQUIRES its kind.
  bool boolean() const { return std::get<bool>(state_); }
  std::int64_t integer() const { return std::get<std::int64_t>(state_); }
  const std::string& text() const { return std::get<std::string>(state_); }
  const List& list() const { return std::get<List>(state_); }
  List& list() { return std::get<List>(state_); }
  const Map& map() const { return std::get<Map>(state_); }
  Map& map() { return std::get<Map>(state_); }

  /// The entry of a map under a text key; null when this is no map or has none.
  const Value* find(std::string_view key) const;

  friend bool operator==(const Value& a, const Value& b);
  friend bool operator<(const Value& a, const Value& b);  // by kind, then by content

 private:
  std::variant<std::monostate, bool, std::int64_t, std::string, List, Map> state_;
};

struct MapEntry {
  Value key;
  Value value;
  bool operator==(const MapEntry&) const = default;
};

inline bool Map::empty() const { return entries_.empty(); }
inline std::size_t Map::size() const { return entries_.size(); }
inline std::vector<MapEntry>::const_iterator Map::begin() const { return entries_.begin(); }
inline std::vector<MapEntry>::const_iterator Map::end() const { return entries_.end(); }

/// Values from a byte arena, walked without allocating. Bytes are those of encode(); the arena must
/// outlive the view.
class ValueView {
 public:
  ValueView() = default;  // nil
  explicit ValueView(const std::uint8_t* bytes) : at_(bytes) {}

  Value::Kind kind() const;
  bool is_nil() const { return kind() == Value::Kind::nil; }
  bool boolean() const;            // REQUIRES: kind() == boolean
  std::int64_t integer() const;    // REQUIRES: kind() == integer
  std::string_view text() const;   // REQUIRES: kind() == text
  std::size_t size() const;        // entries of a list or map; REQUIRES: one of these
  ValueView operator[](std::size_t index) const;  // of a list; linear in index
  Value value() const;             // a copy that owns everything
  const std::uint8_t* end() const; // one past this value's last byte
  const std::uint8_t* bytes() const { return at_; }

  friend bool operator==(ValueView a, ValueView b);
  friend bool operator<(ValueView a, ValueView b);  // as values are ordered

  /// Calls visit(key, value) for a map's entries, or visit(item) for a list's items.
  template <class Visit>
  void each(Visit visit) const;

 private:
  const std::uint8_t* first_item() const;
  const std::uint8_t* at_ = nullptr;
};

/// Appends the canonical bytes of a value: equal values have equal bytes.
void encode(const Value& value, std::vector<std::uint8_t>& out);

/// The value as JSON text. Map keys that are not text are printed as their own JSON text.
void append_json(std::string& out, const Value& value);
std::string to_json(const Value& value);
/// Appends text as a JSON string, quotes included; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);
/// A colon and then only what a keyword may hold, so that it can be written without quotes.
bool is_edn_keyword(std::string_view text);
/// The value as EDN text, as Jepsen writes it; texts that are keywords are written as such.
void append_edn(std::string& out, const Value& value);

template <class Visit>
void ValueView::each(Visit visit) const {
  std::size_t count = size();
  const std::uint8_t* at = first_item();
  for (std::size_t i = 0; i < count; ++i) {
    ValueView item(at);
    at = item.end();
    if constexpr (std::is_invocable_v<Visit, ValueView, ValueView>) {
      ValueView mapped(at);
      at = mapped.end();
      visit(item, mapped);
    } else {
      visit(item);
    }
  }
}

}  // namespace sunder
