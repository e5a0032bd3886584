// SPDX-License-Identifier: Apache-2.0
#include <SDL.h>

#include <algorithm>
#include <deque>
#include <string>

#include "client/app/clipboard.h"

namespace cassia::client {

using spice::ClipboardType;
using spice::Selection;

namespace {

class SdlClipboard final : public HostClipboard {
 public:
  void offer(Selection selection, const ClipboardTypes& types) override {
    const bool text = std::find(types.begin(), types.end(), ClipboardType::utf8_text) != types.end();
    if (!text || selection == Selection::secondary) return;
    happened_.push_back([selection](HostClipboardEvents& events) {
      events.host_wants(selection, ClipboardType::utf8_text);
    });
  }
  void withdraw(Selection) override {}  // what came from the guest may still be pasted here
  void give(Selection selection, ClipboardType type, const SharedBytes& data) override {
    if (type != ClipboardType::utf8_text || selection == Selection::secondary) return;
    std::string text(as_text(data.view()));
    selection == Selection::primary ? SDL_SetPrimarySelectionText(text.c_str())
                                    : SDL_SetClipboardText(text.c_str());
    known(selection) = std::move(text);
  }
  void fetch(Selection selection, ClipboardType type) override {
    const Bytes data = type == ClipboardType::utf8_text ? to_bytes(text(selection)) : Bytes();
    const ClipboardType given = data.empty() ? ClipboardType::none : type;
    happened_.push_back([=, data = SharedBytes(data)](HostClipboardEvents& events) {
      events.host_gave(selection, given, data);
    });
  }
  void look(bool anew) override {
    for (const Selection selection : {Selection::clipboard, Selection::primary}) {
      std::string now = text(selection);
      if (now.empty() || (now == known(selection) && !anew)) continue;
      known(selection) = std::move(now);
      happened_.push_back([selection](HostClipboardEvents& events) {
        events.host_offers(selection, {ClipboardType::utf8_text});
      });
    }
  }
  void dispatch(HostClipboardEvents& events) override {
    while (!happened_.empty()) {
      const auto happened = std::move(happened_.front());
      happened_.pop_front();
      happened(events);
    }
  }

 private:
  static std::string text(Selection selection) {
    if (selection == Selection::secondary) return {};
    const bool primary = selection == Selection::primary;
    const bool there =
        (primary ? SDL_HasPrimarySelectionText() : SDL_HasClipboardText()) == SDL_TRUE;
    if (!there) return {};
    char* text = primary ? SDL_GetPrimarySelectionText() : SDL_GetClipboardText();
    std::string out = text != nullptr ? text : "";
    SDL_free(text);
    return out;
  }
  std::string& known(Selection selection) { return known_[static_cast<std::size_t>(selection)]; }

  std::deque<std::function<void(HostClipboardEvents&)>> happened_;
  /// What both sides know, so that a text that came from the guest is not offered back to it.
  std::array<std::string, spice::selection_count> known_;
};

}  // namespace

std::unique_ptr<HostClipboard> make_sdl_clipboard() { return std::make_unique<SdlClipboard>(); }

}  // namespace cassia::client
