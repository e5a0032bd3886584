// SPDX-License-Identifier: Apache-2.0
#pragma once

// The clipboards of an X server: CLIPBOARD, PRIMARY and SECONDARY, with text, pictures and lists of
// files. On a connection and a thread of its own: other programs neither wait for the viewer's
// window nor does it wait for them.

#include <functional>
#include <memory>

#include "base/result.h"
#include "client/clipboard/host_clipboard.h"

namespace cassia::client {

/// The server of the variable DISPLAY. `wake` is called on another thread when dispatch() has
/// something to deliver. Contents beyond the limit of the guest's agent are not fetched. Errors
/// (unsupported): no X server, or one that does not tell who owns its selections.
Result<std::unique_ptr<HostClipboard>> make_x11_clipboard(std::function<void()> wake);

}  // namespace cassia::client
