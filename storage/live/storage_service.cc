// SPDX-License-Identifier: Apache-2.0
#include "storage/live/storage_service.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "protocol/json/json_text.h"
#include "protocol/storage/check.h"
#include "protocol/storage/describe.h"
#include "protocol/storage/framer.h"
#include "protocol/storage/rpc.h"
#include "storage/live/image_files.h"
#include "storage/live/qemu_disks.h"
#include "storage/ops/convert.h"

namespace cassia::storage {
namespace asio = boost::asio;
using nlohmann::json;

namespace {

template <class T>
json list_of(const std::vector<T>& items) {
  json list = json::array();
  for (const T& item : items) list.push_back(to_json(item));
  return list;
}

/// A coroutine only so that it can be spawned elsewhere.
net::Task<Result<json>> run_there(std::function<Result<json>()> work) { co_return work(); }

class Service final : public StorageService, public std::enable_shared_from_this<Service> {
 public:
  Service(net::Executor executor, const Clock& clock, Options options)
      : executor_(std::move(executor)), clock_(clock), options_(std::move(options)) {}

  Result<void> start();
  net::Task<std::string> handle(std::string request, Caller caller) override;
  void handle(std::string request, Caller caller, std::function<void(std::string)> done) override;
  std::string problem() const override { return vm_ ? vm_->problem() : std::string(); }
  void stop() override;

 private:
  using Answer = net::Task<Result<json>>;
  using Handler = Answer (Service::*)(json params, Caller caller);
  struct Route {
    std::string_view verb;
    Handler handler;
  };

  static Handler route(std::string_view verb);
  net::Task<Result<json>> perform(RpcRequest request, Caller caller);

  Answer vm_show(json params, Caller caller);
  Answer disk_list(json params, Caller caller);
  Answer disk_attach(json params, Caller caller);
  Answer disk_detach(json params, Caller caller);
  Answer snapshot_create(json params, Caller caller);
  Answer snapshot_list(json params, Caller caller);
  Answer snapshot_delete(json params, Caller caller);
  Answer disk_convert(json params, Caller caller);
  Answer image_list(json params, Caller caller);
  Answer image_show(json params, Caller caller);
  Answer image_convert(json params, Caller caller);
  Answer job_list(json params, Caller caller);
  Answer job_show(json params, Caller caller);
  Answer job_cancel(json params, Caller caller);
  Answer job_pause(json params, Caller caller);
  Answer job_resume(json params, Caller caller);
  Answer describe(json params, Caller caller);

  Result<VmDisks*> disks() const;
  Result<const StorageRoot*> root() const;
  Result<json> show_job(const std::string& id) { return to_json(CASSIA_TRY(jobs_->show(id))); }
  Result<PreparedJob> prepare_convert(const json& params);

  /// Runs `work` on a thread of ours; the coroutine goes on where it was.
  Answer off_loop(std::function<Result<json>()> work);

