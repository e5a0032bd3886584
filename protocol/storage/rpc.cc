// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/rpc.h"

#include "protocol/json/json_text.h"
#include "protocol/storage/error_kind.h"

namespace cassia::storage {
namespace {

using nlohmann::json;

tl::unexpected<RpcRefusal> refuse(json id, RpcCode code, std::string message) {
  return tl::unexpected<RpcRefusal>(RpcRefusal{std::move(id), code, std::move(message)});
}

json error_body(RpcCode code, std::string_view message, std::string_view kind) {
  return {{"code", static_cast<int>(code)}, {"message", message}, {"data", {{"kind", kind}}}};
}

std::string error_text(const json& id, json body) {
  return to_text({{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(body)}});
}

Error error_of(const json& body) {
  const std::string message = text_at(body, "message", "the gateway gave no reason");
  return {error_kind_named(text_at(member(body, "data"), "kind")), message};
}

}  // namespace

tl::expected<RpcRequest, RpcRefusal> parse_request(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed) return refuse(nullptr, RpcCode::parse_error, parsed.error().message());
  if (parsed->is_array()) {
    return refuse(nullptr, RpcCode::invalid_request,
                  "batches are not taken: send the requests one by one");
  }
  if (!parsed->is_object())
    return refuse(nullptr, RpcCode::invalid_request, "a request is an object");
  RpcRequest request;
  request.notification = !parsed->contains("id");
  const json& id = member(*parsed, "id");
  if (!id.is_null() && !id.is_number_integer() && !id.is_string()) {
    return refuse(nullptr, RpcCode::invalid_request, "an id is a text or an integer");
  }
  if (id.is_string() && id.get_ref<const std::string&>().size() > 256) {
    return refuse(nullptr, RpcCode::invalid_request, "an id is at most 256 bytes long");
  }
  request.id = id;
  if (text_at(*parsed, "jsonrpc") != "2.0") {
    return refuse(id, RpcCode::invalid_request, "\"jsonrpc\" must be \"2.0\"");
  }
  const json& method = member(*parsed, "method");
  if (!method.is_string()) return refuse(id, RpcCode::invalid_request, "\"method\" must be a text");
  request.method = method.get<std::string>();
  request.params = member(*parsed, "params");
  if (!request.params.is_null() && !request.params.is_object()) {
    return refuse(id, RpcCode::invalid_params,
                  "\"params\" must be an object: parameters go by name");
  }
  return request;
}

std::string make_request(std::uint64_t id, std::string_view method, const json& params) {
  json message = {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
  if (!params.is_null()) message["params"] = params;
  return to_text(message);
}

std::string make_answer(const json& id, const json& result) {
  return to_text({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
}

std::string make_refusal(const RpcRefusal& refusal) {
  return error_text(refusal.id, error_body(refusal.code, refusal.message, "invalid_argument"));
}

std::string make_error(const json& id, const Error& error) {
  const RpcCode code =
      error.kind() == ErrorKind::invalid_argument ? RpcCode::invalid_params : RpcCode::failed;
  return error_text(id, error_body(code, error.message(), to_string(error.kind())));
}

Result<RpcAnswer> parse_answer(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed) return fail(parsed.error().in("storage channel"));
  const json& id = member(*parsed, "id");
  const json& error = member(*parsed, "error");
  const bool has_result = parsed->is_object() && parsed->contains("result");
  if (has_result == error.is_object() || (!id.is_number_unsigned() && !id.is_null()) ||
      (id.is_null() && has_result)) {
    return fail(ErrorKind::malformed, "storage channel: not an answer of JSON-RPC 2.0");
  }
  RpcAnswer answer;
  answer.without_id = id.is_null();
  if (!answer.without_id) answer.id = id.get<std::uint64_t>();
  if (has_result) {
    answer.result = std::move((*parsed)["result"]);
  } else {
    answer.result = fail(error_of(error));
  }
  return answer;
}

}  // namespace cassia::storage
