// SPDX-License-Identifier: Apache-2.0
#pragma once

// The serving side of a webdav channel: which of the guest's connections are open, within bounds.
// It does not know where the HTTP server is: WebdavConnections makes the connections to it.

#include <deque>
#include <map>
#include <set>

#include "channels/webdav/webdav_mux.h"

namespace cassia::channels {

/// The other end of the hub: one local connection to the HTTP server for each of the guest's. Calls
/// come from inside the hub's methods.
class WebdavConnections {
 public:
  virtual ~WebdavConnections() = default;
  virtual void webdav_open(MuxId id) = 0;
  virtual void webdav_data(MuxId id, ByteView data) = 0;  ///< borrowed
  /// The guest has closed it.
  virtual void webdav_close(MuxId id) = 0;
  /// Frames for the guest, in order.
  virtual void webdav_send(Bytes frames) = 0;
  /// The local connections cannot take more: pause the channel, or read it again.
  virtual void webdav_pause(bool paused) = 0;
};

struct WebdavLimits {
  std::size_t connections = 64;          ///< open at the same time; more are closed at once
  std::size_t backlog = 256u << 10;      ///< bytes that wait for the server before reading pauses
  std::size_t remembered_closed = 1024;  ///< connections whose late data is thrown away
};

class WebdavHub {
 public:
  explicit WebdavHub(WebdavConnections& out, WebdavLimits limits = {});

  /// What came over the channel.
  void receive(ByteView bytes) { reader_.feed(bytes); }
  /// The guest has (re)opened its port: what was there is void.
  void reset();

  /// The HTTP server has answered, or (empty) closed the connection. Unknown ids are ignored.
  void answer(MuxId id, ByteView data);
  /// `bytes` of the data given to webdav_data() have reached the server.
  void written(MuxId id, std::size_t bytes);

  std::size_t connections() const { return waiting_.size(); }
  std::size_t backlog() const { return backlog_; }

 private:
  void on_data(MuxId id, ByteView data);
  void forget(MuxId id);
  void remember_closed(MuxId id);
  void balance();

  WebdavConnections& out_;
  const WebdavLimits limits_;
  MuxReader reader_;
  std::map<MuxId, std::size_t> waiting_;  ///< open connections, and their bytes under way
  std::size_t backlog_ = 0;
  bool paused_ = false;
  std::set<MuxId> closed_;          ///< closed here; the guest may not know yet
  std::deque<MuxId> closed_order_;  ///< the same, oldest first
};

}  // namespace cassia::channels
