#include "nodes/stores/http/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace sunder {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;

/// The limit of time of a stream covers asynchronous acts only, so each act is started and then
/// the context is run until it has ended.
struct HttpClient::Connection {
  asio::io_context context{1};
  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;

  template <class Start>
  ErrorCode finish(Start start) {
    ErrorCode outcome;
    start([&outcome](ErrorCode code, auto&&...) { outcome = code; });
    context.restart();
    context.run();
    return outcome;
  }

  /// An idle connection has nothing to read, unless the server has closed it in the meantime.
  bool closed_by_server() {
    ErrorCode code;
    asio::ip::tcp::socket& socket = stream.socket();
    socket.non_blocking(true, code);
    char byte = 0;
    socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, code);
    return code != asio::error::would_block;
  }
};

namespace {

bool nothing_was_sent(ErrorCode code) {
  return code == asio::error::connection_refused || code == asio::error::host_unreachable ||
         code == asio::error::network_unreachable;
}

Error as_error(ErrorCode code, bool connected, const std::string& what) {
  Error::Code kind = Error::Code::environment;
  if (code == beast::error::timeout) {
    kind = Error::Code::timed_out;
  } else if (!connected && nothing_was_sent(code)) {
    kind = Error::Code::refused;
  }
  return Error{kind, what + ": " + code.message()};
}

}  // namespace

HttpClient::HttpClient(std::string address, std::uint16_t port)
    : address_(std::move(address)), port_(port) {}

HttpClient::~HttpClient() = default;

Result<HttpReply> HttpClient::post(const std::string& path, const std::string& json,
                                   Duration time_limit) {
  const std::string target = address_ + ":" + std::to_string(port_);
  const auto deadline = std::chrono::steady_clock::now() + time_limit;

  if (connection_ && connection_->closed_by_server()) connection_.reset();
  if (!connection_) {
    auto fresh = std::make_unique<Connection>();
    ErrorCode code;
    const asio::ip::address host = asio::ip::make_address(address_, code);
    if (code) return Error{Error::Code::malformed, "not an address: '" + address_ + "'"};
    fresh->stream.expires_at(deadline);
    code = fresh->finish([&](auto done) {
      fresh->stream.async_connect(asio::ip::tcp::endpoint(host, port_), done);
    });
    if (code) return as_error(code, false, "connect to " + target);
    fresh->stream.socket().set_option(asio::ip::tcp::no_delay(true), code);
    connection_ = std::move(fresh);
  }

  // Taken out until the reply is whole: after an error a late reply must find nobody, or it would
  // pass for the answer to the next request.
  std::unique_ptr<Connection> connection = std::move(connection_);
  http::request<http::string_body> request{http::verb::post, path, 11};
  request.set(http::field::host, target);
  request.set(http::field::content_type, "application/json");
  request.keep_alive(true);
  request.body() = json;
  request.prepare_payload();

  connection->stream.expires_at(deadline);
  ErrorCode code =
      connection->finish([&](auto done) { http::async_write(connection->stream, request, done); });
  if (code) return as_error(code, true, "send to " + target);

  http::response<http::string_body> response;
  code = connection->finish(
      [&](auto done) { http::async_read(connection->stream, connection->buffer, response, done); });
  if (code) return as_error(code, true, "wait for " + target);

  HttpReply reply{response.result_int(), std::move(response.body())};
  if (response.keep_alive()) connection_ = std::move(connection);
  return reply;
}

}  // namespace sunder
