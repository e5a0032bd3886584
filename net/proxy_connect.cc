// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_connect.h"

#include <algorithm>

#include "net/stream_adapter.h"

namespace cassia::net {

Task<Result<std::unique_ptr<Stream>>> open_tunnel(std::unique_ptr<Stream> stream, Proxy proxy,
                                                  Address target, Duration timeout) {
  const bool clean = std::none_of(target.host.begin(), target.host.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
  });
  if (!clean) co_return fail(ErrorKind::invalid_argument, "a blank in the server's name");
  HttpConnect exchange(proxy, to_string(target));
  StreamDeadline deadline(*stream, timeout);
  std::vector<SharedBytes> request;
  request.emplace_back(to_bytes(std::string_view(exchange.request())));
  const auto sent = co_await stream->write(request);
  if (!sent) co_return fail(sent.error());
  Bytes buffer(2048);
  for (;;) {
    const auto got = co_await stream->read_some(buffer);
    if (deadline.expired()) {
      co_return fail(ErrorKind::timeout, "{}: no answer of the proxy in time", to_string(proxy));
    }
    if (!got) co_return fail(got.error());
    if (*got == 0) {
      co_return fail(ErrorKind::closed, "{}: closed by the proxy", to_string(proxy));
    }
    const auto open = exchange.receive({buffer.data(), *got});
    if (!open) co_return fail(open.error());
    if (*open) break;
  }
  Bytes rest = exchange.rest();
  if (rest.empty()) co_return std::move(stream);
  co_return std::unique_ptr<Stream>(
      std::make_unique<PrefixedStream>(std::move(rest), std::move(stream)));
}

}  // namespace cassia::net
