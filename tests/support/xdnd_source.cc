// SPDX-License-Identifier: Apache-2.0
#include "tests/support/xdnd_source.h"

#include <algorithm>

namespace cassia::test {
namespace {

constexpr std::uint32_t version = 5;

std::string uri_of(const std::string& path) {
  std::string uri = "file://";
  for (const char c : path) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '.' ||
                       c == '-' || c == '_';
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

}  // namespace

Result<std::array<std::uint32_t, 5>> XdndSource::hear(const std::string& type) const {
  const xcb_atom_t wanted = peer_.atom(type);
  for (;;) {
    const auto message = peer_.next<xcb_client_message_event_t>(XCB_CLIENT_MESSAGE);
    if (!message) return fail(ErrorKind::timeout, "the window says no {}", type);
    if (message->type != wanted) continue;
    std::array<std::uint32_t, 5> data{};
    std::copy_n(message->data.data32, data.size(), data.begin());
    return data;
  }
}

Result<void> XdndSource::drop(xcb_window_t window, int x, int y,
                              const std::vector<std::string>& paths) {
  const xcb_atom_t selection = peer_.atom("XdndSelection"), list = peer_.atom("text/uri-list"),
                   copy = peer_.atom("XdndActionCopy");
  const std::uint32_t from = peer_.window();
  peer_.own(selection);
  peer_.tell(window, peer_.atom("XdndEnter"), {from, version << 24, list, 0, 0});
  const auto place = static_cast<std::uint32_t>(x << 16 | y);
  peer_.tell(window, peer_.atom("XdndPosition"), {from, 0, place, XCB_CURRENT_TIME, copy});
  const auto status = CASSIA_TRY(hear("XdndStatus"));
  if ((status[1] & 1) == 0) return fail(ErrorKind::unsupported, "the window takes no files");
  peer_.tell(window, peer_.atom("XdndDrop"), {from, 0, XCB_CURRENT_TIME, 0, 0});
  const auto request = peer_.next_request();
  if (!request) return fail(ErrorKind::timeout, "the window does not ask which files");
  if (request->target != list) return fail(ErrorKind::unsupported, "it asks for another target");
  std::string uris;
  for (const std::string& path : paths) uris += uri_of(path) + "\r\n";
  peer_.put(request->requestor, request->property, list, 8, as_bytes(uris));
  peer_.answer(*request, request->property);
  const auto finished = CASSIA_TRY(hear("XdndFinished"));
  if ((finished[1] & 1) == 0) return fail(ErrorKind::io, "the window did nothing with the files");
  return {};
}

}  // namespace cassia::test
