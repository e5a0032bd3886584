// SPDX-License-Identifier: Apache-2.0
#include "channels/webdav/webdav_hub.h"

#include <algorithm>

namespace cassia::channels {

WebdavHub::WebdavHub(WebdavConnections& out, WebdavLimits limits)
    : out_(out), limits_(limits), reader_([this](MuxId id, ByteView data) { on_data(id, data); }) {}

void WebdavHub::reset() {
  reader_.reset();
  while (!waiting_.empty()) {
    const MuxId id = waiting_.begin()->first;
    forget(id);
    out_.webdav_close(id);
  }
  closed_.clear();
  closed_order_.clear();
  balance();
}

void WebdavHub::on_data(MuxId id, ByteView data) {
  const auto open = waiting_.find(id);
  if (data.empty()) {
    if (open != waiting_.end()) {
      forget(id);
      out_.webdav_close(id);
      balance();
    }
    // The number may come again, for another connection.
    if (closed_.erase(id) != 0) std::erase(closed_order_, id);
    return;
  }
  if (open == waiting_.end()) {
    if (closed_.count(id) != 0) return;  // sent before the guest heard that it was closed
    if (waiting_.size() >= limits_.connections) {
      remember_closed(id);
      out_.webdav_send(mux_frames(id, {}));
      return;
    }
    waiting_[id] = 0;
    out_.webdav_open(id);
  }
  waiting_[id] += data.size();
  backlog_ += data.size();
  out_.webdav_data(id, data);
  balance();
}

void WebdavHub::answer(MuxId id, ByteView data) {
  if (waiting_.count(id) == 0) return;
  out_.webdav_send(mux_frames(id, data));
  if (!data.empty()) return;
  forget(id);
  remember_closed(id);
  balance();
}

void WebdavHub::written(MuxId id, std::size_t bytes) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  bytes = std::min(bytes, found->second);
  found->second -= bytes;
  backlog_ -= bytes;
  balance();
}

void WebdavHub::forget(MuxId id) {
  const auto found = waiting_.find(id);
  backlog_ -= found->second;
  waiting_.erase(found);
}

void WebdavHub::remember_closed(MuxId id) {
  if (!closed_.insert(id).second) return;
  closed_order_.push_back(id);
  if (closed_order_.size() <= limits_.remembered_closed) return;
  closed_.erase(closed_order_.front());
  closed_order_.pop_front();
}

void WebdavHub::balance() {
  const bool pause = backlog_ >= limits_.backlog;
  if (pause == paused_) return;
  paused_ = pause;
  out_.webdav_pause(pause);
}

}  // namespace cassia::channels
