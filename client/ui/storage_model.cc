// SPDX-License-Identifier: Apache-2.0
#include "client/ui/storage_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "protocol/json/json_text.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;
constexpr auto jobs_interval = 250ms;    // a progress bar that moves
constexpr auto disks_interval = 3000ms;  // detach pending, media changed by somebody else

std::string human_size(std::int64_t bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1024 && unit + 1 < std::size(units)) {
    amount /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.3g} {}", amount, units[unit]);
}

std::string cell_of(const storage::Field& field, const nlohmann::json& object) {
  switch (field.type) {
    case storage::ValueType::boolean:
      return flag_at(object, field.name) ? "yes" : "no";
    case storage::ValueType::integer: {
      const std::int64_t number = number_at(object, field.name);
      return field.bytes ? human_size(number) : std::to_string(number);
    }
    case storage::ValueType::text:
      return text_at(object, field.name);
  }
  return {};
}

std::vector<StorageRow> rows_of(const storage::Verb& verb, const nlohmann::json& list) {
  std::vector<StorageRow> rows;
  if (!list.is_array()) return rows;
  for (const nlohmann::json& object : list) {
    StorageRow row;
    row.id = text_at(object, "id");
    row.state = text_at(object, "state");
    row.name = text_at(object, "name");
    for (const storage::Field& field : verb.result->fields) {
      if (!field.title.empty()) row.cells.push_back(cell_of(field, object));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

StorageModel::StorageModel(StorageCall call)
    : call_(std::move(call)), self_(std::make_shared<StorageModel*>(this)) {}

StorageModel::~StorageModel() = default;

void StorageModel::set_available(bool available) {
  if (available == available_) return;
  available_ = available;
  have_vm_ = have_disks_ = have_jobs_ = false;
  disks_in_flight_ = jobs_in_flight_ = false;
  if (available) {
    refresh();
    return;
  }
  disks_.clear();
  snapshots_.clear();
  jobs_.clear();
  vm_line_.clear();
}

void StorageModel::refresh() {
  if (!available_) return;
  ask("vm.show", nlohmann::json::object(), &StorageModel::take_vm);
  ask_disks();
  ask_jobs();
  ask_snapshots();
}

void StorageModel::tick(TimePoint now) {
  if (!available_ || now < next_refresh_) return;
  const bool working =
      std::any_of(jobs_.begin(), jobs_.end(), [](const StorageJob& job) { return job.active(); });
  if (working) ask_jobs();
  if (now >= next_disks_) {
    ask_disks();
    if (!working) ask_jobs();
    next_disks_ = now + disks_interval;
  }
  next_refresh_ = now + (working ? Duration(jobs_interval) : Duration(disks_interval));
}

void StorageModel::ask(std::string verb, const nlohmann::json& params,
                       void (StorageModel::*take)(const nlohmann::json&)) {
  std::weak_ptr<StorageModel*> self = self_;
  call_(verb, params, [self, verb, take](Result<nlohmann::json> reply) {
    const auto alive = self.lock();
    if (!alive) return;
    StorageModel& model = **alive;
    if (!reply) model.error_ = reply.error().in(verb).message();
    (model.*take)(reply ? *reply : nlohmann::json());
  });
}

void StorageModel::ask_disks() {
  if (std::exchange(disks_in_flight_, true)) return;
  ask("disk.list", nlohmann::json::object(), &StorageModel::take_disks);
}

void StorageModel::ask_jobs() {
  if (std::exchange(jobs_in_flight_, true)) return;
  ask("job.list", nlohmann::json::object(), &StorageModel::take_jobs);
}

void StorageModel::ask_snapshots() {
  if (selected_.empty()) return;
  ask("disk.snapshot.list", {{"disk", selected_}}, &StorageModel::take_snapshots);
}

void StorageModel::take_vm(const nlohmann::json& vm) {
  have_vm_ = true;
  const std::string name = text_at(vm, "name");
  vm_line_ = fmt::format("{}  {}  {}", name.empty() ? "VM" : name, text_at(vm, "status"),
                         text_at(vm, "machine"));
  if (const std::string problem = text_at(vm, "problem"); !problem.empty()) vm_line_ = problem;
}

void StorageModel::take_disks(const nlohmann::json& list) {
  disks_in_flight_ = false;
  have_disks_ = true;
  if (!list.is_array()) return;
  disks_ = rows_of(*storage::find_verb("disk.list"), list);
  const bool still_there = std::any_of(disks_.begin(), disks_.end(),
                                       [&](const StorageRow& row) { return row.id == selected_; });
  if (!still_there) select(disks_.empty() ? "" : disks_.front().id);
}

void StorageModel::take_snapshots(const nlohmann::json& list) {
  if (list.is_array()) snapshots_ = rows_of(*storage::find_verb("disk.snapshot.list"), list);
}

void StorageModel::take_jobs(const nlohmann::json& list) {
  jobs_in_flight_ = false;
  have_jobs_ = true;
  if (!list.is_array()) return;
  const std::vector<StorageJob> before = std::exchange(jobs_, {});
  for (const nlohmann::json& object : list) {
    StorageJob job;
    job.id = text_at(object, "id");
    job.verb = text_at(object, "verb");
    job.subject = text_at(object, "subject");
    job.target = text_at(object, "target");
    job.state = text_at(object, "state");
    job.error = text_at(object, "error");
    job.percent = static_cast<int>(std::clamp<std::int64_t>(number_at(object, "percent"), 0, 100));
    jobs_.push_back(std::move(job));
  }
  // A job that has just ended may have changed the disks.
  for (const StorageJob& old : before) {
    if (!old.active()) continue;
    const auto now = std::find_if(jobs_.begin(), jobs_.end(),
                                  [&](const StorageJob& job) { return job.id == old.id; });
    if (now == jobs_.end() || !now->active()) ask_disks();
    if (now != jobs_.end() && now->state == "failed") {
      error_ = fmt::format("{} {}: {}", now->verb, now->subject, now->error);
    }
  }
}

void StorageModel::perform(const storage::Verb& verb, const nlohmann::json& params) {
  clear_messages();
  ++actions_in_flight_;
  std::weak_ptr<StorageModel*> self = self_;
  call_(std::string(verb.name), params, [self, &verb](Result<nlohmann::json> reply) {
    const auto alive = self.lock();
    if (!alive) return;
    StorageModel& model = **alive;
    --model.actions_in_flight_;
    if (!reply) {
      model.error_ = reply.error().in(verb.command).message();
      return;
    }
    const std::string state = text_at(*reply, "state");
    model.notice_ = fmt::format("{}: {}", verb.command, state.empty() ? "done" : state);
    model.refresh();
    model.next_refresh_ = {};
  });
}

void StorageModel::select(std::string disk) {
  if (disk == selected_) return;
  selected_ = std::move(disk);
  snapshots_.clear();
  ask_snapshots();
}

void StorageModel::clear_messages() {
  error_.clear();
  notice_.clear();
}

std::vector<std::string> column_titles(const storage::Record& record) {
  std::vector<std::string> titles;
  for (const storage::Field& field : record.fields) {
    if (!field.title.empty()) titles.emplace_back(field.title);
  }
  return titles;
}

}  // namespace cassia::client
