// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_agent.h"

#include <fcntl.h>
#include <spice/vd_agent.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/log.h"
#include "protocol/spice/file_list.h"

namespace cassia::server {

using spice::ClipboardType;
using spice::FileResult;

namespace {

/// Of clipboard contents that the demo keeps; empty for all others.
std::string_view kind_name(ClipboardType type) {
  switch (type) {
    case ClipboardType::utf8_text:
      return "text";
    case ClipboardType::png:
      return "a PNG picture";
    case ClipboardType::bmp:
      return "a BMP picture";
    case ClipboardType::tiff:
      return "a TIFF picture";
    case ClipboardType::jpg:
      return "a JPEG picture";
    case ClipboardType::file_list:
      return "a list of files";
    default:
      return {};
  }
}

}  // namespace

/// One file on its way: into memory, or into the folder under its name.
class DemoAgent::Sink final : public channels::FileSink {
 public:
  Sink(DemoAgent& agent, std::string name, std::uint64_t size, FileDescriptor file)
      : agent_(agent), name_(std::move(name)), size_(size), file_(std::move(file)) {
    agent_.used_ += size_;
  }
  ~Sink() override {
    if (kept_) return;
    agent_.used_ -= size_;
    if (file_) ::unlink(path().c_str());
  }
  Result<void> write(ByteView data) override {
    if (!file_) return bytes_.insert(bytes_.end(), data.begin(), data.end()), Result<void>{};
    while (!data.empty()) {
      const ssize_t done = ::write(file_.get(), data.data(), data.size());
      if (done < 0) return fail_errno(errno, path());
      data = data.subspan(static_cast<std::size_t>(done));
    }
    return {};
  }
  Result<void> finish() override {
    kept_ = true;
    agent_.sizes_[name_] = size_;
    if (!file_) agent_.files_[name_] = std::move(bytes_);
    return {};
  }

 private:
  std::string path() const { return agent_.options_.folder + "/" + name_; }

