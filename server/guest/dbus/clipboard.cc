// SPDX-License-Identifier: Apache-2.0
#include "server/guest/dbus/clipboard.h"

#include <algorithm>

#include "base/log.h"

namespace cassia::server::dbus {

using spice::AgentMessage;
using spice::ClipboardType;

namespace {

constexpr char path[] = "/org/qemu/Display1/Clipboard";
constexpr char interface[] = "org.qemu.Display1.Clipboard";
constexpr char text_mime[] = "text/plain;charset=utf-8";

Result<spice::Selection> read_selection(sd_bus_message* message) {
  std::uint32_t selection = 0;
  if (sd_bus_message_read(message, "u", &selection) < 0 || selection >= spice::selection_count) {
    return fail(ErrorKind::malformed, "a selection that does not exist");
  }
  return static_cast<spice::Selection>(selection);
}

/// Reads an array of MIME types; true if plain text is among them.
Result<bool> read_has_text(sd_bus_message* message) {
  if (sd_bus_message_enter_container(message, 'a', "s") < 0) {
    return fail(ErrorKind::malformed, "no list of types");
  }
  bool text = false;
  const char* mime = nullptr;
  while (sd_bus_message_read_basic(message, 's', &mime) > 0) {
    text |= std::string_view(mime) == text_mime;
  }
  sd_bus_message_exit_container(message);
  return text;
}

int append_text_mimes(sd_bus_message* message) {
  return sd_bus_message_append(message, "as", 1, text_mime);
}

}  // namespace

const sd_bus_vtable Clipboard::methods[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Register", "", "", (deliver<Clipboard, &Clipboard::on_register>), 0),
    SD_BUS_METHOD("Unregister", "", "", (deliver<Clipboard, &Clipboard::on_unregister>), 0),
    SD_BUS_METHOD("Grab", "uuas", "", (deliver<Clipboard, &Clipboard::on_grab>), 0),
    SD_BUS_METHOD("Release", "u", "", (deliver<Clipboard, &Clipboard::on_release>), 0),
    SD_BUS_METHOD("Request", "uas", "say", Clipboard::on_request, 0),
    SD_BUS_VTABLE_END};

Result<void> Clipboard::start() {
  CASSIA_TRY(bus_->serve(path, interface, methods, this));
  bus_->call({path, interface, "Register"}, no_arguments, [](const Result<sd_bus_message*>& reply) {
    if (!reply) log_warn("dbus", "clipboard: {}", reply.error().message());
  });
  return {};
}

/// What is said in answer to a viewer's message comes after it.
void Clipboard::later(AgentMessage message) {
  bus_->post([weak = weak_from_this(), message = std::move(message)] {
    const auto self = weak.lock();
    if (self && !self->closed_) self->say_(message);
  });
}

// From viewers.

void Clipboard::hear(const AgentMessage& message) {
  if (closed_) return;
  if (const auto* grab = std::get_if<spice::ClipboardGrab>(&message)) return viewer_grabbed(*grab);
  if (const auto* gone = std::get_if<spice::ClipboardRelease>(&message)) {
    return viewer_released(gone->selection);
  }
  if (const auto* data = std::get_if<spice::ClipboardData>(&message)) return viewer_answered(*data);
  if (const auto* wish = std::get_if<spice::ClipboardRequest>(&message)) viewer_asks(*wish);
}

void Clipboard::viewer_grabbed(const spice::ClipboardGrab& grab) {
  viewer_released(grab.selection);
  Selection& state = at(grab.selection);
  state.guest_holds = false;
  const auto& types = grab.types;
  if (std::find(types.begin(), types.end(), ClipboardType::utf8_text) == types.end()) return;
  if (state.unanswered >= most_questions) return;
  state.viewer_holds = true;
  ++state.unanswered;
  later(spice::ClipboardRequest{grab.selection, ClipboardType::utf8_text});
}

void Clipboard::viewer_released(spice::Selection selection) {
  Selection& state = at(selection);
  state.viewer_holds = false;
  state.text = {};
  if (!std::exchange(state.here, false)) return;
  const auto number = static_cast<std::uint32_t>(selection);
  bus_->tell({path, interface, "Release"},
             [number](sd_bus_message* m) { return sd_bus_message_append(m, "u", number); });
}

void Clipboard::viewer_answered(const spice::ClipboardData& data) {
  Selection& state = at(data.selection);
  if (state.unanswered == 0) return;
  // The answer to an earlier grab's question: a newer one is on its way.
  if (--state.unanswered > 0 || !state.viewer_holds) return;
  if (data.type != ClipboardType::utf8_text || data.data.size() > most_text) return;
  state.text = data.data;
  state.here = true;
  const auto number = static_cast<std::uint32_t>(data.selection);
  const std::uint32_t serial = ++serial_;
  bus_->call(
      {path, interface, "Grab"},
      [number, serial](sd_bus_message* m) {
        const int code = sd_bus_message_append(m, "uu", number, serial);
        return code < 0 ? code : append_text_mimes(m);
      },
      [](const Result<sd_bus_message*>& reply) {
        if (!reply) log_debug("dbus", "clipboard: {}", reply.error().message());
      });
}

void Clipboard::viewer_asks(const spice::ClipboardRequest& request) {
  Selection& state = at(request.selection);
  if (!state.guest_holds || request.type != ClipboardType::utf8_text ||
      state.questions.size() >= most_questions) {
    // Behind those that wait: answers go out in the order of the questions.
    if (state.questions.size() >= most_questions) return;
    state.questions.push_back(ClipboardType::none);
  } else {
    state.questions.push_back(request.type);
  }
  if (state.questions.size() == 1) ask_qemu(request.selection);
}

/// QEMU takes one question of a selection at a time.
void Clipboard::ask_qemu(spice::Selection selection) {
  Selection& state = at(selection);
  if (state.questions.front() == ClipboardType::none) {
    return bus_->post([weak = weak_from_this(), selection] {
      if (const auto self = weak.lock()) self->answer_viewer(selection, {});
    });
  }
  const auto number = static_cast<std::uint32_t>(selection);
  bus_->call(
      {path, interface, "Request"},
      [number](sd_bus_message* m) {
        const int code = sd_bus_message_append(m, "u", number);
        return code < 0 ? code : append_text_mimes(m);
      },
      [weak = weak_from_this(), selection](const Result<sd_bus_message*>& reply) {
        const auto self = weak.lock();
        if (!self) return;
        SharedBytes text;
        const char* mime = nullptr;
        if (reply && sd_bus_message_read(*reply, "s", &mime) >= 0 &&
            std::string_view(mime) == text_mime) {
          const auto bytes = read_bytes(*reply);
          if (bytes && bytes->size() <= most_text) text = to_bytes(*bytes);
        }
        self->answer_viewer(selection, std::move(text));
      });
}

void Clipboard::answer_viewer(spice::Selection selection, SharedBytes text) {
  Selection& state = at(selection);
  if (closed_ || state.questions.empty()) return;
  const auto type = text.empty() ? ClipboardType::none : ClipboardType::utf8_text;
  state.questions.pop_front();
  if (!state.questions.empty()) ask_qemu(selection);
  say_(spice::ClipboardData{selection, type, std::move(text)});
}

// From QEMU.

/// QEMU has begun to count anew.
Result<void> Clipboard::on_register(sd_bus_message*) {
  serial_ = 0;
  return {};
}

Result<void> Clipboard::on_unregister(sd_bus_message*) { return {}; }

Result<void> Clipboard::on_grab(sd_bus_message* message) {
  const spice::Selection selection = CASSIA_TRY(read_selection(message));
  std::uint32_t serial = 0;
  if (sd_bus_message_read(message, "u", &serial) < 0) {
    return fail(ErrorKind::malformed, "Grab: no serial");
  }
  const bool text = CASSIA_TRY(read_has_text(message));
  serial_ = std::max(serial_, serial);
  Selection& state = at(selection);
  state.viewer_holds = state.here = false;
  state.text = {};
  const bool before = std::exchange(state.guest_holds, text);
  if (closed_) return {};
  if (text) say_(spice::ClipboardGrab{selection, 0, {ClipboardType::utf8_text}});
  if (before && !text) say_(spice::ClipboardRelease{selection});
  return {};
}

Result<void> Clipboard::on_release(sd_bus_message* message) {
  const spice::Selection selection = CASSIA_TRY(read_selection(message));
  if (std::exchange(at(selection).guest_holds, false) && !closed_) {
    say_(spice::ClipboardRelease{selection});
  }
  return {};
}

int Clipboard::on_request(sd_bus_message* message, void* data, sd_bus_error* error) {
  auto& self = *static_cast<Clipboard*>(data);
  const auto selection = read_selection(message);
  const auto text = selection ? read_has_text(message) : fail(selection.error());
  if (!text) {
    return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS, text.error().message().c_str());
  }
  const Selection& state = self.at(*selection);
  if (!*text || !state.here) {
    return sd_bus_error_set(error, SD_BUS_ERROR_FAILED, "the clipboard holds no text");
  }
  sd_bus_message* reply = nullptr;
  int code = sd_bus_message_new_method_return(message, &reply);
  if (code >= 0) code = sd_bus_message_append(reply, "s", text_mime);
  if (code >= 0) {
    code = sd_bus_message_append_array(reply, 'y', state.text.data(), state.text.size());
  }
  if (code >= 0) code = sd_bus_message_send(reply);
  sd_bus_message_unref(reply);
  return code;
}

}  // namespace cassia::server::dbus
