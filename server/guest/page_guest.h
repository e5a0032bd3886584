// SPDX-License-Identifier: Apache-2.0
#pragma once

// A guest that shows one page of draw commands and nothing else: `--demo-page draws-N`.

#include <memory>

#include "net/task.h"
#include "server/guest/draw_page.h"
#include "server/guest/guest_source.h"

namespace cassia::server {

/// Takes no input. Whoever keeps its pipeline's history shows each viewer all of its commands.
std::unique_ptr<GuestSource> make_page_guest(net::Executor executor, DrawPage page);

}  // namespace cassia::server
