#pragma once
// Blocking HTTP for stores that speak it. Boost.Beast stays behind this door.

#include <cstdint>
#include <memory>
#include <string>

#include "harness/core/result.h"
#include "harness/core/time.h"

namespace sunder {

struct HttpReply {
  unsigned status = 0;  // 200, 404 ...
  std::string body;
};

/// One kept-alive connection to one server, made when first needed and made anew after any error.
/// Not thread-safe. Never goes elsewhere: no redirects, no proxies, no second attempt of a request.
class HttpClient {
 public:
  /// `address` is an IPv4 address as text.
  HttpClient(std::string address, std::uint16_t port);
  ~HttpClient();

  /// Posts JSON and waits for the reply. Error codes: `refused` when no connection could be made
  /// because the host or port refused it, so that nothing of the request was sent; `timed_out` when
  /// the limit ran out, `environment` for a connection that broke: in both the request may have
  /// been carried out.
  Result<HttpReply> post(const std::string& path, const std::string& json, Duration time_limit);

 private:
  struct Connection;
  std::string address_;
  std::uint16_t port_;
  std::unique_ptr<Connection> connection_;  // null when there is none
};

}  // namespace sunder
