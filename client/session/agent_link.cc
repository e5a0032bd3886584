// SPDX-License-Identifier: Apache-2.0
#include "client/session/agent_link.h"

#include <fcntl.h>
#include <spice/vd_agent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "protocol/spice/file_list.h"

namespace cassia::client {

using channels::AgentPeer;
using spice::ClipboardType;
using spice::Selection;

namespace {

class DiskFile final : public channels::FileSource {
 public:
  DiskFile(FileDescriptor file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}
  Result<Bytes> read(std::size_t most) override {
    Bytes data(most);
    const ssize_t size = ::read(file_.get(), data.data(), data.size());
    if (size < 0) return fail_errno(errno, path_);
    data.resize(static_cast<std::size_t>(size));
    return data;
  }

 private:
  FileDescriptor file_;
  std::string path_;
};

struct OpenFile {
  spice::FileMetadata about;
  std::unique_ptr<channels::FileSource> source;
};

Result<OpenFile> open_file(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return fail_errno(errno, path);
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return fail_errno(errno, path);
  if (!S_ISREG(about.st_mode)) {
    return fail(ErrorKind::unsupported, "{}: only plain files can be sent", path);
  }
  return OpenFile{
      {std::filesystem::path(path).filename().string(), static_cast<std::uint64_t>(about.st_size)},
      std::make_unique<DiskFile>(std::move(file), path)};
}

}  // namespace

/// The talk with the agents of one connection.
struct AgentLink::Talk {
  Talk(AgentLink& link, channels::AgentPipe& pipe)
      : peer(AgentPeer::Role::client, channels::agent_client_capabilities(), pipe, link),
        clipboard(peer, link),
        files(peer, link) {}
  AgentPeer peer;
  channels::AgentClipboard clipboard;
  channels::AgentFileSender files;
  bool up = false;
  bool volumes_told = false;
  bool look_told = false;
};

AgentLink::AgentLink(EventQueue& queue, Policy policy)
    : queue_(queue), policy_(std::move(policy)) {}
AgentLink::~AgentLink() = default;

void AgentLink::attach(channels::AgentPipe& pipe) { talk_ = std::make_unique<Talk>(*this, pipe); }

void AgentLink::detach() {
  if (!talk_) return;
  connected(false);
  talk_.reset();
}

void AgentLink::connected(bool connected) {
  if (!talk_) return;
  if (connected) return talk_->peer.start();
  talk_->peer.stop();
  talk_->clipboard.reset();
  talk_->files.reset();
  talk_->volumes_told = false;
  talk_->look_told = false;
  if (std::exchange(talk_->up, false)) queue_.push(AgentEvent{AgentState{}});
}

void AgentLink::data(ByteView bytes) {
  if (!talk_) return;
  // An agent is a program in the guest that any of its users may be: it never ends the session.
  if (const auto taken = talk_->peer.receive(bytes); !taken) {
    log_warn("agent", "the guest's agent is ignored until it restarts: {}",
             taken.error().message());
    connected(false);
  }
}

void AgentLink::writable() {
  if (talk_) talk_->files.pump();
}

void AgentLink::grab(Selection selection, std::vector<ClipboardType> types) {
  if (!talk_ || !policy_.clipboard) return;
  if (!shares_files()) std::erase(types, ClipboardType::file_list);
  (void)(types.empty() ? talk_->clipboard.release(selection)
                       : talk_->clipboard.grab(selection, std::move(types)));
}

void AgentLink::release(Selection selection) {
  if (talk_) (void)talk_->clipboard.release(selection);
}

void AgentLink::request(Selection selection, ClipboardType type) {
  const bool asked = talk_ && policy_.clipboard && talk_->clipboard.request(selection, type);
  if (!asked) queue_.push(AgentEvent{ClipboardContents{selection, ClipboardType::none, {}}});
}

void AgentLink::provide(Selection selection, ClipboardType type, SharedBytes data) {
  if (!talk_) return;
  if (type == ClipboardType::file_list) return provide_files(selection, data);
  (void)talk_->clipboard.provide(selection, type, std::move(data));
}

void AgentLink::provide_files(Selection selection, const SharedBytes& data) {
  const auto answer = [this, selection](const Result<spice::FileList>& list) {
    if (!list) log_warn("agent", "the guest gets no files: {}", list.error().message());
    const ClipboardType type = list ? ClipboardType::file_list : ClipboardType::none;
    const Bytes names = list ? spice::write_file_list(*list) : Bytes();
    if (talk_) (void)talk_->clipboard.provide(selection, type, names);
  };
  const auto list = spice::read_file_list(data.view());
  if (!list) return answer(list);
  if (!shares_files()) return answer(fail(ErrorKind::unsupported, "no folder is shared with it"));
  publisher_->publish(list->paths,
                      [answer, cut = list->cut](Result<std::vector<std::string>> names) {
                        if (!names) return answer(fail(names.error()));
                        answer(spice::FileList{cut, std::move(*names)});
                      });
}

SharedBytes AgentLink::local_files(const SharedBytes& data) const {
  auto list = spice::read_file_list(data.view());
  if (!list || !shares_files()) return {};
  std::vector<std::string> paths;
  for (const std::string& name : list->paths) {
    if (auto path = publisher_->local_path(name)) paths.push_back(std::move(*path));
  }
  if (paths.empty()) return {};
  list->paths = std::move(paths);
  return spice::write_file_list(*list);
}

void AgentLink::send_file(const std::string& path) {
  const auto refuse = [&](const Error& why) {
    channels::FileProgress progress;
    progress.name = std::filesystem::path(path).filename().string();
    progress.finished = true;
    progress.error = why;
    file_progress(progress);
  };
  if (!policy_.files) {
    return refuse({ErrorKind::permission, "files are not sent: --no-file-transfer was given"});
  }
  if (!talk_) return refuse({ErrorKind::closed, "not connected"});
  auto file = open_file(path);
  if (!file) return refuse(file.error());
  const auto id = talk_->files.start(std::move(file->about), std::move(file->source));
  if (!id) refuse(id.error());
}

void AgentLink::cancel_file(std::uint32_t id) {
  if (talk_) talk_->files.cancel(id);
}

void AgentLink::send(spice::AgentMessage message) {
  if (!talk_) return;
  if (const auto sent = talk_->peer.send(std::move(message)); !sent) {
    log_debug("agent", "{}", sent.error().message());
  }
}

void AgentLink::agent_capabilities(const spice::Capabilities& theirs) {
  talk_->up = true;
  if (theirs.has(VD_AGENT_CAP_MAX_CLIPBOARD)) {
    send(spice::AgentMaxClipboard{static_cast<std::int32_t>(spice::AgentLimits{}.clipboard)});
  }
  // Once: an agent announces itself again whenever it is asked, and the guest's mixer may have
  // been moved since.
  if (theirs.has(VD_AGENT_CAP_AUDIO_VOLUME_SYNC) && !std::exchange(talk_->volumes_told, true)) {
    for (const auto& volume : policy_.volumes) send(volume);
  }
  if (policy_.look.flags != 0 && theirs.has(VD_AGENT_CAP_DISPLAY_CONFIG) &&
      !std::exchange(talk_->look_told, true)) {
    send(policy_.look);
  }
  queue_.push(AgentEvent{AgentState{true, theirs}});
}

void AgentLink::agent_message(spice::AgentMessage message) {
  if (talk_->clipboard.take(message) || talk_->files.take(message)) return;
  if (const auto* reply = std::get_if<spice::AgentReply>(&message); reply && !reply->success) {
    log_info("agent", "the guest's agent could not do as asked: {}",
             spice::agent_type_name(reply->type));
  }
}

void AgentLink::agent_clipboard_too_large(Selection selection) {
  log_warn("agent", "the guest's clipboard is too large to fetch");
  talk_->clipboard.too_large(selection);
}

void AgentLink::clipboard_grabbed(Selection selection, const std::vector<ClipboardType>& types) {
  if (!policy_.clipboard) return;
  std::vector<ClipboardType> known = types;
  if (!shares_files()) std::erase(known, ClipboardType::file_list);
  queue_.push(AgentEvent{ClipboardGrabbed{selection, std::move(known)}});
}
void AgentLink::clipboard_released(Selection selection) {
  if (policy_.clipboard) queue_.push(AgentEvent{ClipboardReleased{selection}});
}
void AgentLink::clipboard_wanted(Selection selection, ClipboardType type) {
  queue_.push(AgentEvent{ClipboardWanted{selection, type}});
}
void AgentLink::clipboard_data(Selection selection, ClipboardType type, const SharedBytes& data) {
  const SharedBytes given = type == ClipboardType::file_list ? local_files(data) : data;
  const ClipboardType as = given.empty() ? ClipboardType::none : type;
  queue_.push(AgentEvent{ClipboardContents{selection, as, given}}, given.size());
}
void AgentLink::file_progress(const channels::FileProgress& progress) {
  queue_.push(AgentEvent{FileMoved{progress}});
}

}  // namespace cassia::client
