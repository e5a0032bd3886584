// SPDX-License-Identifier: Apache-2.0
#include "client/app/clipboard.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "client/clipboard/x11_clipboard.h"
#include "client/session/agent_link.h"

namespace cassia::client {

using spice::ClipboardType;
using spice::Selection;

std::unique_ptr<HostClipboard> make_host_clipboard(bool x11, std::function<void()> wake) {
  if (x11) {
    auto clipboard = make_x11_clipboard(std::move(wake));
    if (clipboard) return std::move(*clipboard);
    log_info("clipboard", "text only: {}", clipboard.error().message());
  }
  return make_sdl_clipboard();
}

void ClipboardLink::on(const AgentEvent& event) {
  std::visit([this](const auto& change) { changed(change); }, event.change);
}

void ClipboardLink::host_changed() {
  if (up_) host_.look(false);
}

void ClipboardLink::changed(const AgentState& state) {
  const bool came = state.up && !up_;
  up_ = state.up;
  if (!came) return;
  // A new agent knows nothing of before.
  for (const auto selection : {Selection::clipboard, Selection::primary, Selection::secondary}) {
    if (!offered(selection).empty()) host_offers(selection, ClipboardTypes(offered(selection)));
  }
  host_.look(true);
}

void ClipboardLink::host_offers(Selection selection, const ClipboardTypes& types) {
  const bool had = !std::exchange(offered(selection), types).empty();
  if (!up_ || (types.empty() && !had)) return;
  session_.with_agent([selection, types](AgentLink& agent) {
    types.empty() ? agent.release(selection) : agent.grab(selection, types);
  });
}

void ClipboardLink::changed(const ClipboardGrabbed& grab) {
  offered(grab.selection).clear();
  host_.offer(grab.selection, grab.types);
}

void ClipboardLink::changed(const ClipboardReleased& release) { host_.withdraw(release.selection); }

void ClipboardLink::host_wants(Selection selection, ClipboardType type) {
  session_.with_agent([selection, type](AgentLink& agent) { agent.request(selection, type); });
}

void ClipboardLink::changed(const ClipboardContents& contents) {
  SharedBytes data = contents.data;
  if (contents.type == ClipboardType::utf8_text) {
    const std::string_view text = as_text(data.view());
    data = data.slice(0, std::min(text.find('\0'), text.size()));  // some agents count it
  }
  host_.give(contents.selection, data.empty() ? ClipboardType::none : contents.type, data);
}

void ClipboardLink::changed(const ClipboardWanted& wish) { host_.fetch(wish.selection, wish.type); }

void ClipboardLink::host_gave(Selection selection, ClipboardType type, const SharedBytes& data) {
  session_.with_agent(
      [selection, type, data](AgentLink& agent) { agent.provide(selection, type, data); });
}

}  // namespace cassia::client
