#include "tests/stdio/support/maelstrom.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "harness/core/assert.h"

namespace sunder::stdio {
namespace {

constexpr Duration patience = std::chrono::seconds(10);

}  // namespace

NodeProcess::NodeProcess(const std::vector<std::string>& arguments) {
  int in[2];
  int out[2];
  ASSERT(::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0);
  err_ = Descriptor(::memfd_create("stderr", MFD_CLOEXEC));
  ASSERT(err_);
  ::signal(SIGPIPE, SIG_IGN);  // a node that was killed is no reason to die
  std::vector<char*> argv{const_cast<char*>("sunder-node")};
  for (const std::string& word : arguments) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  child_ = ::fork();
  ASSERT(child_ >= 0);
  if (child_ == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err_.get(), STDERR_FILENO);
    ::execv(SUNDER_BINARY_DIR "/sunder-node", argv.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  in_ = Descriptor(in[1]);
  out_ = Descriptor(out[0]);
}

NodeProcess::~NodeProcess() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

void NodeProcess::write(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(in_.get(), bytes.data(), bytes.size());
    if (written < 0) return;  // it has gone
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::vector<std::string> NodeProcess::take_lines(Duration wait) {
  std::array<char, 65536> input;
  pollfd wanted{out_.get(), POLLIN, 0};
  auto left = std::chrono::ceil<std::chrono::milliseconds>(wait);
  while (::poll(&wanted, 1, static_cast<int>(left.count())) > 0) {
    left = {};
    ssize_t size = ::read(out_.get(), input.data(), input.size());
    if (size <= 0) break;
    begun_.append(input.data(), static_cast<std::size_t>(size));
  }
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end; (end = begun_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(begun_.substr(begin, end - begin));
  }
  begun_.erase(0, begin);
  return lines;
}

std::vector<std::string> NodeProcess::rest() {
  std::vector<std::string> lines;
  std::array<char, 4096> input;
  while (true) {
    ssize_t size = ::read(out_.get(), input.data(), input.size());
    if (size <= 0) break;
    begun_.append(input.data(), static_cast<std::size_t>(size));
  }
  return take_lines();
}

int NodeProcess::wait() {
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void NodeProcess::signal(int number) const { ::kill(child_, number); }

std::string NodeProcess::complaints() const {
  std::string text(static_cast<std::size_t>(::lseek(err_.get(), 0, SEEK_END)), '\0');
  ssize_t size = ::pread(err_.get(), text.data(), text.size(), 0);
  ASSERT(size == static_cast<ssize_t>(text.size()));
  return text;
}

Maelstrom::Maelstrom(std::vector<std::string> arguments, int nodes)
    : arguments_(std::move(arguments)) {
  for (int i = 1; i <= nodes; ++i) names_.push_back("n" + std::to_string(i));
  for (const std::string& name : names_) start(name);
}

void Maelstrom::start(const std::string& node) {
  nodes_.erase(node);
  nodes_.try_emplace(node, arguments_);
  List names(names_.begin(), names_.end());
  Value started = ask("c0", node, request("init", {{"node_id", node}, {"node_ids", names}}));
  ASSERT_MSG(type_of(started) == "init_ok", to_json(started));
}

void Maelstrom::kill(const std::string& node) {
  nodes_.at(node).signal(SIGKILL);
  nodes_.erase(node);
}

std::int64_t Maelstrom::send(const std::string& client, const std::string& node, Map body) {
  body["msg_id"] = ++last_request_;
  auto found = nodes_.find(node);
  if (found != nodes_.end()) {
    found->second.write(letter_text(client, node, Value(std::move(body))) + "\n");
  }
  return last_request_;
}

std::optional<Value> Maelstrom::answer(std::int64_t request) {
  auto found = answers_.find(request);
  if (found == answers_.end()) return {};
  Value body = std::move(found->second);
  answers_.erase(found);
  return body;
}

void Maelstrom::carry(Duration duration) {
  auto end = std::chrono::steady_clock::now() + duration;
  for (bool more = true; more;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    std::vector<pollfd> wanted;
    for (const auto& [name, node] : nodes_) wanted.push_back({node.output(), POLLIN, 0});
    ::poll(wanted.data(), wanted.size(), static_cast<int>(left.count()));
    for (auto& [name, node] : nodes_) {
      for (const std::string& line : node.take_lines()) {
        if (take(line)) more = false;
      }
    }
  }
}

// Whether it was for a client.
bool Maelstrom::take(const std::string& line) {
  Result<Letter> letter = parse_letter(line);
  if (!letter) {
    garbage_.push_back(line);
    return false;
  }
  auto node = nodes_.find(letter->target);
  if (!letter->target.starts_with('n')) {
    const Value* request = letter->body.find("in_reply_to");
    if (request == nullptr || !request->is_integer()) {
      garbage_.push_back(line);
    } else {
      answers_[request->integer()] = letter->body;
    }
    return true;
  }
  bool cut = cut_.contains(letter->source) != cut_.contains(letter->target);
  if (cut || node == nodes_.end()) {
    ++dropped_;
  } else {
    ++carried_;
    node->second.write(line + "\n");
  }
  return false;
}

Value Maelstrom::ask(const std::string& client, const std::string& node, Map body) {
  std::int64_t request = send(client, node, std::move(body));
  auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    carry(std::chrono::milliseconds(100));
    if (std::optional<Value> came = answer(request)) return *std::move(came);
  }
  return {};
}

Map request(std::string_view type,
            const std::vector<std::pair<std::string_view, Value>>& fields) {
  Map body = body_of_type(type);
  for (const auto& [name, value] : fields) body[name] = value;
  return body;
}

std::int64_t code_of(const Value& body) {
  Value code = member_of(body, "code");
  return type_of(body) == "error" && code.is_integer() ? code.integer() : -1;
}

std::string type_of(const Value& body) {
  Value type = member_of(body, "type");
  return type.is_text() ? type.text() : "";
}

Value member_of(const Value& body, std::string_view name) {
  const Value* found = body.find(name);
  return found != nullptr ? *found : Value();
}

}  // namespace sunder::stdio
