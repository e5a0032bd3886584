// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the console panel shows, and the requests it makes. Knows nothing of pixels: the panel draws
// it, tests drive it with a storage service of their own.

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "protocol/storage/schema.h"

namespace cassia::client {

/// Sends one verb and returns at once. The reply comes later, once, on the model's thread.
using StorageReply = std::function<void(Result<nlohmann::json>)>;
using StorageCall =
    std::function<void(std::string verb, const nlohmann::json& params, StorageReply reply)>;

/// One row of a table: the titled fields of the verb's record as text, and what the panel acts on.
struct StorageRow {
  std::string id;
  std::string state;
  std::string name;
  std::vector<std::string> cells;
};

struct StorageJob {
  std::string id, verb, subject, target, state, error;
  int percent = 0;
  bool active() const { return state == "running" || state == "paused"; }
};

/// One thread (the UI's). Replies that come after the model is gone are dropped.
class StorageModel {
 public:
  explicit StorageModel(StorageCall call);
  ~StorageModel();
  StorageModel(const StorageModel&) = delete;
  StorageModel& operator=(const StorageModel&) = delete;

  /// The storage channel came or went. When it comes everything is asked for anew.
  void set_available(bool available);
  bool available() const { return available_; }

  /// Asks again for what may have changed: jobs while one runs, disks now and then. Cheap; call it
  /// once a frame while the panel is open.
  void tick(TimePoint now);
  /// When tick() next has something to ask; for event loops that sleep.
  TimePoint next_tick() const { return next_refresh_; }
  void refresh();

  /// An action of a person. Its failure becomes error(), its success a notice().
  void perform(const storage::Verb& verb, const nlohmann::json& params);
  bool busy() const { return actions_in_flight_ > 0; }

  void select(std::string disk);
  const std::string& selected() const { return selected_; }

  const std::string& vm_line() const { return vm_line_; }
  const std::vector<StorageRow>& disks() const { return disks_; }
  const std::vector<StorageRow>& snapshots() const { return snapshots_; }  ///< of selected()
  const std::vector<StorageJob>& jobs() const { return jobs_; }
  const std::string& error() const { return error_; }
  const std::string& notice() const { return notice_; }
  void clear_messages();
  /// Everything asked for since set_available(true) has been answered once.
  bool complete() const { return available_ && have_vm_ && have_disks_ && have_jobs_; }

 private:
  void ask(std::string verb, const nlohmann::json& params,
           void (StorageModel::*take)(const nlohmann::json&));
  void take_vm(const nlohmann::json& vm);
  void take_disks(const nlohmann::json& list);
  void take_snapshots(const nlohmann::json& list);
  void take_jobs(const nlohmann::json& list);
  void ask_disks();
  void ask_jobs();
  void ask_snapshots();

  StorageCall call_;
  std::shared_ptr<StorageModel*> self_;  ///< replies hold it weakly
  bool available_ = false;
  bool have_vm_ = false, have_disks_ = false, have_jobs_ = false;
  bool disks_in_flight_ = false, jobs_in_flight_ = false;
  int actions_in_flight_ = 0;
  TimePoint next_refresh_{};
  TimePoint next_disks_{};
  std::string selected_, vm_line_, error_, notice_;
  std::vector<StorageRow> disks_, snapshots_;
  std::vector<StorageJob> jobs_;
};

/// The headings of a record's table: its titled fields.
std::vector<std::string> column_titles(const storage::Record& record);

}  // namespace cassia::client
