// OpenSSH's client configuration, as far as `vagrant ssh-config` and files of hosts use it.

#include <algorithm>
#include <cctype>
#include <set>

#include "harness/real/ssh/hosts_file.h"
#include "harness/real/ssh/words.h"

namespace sunder {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// '*' and '?' as ssh_config(5) has them.
bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    return matches(pattern.substr(1), name) || (!name.empty() && matches(pattern, name.substr(1)));
  }
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) &&
         matches(pattern.substr(1), name.substr(1));
}

struct Setting {
  std::string keyword;  // lower case
  std::vector<std::string> values;
  std::size_t line = 0;
};

/// A "Host" line and what stands below it; the file's head is the block of "*".
struct Block {
  std::vector<std::string> patterns{"*"};
  std::vector<Setting> settings;

  bool covers(const std::string& name) const {
    bool covered = false;
    for (const std::string& pattern : patterns) {
      bool negated = pattern.starts_with("!");
      if (!matches(negated ? std::string_view(pattern).substr(1) : pattern, name)) continue;
      if (negated) return false;
      covered = true;
    }
    return covered;
  }
};

/// "Keyword value" and "Keyword=value" are the same.
Result<Setting> read_setting(std::string_view line) {
  std::string spaced(line);
  std::size_t keyword = spaced.find_first_not_of(" \t");
  std::size_t end = spaced.find_first_of(" \t=", std::min(keyword, spaced.size()));
  if (end != std::string::npos && spaced[keyword] != '#') {
    std::size_t equals = spaced.find_first_not_of(" \t", end);
    if (equals != std::string::npos && spaced[equals] == '=') spaced[equals] = ' ';
  }
  Result<std::vector<std::string>> words = words_of(spaced);
  if (!words) return words.error();
  Setting setting;
  if (words->empty()) return setting;
  setting.keyword = lower(words->front());
  setting.values.assign(words->begin() + 1, words->end());
  return setting;
}

Result<std::vector<Block>> read_blocks(std::string_view text, const std::string& file) {
  // What these lead to would be another machine or another way than the one that we take.
  static const std::set<std::string> refused = {"match", "include", "proxyjump", "proxycommand"};
  std::vector<Block> blocks(1);
  std::size_t number = 0;
  for (std::string_view line : lines_of(text)) {
    ++number;
    Result<Setting> setting = read_setting(line);
    if (!setting) return error_at(file, number, setting.error().context);
    if (setting->keyword.empty()) continue;
    if (setting->values.empty()) {
      return error_at(file, number, "'" + setting->keyword + "' needs a value");
    }
    bool none = lower(setting->values[0]) == "none";
    if (refused.contains(setting->keyword) && !none) {
      return error_at(file, number, "'" + setting->keyword + "' is not supported here; write the "
                                    "hosts' own addresses, or use --hosts");
    }
    setting->line = number;
    if (setting->keyword == "host") {
      blocks.push_back({setting->values, {}});
    } else {
      blocks.back().settings.push_back(*std::move(setting));
    }
  }
  return blocks;
}

/// One host's settings; as in OpenSSH the first value that is found counts.
class Reader {
 public:
  Reader(const std::string& file, const std::string& name, const SshDefaults& defaults)
      : file_(file), defaults_(defaults) {
    host_.name = name;
  }

  Status take(const Setting& setting) {
    const std::string& value = setting.values[0];
    if (setting.keyword == "identityfile") {  // all that are found are tried
      if (lower(value) != "none") host_.keys.emplace_back(expand_home(value));
      return Done{};
    }
    if (!seen_.insert(setting.keyword).second) return Done{};
    if (setting.keyword == "hostname") {
      host_.address = value;
    } else if (setting.keyword == "user") {
      host_.user = value;
    } else if (setting.keyword == "port") {
      std::optional<std::uint16_t> port = parse_port(value);
      if (!port) return wrong(setting, "'" + value + "' is no port from 1 to 65535");
      host_.port = *port;
    } else if (setting.keyword == "identitiesonly") {
      host_.keys_only = lower(value) == "yes";
    } else if (setting.keyword == "userknownhostsfile") {
      for (const std::string& path : setting.values) {
        host_.known_hosts.emplace_back(expand_home(path));
      }
    } else if (setting.keyword == "stricthostkeychecking") {
      return take_key_check(setting, lower(value));
    }
    return Done{};
  }

  SshHost finish() {
    if (host_.address.empty()) host_.address = host_.name;
    if (host_.user.empty()) host_.user = defaults_.user;
    if (host_.keys.empty()) host_.keys = defaults_.keys;
    if (host_.known_hosts.empty()) host_.known_hosts = defaults_.known_hosts;
    return std::move(host_);
  }

 private:
  Status take_key_check(const Setting& setting, const std::string& value) {
    if (value == "yes" || value == "ask") {  // nobody is there to be asked
      host_.key_check = SshHost::KeyCheck::strict;
    } else if (value == "accept-new") {
      host_.key_check = SshHost::KeyCheck::accept_new;
    } else if (value == "no" || value == "off") {
      host_.key_check = SshHost::KeyCheck::off;
    } else {
      return wrong(setting, "StrictHostKeyChecking is yes, ask, accept-new or no, not '" + value +
                                "'");
    }
    return Done{};
  }
  Error wrong(const Setting& setting, const std::string& why) const {
    return error_at(file_, setting.line, why);
  }

  const std::string& file_;
  const SshDefaults& defaults_;
  SshHost host_;
  std::set<std::string> seen_;
};

std::string announcement(const SshHost& host, const std::string& file) {
  std::string said = host.name + " is " + to_string(host);
  if (host.key_check == SshHost::KeyCheck::off) {
    said += "; its host key is not checked (StrictHostKeyChecking no)";
  } else if (host.key_check == SshHost::KeyCheck::accept_new) {
    said += "; its host key is accepted if it is new";
  }
  return said + ", as " + file + " says";
}

}  // namespace

Result<SshHosts> parse_ssh_config(std::string_view text, const std::string& name,
                                  const SshDefaults& defaults) {
  Result<std::vector<Block>> blocks = read_blocks(text, name);
  if (!blocks) return blocks.error();
  std::vector<std::string> names;
  for (std::size_t i = 1; i < blocks->size(); ++i) {
    for (const std::string& pattern : (*blocks)[i].patterns) {
      bool wild = pattern.find_first_of("*?!") != std::string::npos;
      bool known = std::find(names.begin(), names.end(), pattern) != names.end();
      if (!wild && !known) names.push_back(pattern);
    }
  }
  SshHosts found;
  for (const std::string& host : names) {
    Reader reader(name, host, defaults);
    for (const Block& block : *blocks) {
      if (!block.covers(host)) continue;
      for (const Setting& setting : block.settings) {
        if (Status taken = reader.take(setting); !taken) return taken.error();
      }
    }
    found.hosts.push_back(reader.finish());
    found.notes.push_back(announcement(found.hosts.back(), name));
  }
  if (found.hosts.empty()) return Error{Error::Code::malformed, name + ": no host stands in it"};
  return found;
}

}  // namespace sunder
