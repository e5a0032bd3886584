// SPDX-License-Identifier: Apache-2.0
#include "channels/link/message_sender.h"

#include <algorithm>

namespace cassia::channels {

void MessageSender::send(std::uint16_t type, std::vector<SharedBytes> pieces) {
  if (finished_) return;
  std::size_t size = 0;
  for (const SharedBytes& piece : pieces) size += piece.size();
  spice::MessageHeader header;
  header.serial = ++serial_;
  header.type = type;
  header.size = static_cast<std::uint32_t>(size);
  ++stats_.messages_sent;
  if (ack_window_ != 0) ++unacked_;
  send_raw(spice::encode_header(header_, header));
  for (SharedBytes& piece : pieces) {
    if (piece.empty()) continue;
    pending_ += piece.size();
    output_.push_back(std::move(piece));
  }
  if (pending_ > limits_.max_pending || output_.size() > limits_.max_pieces) {
    output_.clear();
    descriptors_.clear();
    finished_ = true;
    wake_();  // the write under way may never end: the pump must hear of it now
  }
  note_blocked();
}

void MessageSender::send_with_descriptor(std::uint16_t type, std::vector<SharedBytes> pieces,
                                         std::shared_ptr<const FileDescriptor> descriptor) {
  send(type, std::move(pieces));
  if (finished_) return;
  descriptors_.push_back({output_.size(), std::move(descriptor)});
  send_raw(Bytes{'@'});
}

void MessageSender::send_raw(Bytes bytes) {
  if (finished_) return;
  pending_ += bytes.size();
  output_.emplace_back(std::move(bytes));
  wake_();
}

void MessageSender::send_body(std::uint16_t type, Bytes body) {
  std::vector<SharedBytes> pieces;
  pieces.emplace_back(std::move(body));
  send(type, std::move(pieces));
}

bool MessageSender::writable() const {
  // libspice-server sends up to twice the window: the acks of the first half travel while the
  // second half is sent.
  const bool window_open = ack_window_ == 0 || unacked_ <= std::uint64_t{2} * ack_window_;
  return !finished_ && window_open && pending_ < limits_.writable_below;
}

void MessageSender::note_blocked() {
  if (!writable()) blocked_ = true;
}

bool MessageSender::take_writable_again() {
  if (!blocked_ || !writable()) return false;
  blocked_ = false;
  return true;
}

void MessageSender::pause_reading(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  wake_();
}

void MessageSender::close() {
  finished_ = true;
  wake_();
}

std::vector<SharedBytes> MessageSender::take_output() { return std::exchange(output_, {}); }

void MessageSender::written(std::size_t bytes) {
  pending_ -= std::min(bytes, pending_);
  stats_.bytes_sent += bytes;
}

void MessageSender::expect_acks(std::uint32_t window) {
  ack_window_ = window;
  unacked_ = 0;
}

void MessageSender::ack() { unacked_ -= std::min<std::uint64_t>(ack_window_, unacked_); }

void MessageSender::set_peer(spice::ChannelId id, spice::Capabilities caps) {
  id_ = id;
  peer_caps_ = std::move(caps);
}

}  // namespace cassia::channels
