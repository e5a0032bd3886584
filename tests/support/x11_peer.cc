// SPDX-License-Identifier: Apache-2.0
#include "tests/support/x11_peer.h"

#include <poll.h>

#include <algorithm>

namespace cassia::test {

X11Peer::X11Peer(const std::string& display) {
  connection_ = xcb_connect(display.c_str(), nullptr);
  window_ = xcb_generate_id(connection_);
  const xcb_screen_t* screen = xcb_setup_roots_iterator(xcb_get_setup(connection_)).data;
  const std::uint32_t mask = XCB_EVENT_MASK_PROPERTY_CHANGE;
  xcb_create_window(connection_, 0, window_, screen->root, 0, 0, 1, 1, 0,
                    XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT, XCB_CW_EVENT_MASK, &mask);
}

X11Peer::~X11Peer() { xcb_disconnect(connection_); }

xcb_atom_t X11Peer::atom(const std::string& name) const {
  const auto cookie =
      xcb_intern_atom(connection_, 0, static_cast<std::uint16_t>(name.size()), name.c_str());
  const std::unique_ptr<xcb_intern_atom_reply_t, Free> reply(
      xcb_intern_atom_reply(connection_, cookie, nullptr));
  return reply ? reply->atom : 0;
}

void X11Peer::own(xcb_atom_t selection) const {
  xcb_set_selection_owner(connection_, window_, selection, XCB_CURRENT_TIME);
  xcb_flush(connection_);
}

void X11Peer::convert(xcb_atom_t selection, xcb_atom_t target, xcb_atom_t property) const {
  xcb_convert_selection(connection_, window_, selection, target, property, XCB_CURRENT_TIME);
  xcb_flush(connection_);
}

void X11Peer::put(xcb_window_t window, xcb_atom_t property, xcb_atom_t type, int format,
                  ByteView data) const {
  xcb_change_property(
      connection_, XCB_PROP_MODE_REPLACE, window, property, type, static_cast<std::uint8_t>(format),
      static_cast<std::uint32_t>(data.size() * 8 / static_cast<std::size_t>(format)), data.data());
  xcb_flush(connection_);
}

void X11Peer::answer(const xcb_selection_request_event_t& request, xcb_atom_t property) const {
  xcb_selection_notify_event_t out{};
  out.response_type = XCB_SELECTION_NOTIFY;
  out.time = request.time;
  out.requestor = request.requestor;
  out.selection = request.selection;
  out.target = request.target;
  out.property = property;
  char wire[32] = {};
  std::copy_n(reinterpret_cast<const char*>(&out), sizeof out, wire);
  xcb_send_event(connection_, 0, request.requestor, 0, wire);
  xcb_flush(connection_);
}

void X11Peer::tell(xcb_window_t window, xcb_atom_t type,
                   const std::array<std::uint32_t, 5>& data) const {
  xcb_client_message_event_t out{};
  out.response_type = XCB_CLIENT_MESSAGE;
  out.format = 32;
  out.window = window;
  out.type = type;
  std::copy(data.begin(), data.end(), out.data.data32);
  xcb_send_event(connection_, 0, window, 0, reinterpret_cast<const char*>(&out));
  xcb_flush(connection_);
}

void X11Peer::watch(xcb_window_t window) const {
  const std::uint32_t mask = XCB_EVENT_MASK_PROPERTY_CHANGE | XCB_EVENT_MASK_STRUCTURE_NOTIFY;
  xcb_change_window_attributes(connection_, window, XCB_CW_EVENT_MASK, &mask);
}

X11Peer::Property X11Peer::take(xcb_atom_t property) const {
  const auto cookie =
      xcb_get_property(connection_, 1, window_, property, XCB_ATOM_ANY, 0, 64u << 20);
  const std::unique_ptr<xcb_get_property_reply_t, Free> reply(
      xcb_get_property_reply(connection_, cookie, nullptr));
  if (!reply) return {};
  const auto* data = static_cast<const std::uint8_t*>(xcb_get_property_value(reply.get()));
  return {reply->type, Bytes(data, data + xcb_get_property_value_length(reply.get()))};
}

std::unique_ptr<xcb_generic_event_t, X11Peer::Free> X11Peer::next_of(int type) const {
  for (;;) {
    std::unique_ptr<xcb_generic_event_t, Free> event(xcb_poll_for_event(connection_));
    if (event && (event->response_type & 0x7f) == type) return event;
    if (event) continue;
    pollfd readable{xcb_get_file_descriptor(connection_), POLLIN, 0};
    if (::poll(&readable, 1, 15000) <= 0) return nullptr;
  }
}

}  // namespace cassia::test
