// SPDX-License-Identifier: Apache-2.0
#include "client/session/storage_link.h"

#include <nlohmann/json.hpp>

#include "base/log.h"

namespace cassia::client {

void StorageLink::call(std::string_view verb, const nlohmann::json& params, Reply reply) {
  // The reply is the caller's code: it runs where the caller lives, on the main thread.
  auto answer = [&queue = queue_, reply = std::move(reply)](Result<nlohmann::json> result) {
    queue.push(MainThreadCall{
        [reply, result = std::move(result)]() mutable { reply(std::move(result)); }});
  };
  if (!rpc_) {
    answer(fail(ErrorKind::unsupported, "the server has no storage channel ({})",
                storage::storage_port_name));
    return;
  }
  rpc_->call(verb, params, std::move(answer));
}

void StorageLink::opened(channels::PortClient& port) {
  port_ = &port;
  rpc_ = std::make_unique<storage::RpcClient>([this](Bytes bytes) { port_->send_data(bytes); });
  queue_.push(StorageState{true});
}

void StorageLink::closed(const Error& why) {
  if (!rpc_) return;
  queue_.push(StorageState{false});
  const auto rpc = std::move(rpc_);
  port_ = nullptr;
  rpc->closed(why);
}

void PortFeed::use() {
  if (in_use_ || storage_.rpc_) return;
  in_use_ = true;
  storage_.opened(*port_);
}

void PortFeed::port_opened(const std::string& name, bool opened) {
  is_storage_ = name == storage::storage_port_name;
  if (!is_storage_) {
    log_debug("session", "port {} is not ours, closing it", name);
    port_->link()->close();
    return;
  }
  if (opened) use();
}

void PortFeed::port_data(ByteView data) {
  if (!in_use_) return;
  if (const auto taken = storage_.rpc_->receive(data); !taken) {
    log_warn("storage", "{}", taken.error().message());
    end(taken.error());
    port_->link()->close();
  }
}

void PortFeed::port_event(channels::PortEvent event) {
  if (!is_storage_) return;
  if (event == channels::PortEvent::opened) use();
  if (event == channels::PortEvent::closed) {
    end(Error(ErrorKind::closed, "the server closed the storage channel"));
  }
}

void PortFeed::end(const Error& why) {
  if (std::exchange(in_use_, false)) storage_.closed(why);
}

}  // namespace cassia::client
