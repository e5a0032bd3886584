// SPDX-License-Identifier: Apache-2.0
// Every parser of protocol/spice. The first byte chooses it. What a parser accepts, the encoder
// must write in a form that the parser accepts again.

#include <cstdlib>

#include "protocol/spice/base_messages.h"
#include "protocol/spice/cursor_messages.h"
#include "protocol/spice/display_messages.h"
#include "protocol/spice/draw.h"
#include "protocol/spice/header.h"
#include "protocol/spice/inputs_messages.h"
#include "protocol/spice/link.h"
#include "protocol/spice/main_messages.h"
#include "protocol/spice/port_messages.h"

namespace {

using namespace cassia;         // NOLINT(google-build-using-namespace)
using namespace cassia::spice;  // NOLINT(google-build-using-namespace)

template <class T>
void check(ByteView body) {
  const auto message = wire::parse<T>(body);
  if (!message) return;
  const Bytes again = wire::encode(*message);
  if (!wire::parse<T>(again)) std::abort();
}

void check_link_messages(ByteView body) {
  if (const auto message = LinkMessage::parse(body)) {
    if (!LinkMessage::parse(ByteView(message->encode()).subspan(link_header_size))) std::abort();
  }
  if (const auto reply = LinkReply::parse(body)) {
    if (!LinkReply::parse(ByteView(reply->encode()).subspan(link_header_size))) std::abort();
  }
}

void check_sub_messages(ByteView body) {
  const auto subs = parse_sub_messages(body, 0);
  if (subs && !parse_sub_messages(encode_sub_messages(*subs), 0)) std::abort();
}

using Check = void (*)(ByteView);
constexpr Check checks[] = {
    check_link_messages,    check_sub_messages,     check<SetAck>,           check<Ping>,
    check<Notify>,          check<WaitForChannels>, check<Disconnecting>,    check<MainInit>,
    check<ChannelsList>,    check<ServerName>,      check<ServerUuid>,       check<KeyCode>,
    check<MouseMotion>,     check<MousePosition>,   check<MouseButtonEvent>, check<CursorInit>,
    check<CursorSet>,       check<PortInit>,        check<DisplayInit>,      check<InvalList>,
    check<StreamCreate>,    check<StreamData>,      check<StreamDataSized>,  check<StreamClip>,
    check<MonitorsConfig>,  check<SurfaceCreate>,   check<CopyBits>,         check<DrawFill>,
    check<DrawOpaque>,      check<DrawCopy>,        check<DrawMasked>,       check<DrawRop3>,
    check<DrawTransparent>, check<DrawAlphaBlend>,  check<DrawStroke>,       check<DrawText>,
    check<DrawComposite>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  checks[data[0] % std::size(checks)](ByteView(data + 1, size - 1));
  return 0;
}
