// SPDX-License-Identifier: Apache-2.0
#pragma once

// A storage service that answers when the test says so.

#include <deque>
#include <nlohmann/json.hpp>

#include "client/ui/storage_model.h"

namespace cassia::client {

struct FakeStorage {
  struct Call {
    std::string verb;
    nlohmann::json params;
    StorageReply reply;
  };

  StorageCall call() {
    return [this](std::string verb, const nlohmann::json& params, StorageReply reply) {
      calls.push_back({std::move(verb), params, std::move(reply)});
    };
  }

  /// Answers every waiting call, in order, from the tables below. New calls wait.
  void answer_all() {
    for (Call& call : std::exchange(calls, {})) answer(call);
  }
  void answer(Call& call) {
    log.push_back(call.verb);
    if (refuse.count(call.verb) != 0) return call.reply(fail(refuse.at(call.verb)));
    if (call.verb == "vm.show")
      return call.reply(nlohmann::json{{"name", "demo"}, {"status", "running"}});
    if (call.verb == "disk.list") return call.reply(disks);
    if (call.verb == "disk.snapshot.list") return call.reply(snapshots);
    if (call.verb == "job.list") return call.reply(jobs);
    call.reply(nlohmann::json{{"state", "attached"}});
  }
  bool waits_for(std::string_view verb) const {
    for (const Call& call : calls) {
      if (call.verb == verb) return true;
    }
    return false;
  }

  std::deque<Call> calls;
  std::vector<std::string> log;
  std::map<std::string, Error> refuse;
  nlohmann::json disks = nlohmann::json::parse(R"([
    {"id":"disk0","state":"attached","bus":"virtio","format":"qcow2","virtual_size":67108864,
     "actual_size":200704,"snapshots":1,"image":"demo.qcow2"},
    {"id":"disk1","state":"detach pending","bus":"scsi","format":"raw","virtual_size":1048576,
     "actual_size":0,"snapshots":0,"image":"data.raw"}])");
  nlohmann::json snapshots = nlohmann::json::parse(
      R"([{"name":"before","id":"1","kind":"internal","disk":"disk0","image":"demo.qcow2"}])");
  nlohmann::json jobs = nlohmann::json::array();
};

}  // namespace cassia::client
