// SPDX-License-Identifier: Apache-2.0
// The webdav multiplexing with a guest that sends anything. Byte 0: the fragment size. The hub must
// stay within its limits and open and close connections in pairs.

#include "channels/webdav/webdav_hub.h"

#include <cstdlib>
#include <set>

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

constexpr WebdavLimits limits{.connections = 4, .backlog = 64, .remembered_closed = 8};

struct Server : WebdavConnections {
  void webdav_open(MuxId id) override {
    if (!open.insert(id).second || open.size() > limits.connections) std::abort();
  }
  void webdav_data(MuxId id, ByteView data) override {
    if (open.count(id) == 0 || data.empty()) std::abort();
    last = id;
  }
  void webdav_close(MuxId id) override {
    if (open.erase(id) == 0) std::abort();
  }
  void webdav_send(Bytes frames) override {
    if (frames.size() < mux_header) std::abort();
  }
  void webdav_pause(bool) override {}
  std::set<MuxId> open;
  MuxId last = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0];
  Server server;
  WebdavHub hub(server, limits);
  ByteView rest(data + 1, size - 1);
  while (!rest.empty()) {
    const ByteView part = rest.first(std::min(step, rest.size()));
    rest = rest.subspan(part.size());
    hub.receive(part);
    if (hub.connections() != server.open.size()) std::abort();
    // The local server answers, reads, and sometimes hangs up.
    hub.written(server.last, part[0]);
    hub.answer(server.last, part.first(part[0] % (part.size() + 1)));
    if (hub.connections() > limits.connections) std::abort();
    std::set<MuxId> still;
    for (const MuxId id : server.open) {
      if (id != server.last || part[0] % (part.size() + 1) != 0) still.insert(id);
    }
    server.open = std::move(still);
  }
  hub.reset();
  if (!server.open.empty() || hub.backlog() != 0) std::abort();
  return 0;
}
