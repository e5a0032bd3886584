// SPDX-License-Identifier: Apache-2.0
// QemuDisks::convert: a running disk copied by QEMU's backup job into an image that gets its name
// when it is complete, and what an earlier gateway left behind.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "protocol/json/json_text.h"
#include "storage/live/qemu_disks.h"
#include "storage/live/signal.h"

namespace cassia::storage {
namespace asio = boost::asio;
namespace fs = std::filesystem;
using nlohmann::json;

/// One copy under way. Shared by the coroutine that follows it and the engine's controls.
struct QemuDisks::Copy {
  std::string qemu_job;
  std::string node;  ///< the target's
  fs::path temporary;
  fs::path target;
  std::unique_ptr<ExternalJob> job;
  bool cancel_asked = false;
};

namespace {

/// How long QEMU may be away before its job is given up.
constexpr auto return_limit = std::chrono::seconds(30);
constexpr auto look_interval = std::chrono::milliseconds(200);

json target_node(const fs::path& file, const std::string& format, const std::string& name) {
  json node = {{"driver", format}, {"node-name", name}, {"discard", "unmap"}};
  node["file"] = {{"driver", "file"}, {"filename", file.string()}, {"discard", "unmap"}};
  if (format != "raw") node["backing"] = nullptr;
  return node;
}

json backup_arguments(const std::string& job, const std::string& source, const std::string& target,
                      bool compress) {
  json arguments = {{"job-id", job},  {"device", source},      {"target", target},
                    {"sync", "full"}, {"auto-dismiss", false}, {"compress", compress}};
  return arguments;
}

}  // namespace

net::Task<Result<std::string>> QemuDisks::convert(LiveConvertSpec spec) {
  const auto self = shared_from_this();
  if (spec.compress && spec.format != "qcow2") {
    co_return fail(ErrorKind::invalid_argument, "a {} image cannot be compressed", spec.format);
  }
  const auto where = root();
  if (!where) co_return fail(where.error());
  const auto guard = co_await changing_->acquire();
  const auto disk = co_await find_idle(spec.disk);
  if (!disk) co_return fail(disk.error());
  const auto target = (*where)->fresh(spec.target);
  if (!target) co_return fail(target.error());
  if (const auto job = context_.jobs->job_on(spec.target)) {
    co_return fail(ErrorKind::busy, "{} is being made by job {}", spec.target, job->id);
  }
  const auto number = co_await free_number(vm_);
  if (!number) co_return fail(number.error());

  const auto copy = std::make_shared<Copy>();
  copy->qemu_job = fmt::format("{}{}-convert", our_prefix, *number);
  copy->node = fmt::format("{}{}-target", our_prefix, *number);
  copy->target = *target;
  copy->temporary = target->parent_path() /
                    fmt::format(".{}.{}{}", target->filename().string(), our_prefix, *number);
  const auto begun = co_await begin_copy(copy, *disk, spec);
  if (!begun) co_return fail(begun.error());
  copy->job = context_.jobs->adopt({"disk.convert", disk->info.id, spec.target, spec.owner},
                                   controls(copy));
  copy->job->report(0, disk->info.virtual_size);
  copies_.insert(copy->qemu_job);
  asio::co_spawn(vm_.executor(), follow_copy(copy), asio::detached);
  co_return copy->job->id();
}

net::Task<Result<void>> QemuDisks::begin_copy(std::shared_ptr<Copy> copy, QemuDisk disk,
                                              LiveConvertSpec spec) {
  NewImage image;
  image.file = copy->temporary;
  image.format = spec.format;
  image.size = disk.info.virtual_size;
  const auto made = co_await make_image(vm_, image, copy->qemu_job);
  if (!made) co_return made;
  const json node = target_node(copy->temporary, spec.format, copy->node);
  auto begun = co_await vm_.execute("blockdev-add", node);
  if (begun) {
    const json arguments =
        backup_arguments(copy->qemu_job, disk.info.node, copy->node, spec.compress);
    begun = co_await vm_.execute("blockdev-backup", arguments);
    if (!begun) co_await delete_node(vm_, copy->node);
  }
  if (begun) co_return Result<void>();
  std::error_code ignored;
  fs::remove(copy->temporary, ignored);
  co_return fail(begun.error());
}

JobControls QemuDisks::controls(const std::shared_ptr<Copy>& copy) {
  const auto command = [weak = weak_from_this(), copy](std::string name) {
    return [weak, copy, name] {
      const auto self = weak.lock();
      if (!self) return;
      asio::co_spawn(self->vm_.executor(), self->tell_copy(copy, name), asio::detached);
    };
  };
  return {command("job-cancel"), command("job-pause"), command("job-resume")};
}

net::Task<> QemuDisks::tell_copy(std::shared_ptr<Copy> copy, std::string command) {
  const auto self = shared_from_this();
  if (command == "job-cancel") copy->cancel_asked = true;
  const json arguments = {{"id", copy->qemu_job}};
  const auto told = co_await vm_.execute(command, arguments);
  if (!told) log_warn("storage", "job {}: {}", copy->job->id(), told.error().message());
}

net::Task<> QemuDisks::follow_copy(std::shared_ptr<Copy> copy) {
  const auto self = shared_from_this();
  Result<void> result = co_await watch_copy(copy);
  const auto guard = co_await changing_->acquire();
  const auto closed = co_await delete_node(vm_, copy->node);
  if (result && !closed && closed.error().kind() == ErrorKind::closed) {
    result = fail(closed.error());  // whether all of it reached the file is not known
  }
  std::error_code ignored;
  if (result) result = publish(copy->temporary, copy->target);
  if (!result) fs::remove(copy->temporary, ignored);
  copies_.erase(copy->qemu_job);
  if (result) {
    log_info("storage", "job {}: {} is complete", copy->job->id(), copy->target.string());
  } else {
    log_warn("storage", "job {}: {}", copy->job->id(), result.error().message());
  }
  copy->job->finish(result);
}

/// Until QEMU's job is over, over breaks of the connection too: QEMU goes on alone meanwhile and
/// keeps the ended job for us (auto-dismiss off).
net::Task<Result<void>> QemuDisks::watch_copy(std::shared_ptr<Copy> copy) {
  Signal news(vm_.executor());
  const auto events = vm_.on_event([&](const qmp::Event& event) {
    if (event.name == "JOB_STATUS_CHANGE" && text_at(event.data, "id") == copy->qemu_job)
      news.set();
  });
  bool aborted = false;
  for (;;) {
    news.reset();
    const auto job = co_await query_job(vm_, copy->qemu_job);
    if (!job) {
      const bool back = co_await vm_.wait_ready(return_limit);
      if (back) continue;
      co_return fail(ErrorKind::closed, "QEMU went away during the copy and did not come back: {}",
                     vm_.problem());
    }
    if (job->is_null()) {
      co_return fail(ErrorKind::closed, "QEMU was restarted during the copy");
    }
    const std::string status = text_at(*job, "status");
    aborted = aborted || status == "aborting";
    copy->job->report(static_cast<std::uint64_t>(number_at(*job, "current-progress")),
                      static_cast<std::uint64_t>(number_at(*job, "total-progress")));
    copy->job->report_paused(status == "paused");
    if (status == "concluded") {
      const json arguments = {{"id", copy->qemu_job}};
      const auto dismissed = co_await vm_.execute("job-dismiss", arguments);
      if (!dismissed) log_warn("storage", "{}", dismissed.error().message());
      const std::string error = text_at(*job, "error");
      if (copy->cancel_asked && (aborted || !error.empty())) {
        co_return fail(ErrorKind::canceled, "canceled");
      }
      if (!error.empty() || aborted) {
        co_return fail(ErrorKind::io, "QEMU's copy failed: {}", error.empty() ? "aborted" : error);
      }
      co_return Result<void>();
    }
    co_await news.wait(look_interval);
  }
}

/// Jobs and nodes of ours in QEMU that nobody here knows: an earlier gateway began them and its
/// callers are gone. Their half-made files go too.
net::Task<> QemuDisks::drop_orphans() {
  const auto guard = co_await changing_->acquire();
  const auto jobs = co_await vm_.execute("query-jobs");
  if (!jobs) co_return;
  for (const json& job : *jobs) {
    const std::string id = text_at(job, "id");
    if (!id.starts_with(our_prefix) || copies_.contains(id)) continue;
    const json arguments = {{"id", id}};
    if (text_at(job, "status") != "concluded") co_await vm_.execute("job-cancel", arguments);
    const auto ended = co_await finish_job(vm_, id);
    log_info("storage", "{}: left behind by an earlier gateway, {}", id,
             ended ? "ended" : ended.error().message());
  }
  const json flat = {{"flat", true}};
  const auto nodes = co_await vm_.execute("query-named-block-nodes", flat);
  if (!nodes) co_return;
  for (const json& node : *nodes) {
    const std::string name = text_at(node, "node-name");
    const auto known = [&](const std::string& job) {
      return name.starts_with(job.substr(0, job.rfind('-') + 1));
    };
    const bool ours = name.starts_with(our_prefix) && name.ends_with("-target");
    if (!ours || std::any_of(copies_.begin(), copies_.end(), known)) continue;
    const fs::path file = plain_filename(text_at(member(node, "image"), "filename"));
    const auto gone = co_await delete_node(vm_, name);
    std::error_code ignored;
    if (gone && file.filename().string().front() == '.') fs::remove(file, ignored);
  }
  co_await sweep_nodes(vm_);
}

}  // namespace cassia::storage
