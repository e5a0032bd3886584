// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/session.h"

#include <spice/enums.h>
#include <spice/protocol.h>

#include <algorithm>

#include "base/log.h"
#include "channels/link/base_senders.h"
#include "server/gateway/display_viewer.h"
#include "server/gateway/inputs_viewer.h"
#include "server/gateway/storage_port.h"

namespace cassia::server {

using channels::MouseMode;
using spice::ChannelId;
using spice::ChannelType;

Session::Session(Vm& vm, std::shared_ptr<storage::StorageService> storage, const Clock& clock,
                 std::uint32_t id, std::string peer, std::string user, std::function<void()> ended)
    : vm_(vm),
      storage_(std::move(storage)),
      clock_(clock),
      id_(id),
      user_(std::move(user)),
      peer_(user_.empty() ? std::move(peer) : user_ + " at " + peer),
      ended_(std::move(ended)),
      list_(channel_list()) {}

Session::~Session() { vm_.remove(this); }

std::vector<ChannelId> Session::channel_list() const {
  std::vector<ChannelId> out;
  for (std::size_t head = 0; head < vm_.heads(); ++head) {
    const auto id = static_cast<std::uint8_t>(head);
    out.push_back({ChannelType::display, id});
    out.push_back({ChannelType::cursor, id});
  }
  out.push_back({ChannelType::inputs, 0});
  if (storage_) out.push_back({ChannelType::port, 0});
  return out;
}

bool Session::has(ChannelId id) const {
  const auto in = [id](const std::vector<ChannelId>& list) {
    return std::find(list.begin(), list.end(), id) != list.end();
  };
  return in(list_) || in(vm_.audio().channels()) || vm_.devices().has(id);
}

JoinedChannel Session::open_main() {
  auto channel = channels::MainServer::create(*this);
  made_ = channel.get();
  return {std::move(channel), shared_from_this()};
}

Result<JoinedChannel> Session::open(ChannelId id) {
  if (!has(id)) {
    return fail(ErrorKind::not_found, "there is no {} channel {}", spice::to_string(id.type),
                id.id);
  }
  const auto joined = [](auto events) {
    auto channel = events->make_channel();
    return JoinedChannel{std::move(channel), std::move(events)};
  };
  if (vm_.devices().has(id)) return joined(CASSIA_TRY(vm_.devices().open(id)));
  switch (id.type) {
    case ChannelType::display:
      return joined(
          std::make_shared<DisplayViewer>(vm_.head(id.id).pipeline, glz_, vm_.gl_scanout()));
    case ChannelType::cursor:
      return joined(std::make_shared<CursorViewer>(vm_.head(id.id).cursor));
    case ChannelType::playback:
      return joined(std::make_shared<PlaybackViewer>(vm_.audio().playback()));
    case ChannelType::record:
      return joined(std::make_shared<RecordViewer>(vm_.audio().record(), peer_, true));
    case ChannelType::port:
      return joined(
          std::make_shared<StoragePort>(storage_, storage::Caller{peer_, storage::Right::manage}));
    default:
      return joined(std::make_shared<InputsViewer>(vm_));
  }
}

void Session::close(std::string_view why) {
  if (!main_) return;
  main_->send_notify(SPICE_NOTIFY_SEVERITY_WARN, why);
  channels::say_goodbye(*main_->link(), SPICE_MSG_DISCONNECTING, SPICE_LINK_ERR_OK, clock_.now());
}

void Session::main_opened() {
  main_ = made_;
  channels::MainInit init;
  init.session_id = id_;
  init.display_channels_hint = static_cast<std::uint32_t>(vm_.heads());
  init.supported_mouse_modes = vm_.supported_mouse_modes();
  init.current_mouse_mode = static_cast<std::uint32_t>(vm_.mouse_mode());
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch());
  init.multi_media_time = static_cast<std::uint32_t>(now.count());
  init.agent_connected = vm_.agent().up();
  init.agent_tokens = init.agent_connected ? AgentViewer::tokens : 0;
  main_->send_init(init);
  agent_ = std::make_unique<AgentViewer>(vm_.agent(), *main_);
  if (!vm_.name().empty()) main_->send_name(vm_.name());
  if (vm_.uuid()) main_->send_uuid(*vm_.uuid());
  vm_.add(this);
}

void Session::main_attach_channels() {
  if (!main_) return;
  attached_ = true;
  auto all = list_;
  for (const ChannelId id : vm_.audio().channels()) all.push_back(id);
  for (const ChannelId id : vm_.devices().channels()) all.push_back(id);
  main_->send_channels(all);
}

void Session::main_mouse_mode_request(MouseMode mode) {
  if ((vm_.supported_mouse_modes() & static_cast<std::uint32_t>(mode)) == 0) return;
  if (mode != vm_.mouse_mode()) vm_.guest().request_mouse_mode(mode);
}

void Session::main_agent_started() {
  if (agent_) agent_->started();
}

Result<void> Session::main_agent_data(ByteView data) {
  return agent_ ? agent_->data(data) : Result<void>{};
}

void Session::main_round_trip(Duration round_trip) {
  log_debug("session", "{}: round trip {:.1f} ms", peer_,
            std::chrono::duration<double, std::milli>(round_trip).count());
}

void Session::main_closed(const Error&) {
  agent_.reset();
  main_ = nullptr;
  over_ = true;
  vm_.remove(this);
  ended_();
}

void Session::vm_mouse_mode(std::uint32_t supported, MouseMode current) {
  if (main_) main_->send_mouse_mode(supported, current);
}

void Session::vm_name(const std::string& name) {
  if (main_) main_->send_name(name);
}

void Session::vm_uuid(const channels::Uuid& uuid) {
  if (main_) main_->send_uuid(uuid);
}

/// Clients open what a list names; those that they have are not named again.
void Session::vm_channels(const std::vector<ChannelId>& appeared) {
  if (main_ && attached_) main_->send_channels(appeared);
}

}  // namespace cassia::server