  net::Executor executor_;
  const Clock& clock_;
  Options options_;
  std::optional<StorageRoot> root_;
  FormatRegistry formats_ = FormatRegistry::standard();
  std::unique_ptr<ReferencePolicy> references_;
  std::optional<ImageEnvironment> images_;
  std::unique_ptr<JobEngine> jobs_;  // ended before what its threads use
  std::shared_ptr<VmConnection> vm_;
  std::shared_ptr<VmDisks> disks_;
  asio::thread_pool files_{1};
};

Result<void> Service::start() {
  if (!options_.root.empty()) {
    root_.emplace(CASSIA_TRY(StorageRoot::open(options_.root)));
    references_ = std::make_unique<FollowInside>(root_->path());
  } else {
    references_ = std::make_unique<FollowNone>();
  }
  images_.emplace(ImageEnvironment{formats_, *references_});
  jobs_ = JobEngine::create({});
  jobs_->add_maker("image.convert", [this](const json& params) { return prepare_convert(params); });
  if (options_.qmp) {
    vm_ = VmConnection::create(executor_, clock_,
                               {.address = *options_.qmp,
                                .greeting_timeout = options_.greeting_timeout,
                                .retry = options_.retry});
    disks_ = QemuDisks::create({vm_, root_ ? &*root_ : nullptr, &*images_, jobs_.get()});
    // The service lives at least as long as anything that runs for it.
    asio::co_spawn(executor_, vm_->run(), [self = shared_from_this()](std::exception_ptr) {});
  } else if (!options_.local_disks.empty()) {
    const StorageRoot* root = CASSIA_TRY(this->root());
    disks_ = CASSIA_TRY(
        LocalDisks::create({*root, *images_, *jobs_, options_.vm_name}, options_.local_disks));
  }
  return {};
}

void Service::stop() {
  if (vm_) vm_->stop();
}

Result<VmDisks*> Service::disks() const {
  if (!disks_) {
    return fail(ErrorKind::unsupported,
                "the gateway has no way to this VM's disks (start it with --qmp SOCKET)");
  }
  return disks_.get();
}

Result<const StorageRoot*> Service::root() const {
  if (!root_) {
    return fail(
        ErrorKind::unsupported,
        "the gateway has no storage root, so no image can be named (start it with --storage-root)");
  }
  return &*root_;
}

Service::Handler Service::route(std::string_view verb) {
  static constexpr std::array<Route, 17> routes{{
      {"vm.show", &Service::vm_show},
      {"disk.list", &Service::disk_list},
      {"disk.attach", &Service::disk_attach},
      {"disk.detach", &Service::disk_detach},
      {"disk.snapshot.create", &Service::snapshot_create},
      {"disk.snapshot.list", &Service::snapshot_list},
      {"disk.snapshot.delete", &Service::snapshot_delete},
      {"disk.convert", &Service::disk_convert},
      {"image.list", &Service::image_list},
      {"image.show", &Service::image_show},
      {"image.convert", &Service::image_convert},
      {"job.list", &Service::job_list},
      {"job.show", &Service::job_show},
      {"job.cancel", &Service::job_cancel},
      {"job.pause", &Service::job_pause},
      {"job.resume", &Service::job_resume},
      {"storage.describe", &Service::describe},
  }};
  const auto found = std::find_if(routes.begin(), routes.end(),
                                  [&](const Route& route) { return route.verb == verb; });
  return found == routes.end() ? nullptr : found->handler;
}

net::Task<std::string> Service::handle(std::string text, Caller caller) {
  const auto self = shared_from_this();
  auto request = parse_request(text);
  if (!request) co_return make_refusal(request.error());
  const json id = request->id;
  const bool notification = request->notification;
  const Verb* verb = find_verb(request->method);
  if (verb == nullptr) {
    if (notification) co_return std::string();
    co_return make_refusal({id, RpcCode::unknown_method,
                            fmt::format("there is no verb '{}'", request->method.substr(0, 64))});
  }
  const auto result = co_await perform(std::move(*request), caller);
  if (verb->danger != Danger::reads) {
    log_info("storage", "{} by {}: {}", verb->name, caller.name,
             result ? "done" : result.error().message());
  }
  if (notification) co_return std::string();
  std::string answer = result ? make_answer(id, *result) : make_error(id, result.error());
  if (answer.size() > max_message) {
    answer = make_error(
        id, Error(ErrorKind::unsupported,
                  fmt::format("the answer is longer than {} bytes: ask for less", max_message)));
  }
  co_return answer;
}

void Service::handle(std::string request, Caller caller, std::function<void(std::string)> done) {
  asio::co_spawn(executor_, handle(std::move(request), std::move(caller)),
                 [done = std::move(done)](std::exception_ptr failure, std::string answer) {
                   if (!failure) {
                     done(std::move(answer));
                   } else {
                     done(make_error(nullptr, Error(ErrorKind::internal, "the gateway failed")));
                   }
                 });
}

net::Task<Result<json>> Service::perform(RpcRequest request, Caller caller) {
  const Verb& verb = *find_verb(request.method);
  if (const auto allowed = check_right(verb, caller.right); !allowed)
    co_return fail(allowed.error());
  if (const auto fits = check_params(verb, request.params); !fits) co_return fail(fits.error());
  const Handler handler = route(verb.name);
  if (handler == nullptr) {
    co_return fail(ErrorKind::internal, "nothing here performs {}", verb.name);
  }
  if (vm_) co_await vm_->wait_decided(options_.greeting_timeout + std::chrono::seconds(1));
  co_return co_await (this->*handler)(std::move(request.params), std::move(caller));
}

Service::Answer Service::vm_show(json, Caller) {
  if (!disks_) {
    VmInfo info;
    info.problem = disks().error().message();
    co_return to_json(info);
  }
  const VmInfo info = co_await disks_->show();
  co_return to_json(info);
}

Service::Answer Service::disk_list(json, Caller) {
  const auto vm = disks();
  if (!vm) co_return fail(vm.error());
  const auto found = co_await (*vm)->list();
  if (!found) co_return fail(found.error());
  co_return list_of(*found);
}

Service::Answer Service::disk_attach(json params, Caller) {
  const auto vm = disks();
  if (!vm) co_return fail(vm.error());
  AttachSpec spec;
  spec.image = text_at(params, "image");
  spec.format = text_at(params, "format");
  spec.bus = text_at(params, "bus", "auto");
  spec.read_only = flag_at(params, "read_only");
  spec.id = text_at(params, "id");
  const auto disk = co_await (*vm)->attach(std::move(spec));
  if (!disk) co_return fail(disk.error());
  co_return to_json(*disk);
}

Service::Answer Service::disk_detach(json params, Caller) {
  const auto vm = disks();
  if (!vm) co_return fail(vm.error());
  const std::int64_t wait = number_at(params, "wait", 5);
  if (wait < 0 || wait > 60) {
    co_return fail(ErrorKind::invalid_argument,
                   "disk.detach: parameter 'wait' must be 0 to 60 seconds");
  }
  const std::string disk = text_at(params, "disk");
  const auto state = co_await (*vm)->detach(disk, std::chrono::seconds(wait));
  if (!state) co_return fail(state.error());
  json answer = {{"disk", disk}};
  answer["state"] = *state == DetachState::detached ? "detached" : "detach pending";
  co_return answer;
}

Service::Answer Service::snapshot_create(json params, Caller) {
  const auto vm = disks();
  if (!vm) co_return fail(vm.error());
  LiveSnapshotSpec spec;
  spec.disk = text_at(params, "disk");
  spec.name = text_at(params, "name");
  spec.overlay = text_at(params, "kind") == "overlay";
  spec.target = text_at(params, "target");
  const auto record = co_await (*vm)->create_snapshot(std::move(spec));
  if (!record) co_return fail(record.error());
  co_return to_json(*record);
}

Service::Answer Service::snapshot_list(json params, Caller) {
  const auto vm = disks();
  if (!vm) co_return fail(vm.error());
  const auto records = co_await (*vm)->list_snapshots(text_at(params, "disk"));
  if (!records) co_return fail(records.error());
  co_return list_of(*records);
}

Service::Answer Service::snapshot_delete(json params, Caller) {
  const auto vm = disks();
  if (!vm) co_return fail(vm.error());
  const auto done =
      co_await (*vm)->delete_snapshot(text_at(params, "disk"), text_at(params, "name"));
  if (!done) co_return fail(done.error());
  json answer;
  answer["done"] = true;
  co_return answer;
}

Service::Answer Service::disk_convert(json params, Caller caller) {
  const auto vm = disks();
  if (!vm) co_return fail(vm.error());
  LiveConvertSpec spec;
  spec.disk = text_at(params, "disk");
  spec.target = text_at(params, "target");
  spec.format = text_at(params, "format", "qcow2");
  spec.compress = flag_at(params, "compress");
  spec.owner = std::move(caller.name);
  const auto job = co_await (*vm)->convert(std::move(spec));
  if (!job) co_return fail(job.error());
  co_return show_job(*job);
}

Service::Answer Service::off_loop(std::function<Result<json>()> work) {
  net::Task<Result<json>> there = run_there(std::move(work));
  co_return co_await asio::co_spawn(files_.get_executor(), std::move(there), asio::use_awaitable);
}

Service::Answer Service::image_list(json params, Caller) {
  const auto where = root();
  if (!where) co_return fail(where.error());
  const std::string folder = text_at(params, "folder");
  // Named, because gcc 12 destroys a temporary closure of a co_await twice.
  std::function<Result<json>()> work = [this, where = *where, folder] {
    return list_images(*where, *images_, folder);
  };
  co_return co_await off_loop(std::move(work));
}

Service::Answer Service::image_show(json params, Caller) {
  const auto where = root();
  if (!where) co_return fail(where.error());
  const std::string image = text_at(params, "image");
  if (const auto there = (*where)->existing(image); !there) co_return fail(there.error());
  std::function<Result<json>()> work = [this, where = *where, image]() -> Result<json> {
    return image_record(*where, *images_, image);
  };
  co_return co_await off_loop(std::move(work));
}

/// The whole check of image.convert; what holds the image (a VM, a job) is found when the job opens
/// it under QEMU's locks.
Result<PreparedJob> Service::prepare_convert(const json& params) {
  const StorageRoot* where = CASSIA_TRY(root());
  const std::string image = text_at(params, "image");
  const std::string target = text_at(params, "target");
  ConvertSpec spec;
  spec.source = CASSIA_TRY(where->existing(image)).string();
  spec.target = CASSIA_TRY(where->fresh(target)).string();
  spec.target_format = text_at(params, "format", "qcow2");
  spec.compress = flag_at(params, "compress");
  spec.only_new = true;  // it may come to be while the job waits
  CASSIA_TRY(check_convert(*images_, spec));
  if (const auto job = jobs_->job_on(target)) {
    return fail(ErrorKind::busy, "{} is being made by job {}", target, job->id);
  }
  PreparedJob job;
  job.about.subject = image;
  job.about.target = target;
  job.work = [this, spec](Progress& progress) { return convert_image(*images_, spec, progress); };
  return job;
}

Service::Answer Service::image_convert(json params, Caller caller) {
  const auto id = jobs_->submit("image.convert", params, caller.name);
  if (!id) co_return fail(id.error());
  co_return show_job(*id);
}

Service::Answer Service::job_list(json, Caller) {
  const auto list = jobs_->list();
  if (!list) co_return fail(list.error());
  co_return list_of(*list);
}

Service::Answer Service::job_show(json params, Caller) {
  co_return show_job(text_at(params, "job"));
}

Service::Answer Service::job_cancel(json params, Caller) {
  const std::string id = text_at(params, "job");
  if (const auto told = jobs_->cancel(id); !told) co_return fail(told.error());
  co_return show_job(id);
}

Service::Answer Service::job_pause(json params, Caller) {
  const std::string id = text_at(params, "job");
  if (const auto told = jobs_->pause(id); !told) co_return fail(told.error());
  co_return show_job(id);
}

Service::Answer Service::job_resume(json params, Caller) {
  const std::string id = text_at(params, "job");
  if (const auto told = jobs_->resume(id); !told) co_return fail(told.error());
  co_return show_job(id);
}

Service::Answer Service::describe(json, Caller) { co_return schema_as_json(); }

}  // namespace

Result<std::shared_ptr<StorageService>> StorageService::create(net::Executor executor,
                                                               const Clock& clock,
                                                               Options options) {
  const auto service = std::make_shared<Service>(std::move(executor), clock, std::move(options));
  CASSIA_TRY(service->start());
  return service;
}

}  // namespace cassia::storage