  DemoAgent& agent_;
  std::string name_;
  std::uint64_t size_;
  FileDescriptor file_;
  Bytes bytes_;
  bool kept_ = false;
};

DemoAgent::DemoAgent(DemoAgentOptions options, Hooks hooks)
    : options_(std::move(options)), hooks_(std::move(hooks)), receiver_(*this) {}

DemoAgent::~DemoAgent() = default;

spice::Capabilities DemoAgent::capabilities() {
  return {VD_AGENT_CAP_MONITORS_CONFIG,
          VD_AGENT_CAP_REPLY,
          VD_AGENT_CAP_CLIPBOARD_BY_DEMAND,
          VD_AGENT_CAP_CLIPBOARD_SELECTION,
          VD_AGENT_CAP_GUEST_LINEEND_LF,
          VD_AGENT_CAP_AUDIO_VOLUME_SYNC,
          VD_AGENT_CAP_MAX_CLIPBOARD,
          VD_AGENT_CAP_MONITORS_CONFIG_POSITION,
          VD_AGENT_CAP_FILE_XFER_DETAILED_ERRORS};
}

void DemoAgent::hear(const spice::AgentMessage& message) {
  if (receiver_.take(message)) return;
  if (const auto* grab = std::get_if<spice::ClipboardGrab>(&message)) return on_grab(*grab);
  if (const auto* wish = std::get_if<spice::ClipboardRequest>(&message)) return on_request(*wish);
  if (const auto* data = std::get_if<spice::ClipboardData>(&message)) return on_data(*data);
  if (const auto* config = std::get_if<spice::AgentMonitorsConfig>(&message)) {
    return on_monitors(*config);
  }
  if (const auto* volume = std::get_if<spice::AgentVolume>(&message)) {
    const unsigned first = volume->volume.empty() ? 0 : volume->volume[0];
    volume_ = fmt::format("{} {}%{}", volume->playback ? "playback" : "record",
                          (first * 100 + 32767) / 65535, volume->mute ? ", muted" : "");
    log_debug("demo", "a viewer sets the volume: {}", volume_);
  }
}

void DemoAgent::on_grab(const spice::ClipboardGrab& grab) {
  ours_[static_cast<std::size_t>(grab.selection)] = false;
  if (grab.selection != spice::Selection::clipboard) return;
  // What is there now shall be there when the viewer is gone.
  kept_.clear();
  for (const ClipboardType type : grab.types) {
    if (!kind_name(type).empty()) hooks_.say(spice::ClipboardRequest{grab.selection, type});
  }
}

void DemoAgent::on_request(const spice::ClipboardRequest& request) {
  const bool ours = ours_[static_cast<std::size_t>(request.selection)];
  const auto found = ours ? kept_.find(request.type) : kept_.end();
  spice::ClipboardData data{request.selection, ClipboardType::none, {}};
  if (found != kept_.end()) data = {request.selection, request.type, found->second};
  hooks_.say(data);
}

void DemoAgent::on_data(const spice::ClipboardData& data) {
  const bool text = data.type == ClipboardType::utf8_text;
  const std::size_t most = text ? options_.largest_text : options_.largest_contents;
  if (kind_name(data.type).empty() || data.data.size() > most) return;
  kept_[data.type] = to_bytes(data.data.view());
  log_info("demo", "the clipboard holds {}, {} bytes", kind_name(data.type), data.data.size());
}

void DemoAgent::copy(std::string text) {
  kept_.clear();
  kept_[ClipboardType::utf8_text] = to_bytes(std::string_view(text));
  copy();
}

void DemoAgent::copy() {
  std::vector<ClipboardType> types;
  for (const auto& [type, contents] : kept_) types.push_back(type);
  if (types.empty()) return;
  for (const auto selection : {spice::Selection::clipboard, spice::Selection::primary}) {
    ours_[static_cast<std::size_t>(selection)] = true;
    hooks_.say(spice::ClipboardGrab{selection, 0, types});
  }
}

std::string DemoAgent::text() const {
  const auto found = kept_.find(ClipboardType::utf8_text);
  return found == kept_.end() ? std::string() : std::string(as_text(found->second.view()));
}

std::string DemoAgent::clipboard() const {
  std::string out;
  for (const auto& [type, contents] : kept_) {
    if (type == ClipboardType::utf8_text) {
      out += text() + "\n";
      continue;
    }
    out += fmt::format("{}, {} bytes\n", kind_name(type), contents.size());
    if (type != ClipboardType::file_list) continue;
    const auto list = spice::read_file_list(contents.view());
    for (const std::string& path : list ? list->paths : std::vector<std::string>()) {
      out += (list->cut ? "  cut " : "  copy ") + path + "\n";
    }
  }
  return out.empty() ? "\n" : out;
}

void DemoAgent::on_monitors(const spice::AgentMonitorsConfig& config) {
  // There is one monitor: the first that is on.
  const auto on = [](const spice::AgentMonitor& m) { return m.width > 0 && m.height > 0; };
  const auto first = std::find_if(config.monitors.begin(), config.monitors.end(), on);
  const bool done = first != config.monitors.end();
  if (done) {
    const auto between = [](std::uint32_t wish, std::int32_t low, std::int32_t high) {
      return static_cast<std::int32_t>(std::clamp<std::uint32_t>(
          wish, static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(high)));
    };
    hooks_.resize({between(first->width, options_.smallest.width, options_.largest.width),
                   between(first->height, options_.smallest.height, options_.largest.height)});
  }
  hooks_.say(spice::AgentReply{VD_AGENT_MONITORS_CONFIG, done});
}

tl::expected<std::unique_ptr<channels::FileSink>, spice::FileStatus> DemoAgent::file_offered(
    const spice::FileMetadata& file) {
  const auto refuse = [](spice::FileStatus status) {
    return tl::unexpected<spice::FileStatus>(status);
  };
  const std::string name = spice::safe_file_name(file.name);
  if (name.empty()) return refuse({0, FileResult::error, {}, 10});  // G_IO_ERROR_INVALID_FILENAME
  const std::uint64_t room = options_.memory - used_;
  if (file.size > room) return refuse({0, FileResult::not_enough_space, room});
  FileDescriptor descriptor;
  if (!options_.folder.empty()) {
    const std::string path = options_.folder + "/" + name;
    descriptor =
        FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!descriptor) return refuse({0, FileResult::error, {}, errno == EEXIST ? 2u : 0u});
  } else if (sizes_.count(name) != 0) {
    return refuse({0, FileResult::error, {}, 2});  // G_IO_ERROR_EXISTS
  }
  return std::make_unique<Sink>(*this, name, file.size, std::move(descriptor));
}

std::string DemoAgent::file_list() const {
  std::string out;
  for (const auto& [name, size] : sizes_) out += fmt::format("{:>10} {}\n", size, name);
  return out.empty() ? "no files\n" : out;
}

}  // namespace cassia::server
