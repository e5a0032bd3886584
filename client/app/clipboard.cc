// SPDX-License-Identifier: Apache-2.0
#include "client/app/clipboard.h"

#include <SDL.h>

#include <algorithm>

#include "client/session/agent_link.h"

namespace cassia::client {

using spice::ClipboardType;
using spice::Selection;

namespace {

constexpr Selection joined_selections[] = {Selection::clipboard, Selection::primary};

class SdlClipboard final : public HostClipboard {
 public:
  std::string text(Selection selection) override {
    const bool primary = selection == Selection::primary;
    const bool there =
        (primary ? SDL_HasPrimarySelectionText() : SDL_HasClipboardText()) == SDL_TRUE;
    if (!there) return {};
    char* text = primary ? SDL_GetPrimarySelectionText() : SDL_GetClipboardText();
    std::string out = text != nullptr ? text : "";
    SDL_free(text);
    return out;
  }
  void set_text(Selection selection, const std::string& text) override {
    selection == Selection::primary ? SDL_SetPrimarySelectionText(text.c_str())
                                    : SDL_SetClipboardText(text.c_str());
  }
};

}  // namespace

std::unique_ptr<HostClipboard> make_sdl_clipboard() { return std::make_unique<SdlClipboard>(); }

void ClipboardLink::on(const AgentEvent& event) {
  std::visit([this](const auto& change) { changed(change); }, event.change);
}

void ClipboardLink::changed(const AgentState& state) {
  const bool came = state.up && !up_;
  up_ = state.up;
  if (!came) return;
  known_ = {};  // a new agent knows nothing of before
  host_changed();
}

void ClipboardLink::host_changed() {
  if (!up_) return;
  for (const Selection selection : joined_selections) {
    std::string text = host_.text(selection);
    std::string& known = known_[static_cast<std::size_t>(selection)];
    if (text.empty() || text == known) continue;
    known = std::move(text);
    session_.with_agent(
        [selection](AgentLink& agent) { agent.grab(selection, {ClipboardType::utf8_text}); });
  }
}

void ClipboardLink::changed(const ClipboardGrabbed& grab) {
  const bool text =
      std::find(grab.types.begin(), grab.types.end(), ClipboardType::utf8_text) != grab.types.end();
  if (!text || grab.selection == Selection::secondary) return;
  // SDL cannot promise a text and fetch it when it is pasted: it must be there.
  session_.with_agent([selection = grab.selection](AgentLink& agent) {
    agent.request(selection, ClipboardType::utf8_text);
  });
}

void ClipboardLink::changed(const ClipboardWanted& wish) {
  std::string text;
  if (wish.type == ClipboardType::utf8_text && wish.selection != Selection::secondary) {
    text = host_.text(wish.selection);
  }
  const ClipboardType type = text.empty() ? ClipboardType::none : ClipboardType::utf8_text;
  session_.with_agent([selection = wish.selection, type, text = std::move(text)](AgentLink& agent) {
    agent.provide(selection, type, to_bytes(text));
  });
}

void ClipboardLink::changed(const ClipboardContents& contents) {
  if (contents.type != ClipboardType::utf8_text || contents.selection == Selection::secondary)
    return;
  std::string text(as_text(contents.data.view()));
  text = text.substr(0, text.find('\0'));  // some agents count a terminating zero
  if (text.empty()) return;
  host_.set_text(contents.selection, text);
  known_[static_cast<std::size_t>(contents.selection)] = std::move(text);
}

}  // namespace cassia::client
