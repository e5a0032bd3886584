// SPDX-License-Identifier: Apache-2.0
#include "client/disk/remote_main.h"

#include <ostream>
#include <thread>

#include "base/file.h"
#include "client/disk/interrupt.h"
#include "client/disk/progress_printer.h"
#include "client/disk/remote_render.h"
#include "client/disk/verb.h"
#include "dial/choice.h"
#include "protocol/json/json_text.h"
#include "protocol/storage/describe.h"
#include "storage/jobs/job.h"

namespace cassia::client {
namespace {

using nlohmann::json;

constexpr auto poll_interval = std::chrono::milliseconds(100);

bool begins_job(const storage::Verb& verb) {
  return verb.result->name == "Job" && !verb.name.starts_with("job.");
}

Result<std::string> read_password(const std::string& path) {
  if (path.empty()) return std::string();
  const Bytes bytes = CASSIA_TRY(read_file(path, 4096));
  std::string_view text = as_text(bytes);
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

/// Copies what the gateway says of the job into `progress`.
void mirror(const storage::JobInfo& job, storage::Progress& progress) {
  progress.set_total(job.total);
  const std::uint64_t before = progress.done();
  if (job.done > before) (void)progress.advance(job.done - before);
}

/// Reads the job until it has ended. Canceling `progress` cancels the job.
Result<json> follow(RemoteStorage& storage, json answer, storage::Progress& progress) {
  bool told = false;
  for (;;) {
    const storage::JobInfo job = CASSIA_TRY(storage::job_from_json(answer));
    mirror(job, progress);
    if (job.state == storage::JobState::failed) return fail(*job.error);
    if (job.state == storage::JobState::canceled) {
      return fail(ErrorKind::canceled, "{}: canceled", job.about.target);
    }
    if (job.state == storage::JobState::done) return answer;
    const json id = {{"job", job.id}};
    if (progress.canceled() && !told) {
      told = true;
      (void)storage.call("job.cancel", id);  // it may have ended meanwhile
    } else {
      std::this_thread::sleep_for(poll_interval);
    }
    answer = CASSIA_TRY(storage.call("job.show", id));
  }
}

Result<json> wait_for_job(RemoteStorage& storage, const RemoteCommand& command, json answer,
                          Console& console) {
  storage::Progress progress;
  const InterruptGuard guard(progress);
  ProgressPrinter printer(console, progress, command.progress);
  auto done = follow(storage, std::move(answer), progress);
  if (done) printer.complete();
  return done;
}

}  // namespace

int perform_remote(RemoteStorage& storage, const RemoteCommand& command, Console& console) {
  auto answer = storage.call(command.verb->name, command.params);
  if (answer && begins_job(*command.verb)) {
    answer = wait_for_job(storage, command, std::move(*answer), console);
  }
  if (!answer) return report_failure(console, answer.error());
  if (command.json_output) {
    console.out << answer->dump(4, ' ', false, json::error_handler_t::replace) << '\n';
  } else {
    console.out << render_answer(*command.verb, *answer);
  }
  return 0;
}

int run_remote(const std::string& uri, const std::vector<std::string>& args, Console& console) {
  const bool asks_help = !args.empty() && (args[0] == "--help" || args[0] == "-h");
  if (asks_help) {
    console.out
        << "usage: cassia-disk --connect URI [--user NAME] [--password-file F] [--ca-file F] "
           "[--host-subject S]\n                  [--proxy URL] [--secure-channels LIST] [-p] "
           "[--output human|json] VERB\n\nVERB is one of:\n"
        << remote_usage();
    return 0;
  }
  const auto command = parse_remote_command(args);
  if (!command) return report_usage(console, command.error());
  RemoteTarget target;
  auto server = net::parse_spice_uris(uri);
  if (!server) return report_failure(console, server.error());
  target.server = std::move(*server);
  target.user = command->user.empty() ? target.server.user : command->user;
  const auto password = read_password(command->password_file);
  if (!password) return report_failure(console, password.error());
  target.password = *password;
  target.ca_file = command->ca_file;
  target.host_subject = command->host_subject;
  const auto proxy = dial::choose_proxy(command->proxy);
  if (!proxy) return report_usage(console, proxy.error());
  target.proxy = *proxy;
  target.secure_channels = dial::channel_names(command->secure_channels);
  const auto storage = connect_storage(std::move(target));
  if (!storage) return report_failure(console, storage.error());
  return perform_remote(**storage, *command, console);
}

}  // namespace cassia::client
