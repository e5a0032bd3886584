// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/live/service_client.h"

#include <optional>

#include "protocol/storage/rpc.h"

namespace cassia::test {

using nlohmann::json;

Result<std::unique_ptr<ServiceClient>> ServiceClient::create(
    storage::StorageService::Options options) {
  std::unique_ptr<ServiceClient> client(new ServiceClient);
  client->service_ = CASSIA_TRY(storage::StorageService::create(
      client->io_.get_executor(), client->clock_, std::move(options)));
  return client;
}

Result<std::unique_ptr<ServiceClient>> ServiceClient::create(const std::filesystem::path& root,
                                                             const std::filesystem::path& qmp) {
  storage::StorageService::Options options;
  options.root = root;
  options.qmp = net::Address{net::Transport::unix_socket, {}, 0, qmp.string()};
  options.retry = std::chrono::milliseconds(50);
  return create(std::move(options));
}

ServiceClient::~ServiceClient() {
  if (!service_) return;
  service_->stop();
  service_.reset();
  io_.restart();
  io_.run_for(std::chrono::seconds(5));
}

std::string ServiceClient::raw(std::string request, storage::Right right) {
  std::optional<std::string> answer;
  service_->handle(std::move(request), {"test", right},
                   [&](std::string text) { answer = std::move(text); });
  io_.restart();
  while (!answer && io_.run_one_for(std::chrono::seconds(90)) > 0) {
  }
  return answer.value_or("");
}

Result<json> ServiceClient::call(const std::string& verb, const json& params) {
  const std::string text = raw(storage::make_request(1, verb, params));
  if (text.empty()) return fail(ErrorKind::timeout, "{}: no answer", verb);
  return CASSIA_TRY(storage::parse_answer(text)).result;
}

Result<json> ServiceClient::wait_job(const std::string& id) {
  for (;;) {
    json job = CASSIA_TRY(call("job.show", {{"job", id}}));
    const std::string state = job["state"];
    if (state == "done" || state == "failed" || state == "canceled") return job;
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(50));
  }
}

bool ServiceClient::run_until(const std::function<bool()>& condition) {
  const auto end = clock_.now() + std::chrono::seconds(30);
  while (!condition()) {
    if (clock_.now() > end) return false;
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(20));
  }
  return true;
}

json ServiceClient::disk(const std::string& id) {
  const auto list = call("disk.list");
  if (!list) return nullptr;
  for (const json& disk : *list) {
    if (disk["id"] == id) return disk;
  }
  return nullptr;
}

}  // namespace cassia::test
