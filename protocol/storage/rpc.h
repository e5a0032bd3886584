// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON-RPC 2.0 (https://www.jsonrpc.org/specification) messages, both roles, without batches.
// Heavy: include it only where requests are read or written.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cassia::storage {

/// Codes of the specification; every other failure is `failed`, with its kind in data.kind.
enum class RpcCode : int {
  parse_error = -32700,
  invalid_request = -32600,
  unknown_method = -32601,
  invalid_params = -32602,
  failed = -32000,
};

struct RpcRequest {
  nlohmann::json id;  ///< text or integer; null if notification
  bool notification = false;
  std::string method;
  nlohmann::json params;  ///< object or null
};

/// What to answer when a request cannot even be read.
struct RpcRefusal {
  nlohmann::json id;  ///< null if it could not be told
  RpcCode code = RpcCode::invalid_request;
  std::string message;
};

tl::expected<RpcRequest, RpcRefusal> parse_request(std::string_view text);

std::string make_request(std::uint64_t id, std::string_view method, const nlohmann::json& params);
std::string make_answer(const nlohmann::json& id, const nlohmann::json& result);
std::string make_refusal(const RpcRefusal& refusal);
/// `error` as an answer: invalid_argument becomes invalid_params, the rest `failed`.
std::string make_error(const nlohmann::json& id, const Error& error);

struct RpcAnswer {
  std::uint64_t id = 0;
  bool without_id = false;  ///< the other side could not read a request
  Result<nlohmann::json> result;
};

Result<RpcAnswer> parse_answer(std::string_view text);

}  // namespace cassia::storage
