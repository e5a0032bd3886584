// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/rpc_client.h"

#include "protocol/storage/rpc.h"

namespace cassia::storage {

void RpcClient::call(std::string_view verb, const nlohmann::json& params, Reply reply) {
  const std::uint64_t id = next_id_++;
  auto framed = frame_message(make_request(id, verb, params));
  if (!framed) {
    reply(fail(framed.error()));
    return;
  }
  waiting_.emplace(id, std::move(reply));
  send_(std::move(*framed));
}

Result<void> RpcClient::receive(ByteView bytes) {
  return framer_.receive(bytes, [this](std::string_view text) { return message(text); });
}

Result<void> RpcClient::message(std::string_view text) {
  RpcAnswer answer = CASSIA_TRY(parse_answer(text));
  if (answer.without_id) return fail(answer.result.error());
  const auto found = waiting_.find(answer.id);
  if (found == waiting_.end()) {
    return fail(ErrorKind::malformed, "storage channel: an answer to no request");
  }
  const Reply reply = std::move(found->second);
  waiting_.erase(found);
  reply(std::move(answer.result));
  return {};
}

void RpcClient::closed(const Error& why) {
  for (auto& [id, reply] : std::exchange(waiting_, {})) reply(fail(why));
}

}  // namespace cassia::storage
