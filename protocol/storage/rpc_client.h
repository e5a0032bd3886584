// SPDX-License-Identifier: Apache-2.0
#pragma once

// The asking side of the storage channel, sans-I/O: calls in, framed bytes out, answers matched.

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "protocol/storage/framer.h"

namespace cassia::storage {

/// One thread. Replies are called from receive() and closed(), each once; they may call again.
class RpcClient {
 public:
  using Reply = std::function<void(Result<nlohmann::json>)>;
  /// Sends bytes down the port; they are framed already.
  using Send = std::function<void(Bytes)>;

  explicit RpcClient(Send send) : send_(std::move(send)) {}

  void call(std::string_view verb, const nlohmann::json& params, Reply reply);

  /// Bytes that came up the port. After an error nothing more can be read: close the port.
  Result<void> receive(ByteView bytes);

  /// The port is gone: every waiting call gets `why`.
  void closed(const Error& why);

  std::size_t waiting() const { return waiting_.size(); }

 private:
  Result<void> message(std::string_view text);

  Send send_;
  StorageFramer framer_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Reply> waiting_;
};

}  // namespace cassia::storage
