// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>

#include "base/endpoint.h"

namespace cassia::net {

/// Sends back what it gets.
class EchoEndpoint : public Endpoint {
 public:
  Result<void> receive(ByteView bytes, TimePoint) override {
    received_ += bytes.size();
    output_.push_back(SharedBytes(to_bytes(bytes)));
    if (pause_after_ && received_ >= *pause_after_) paused_ = true;
    return {};
  }
  void closed(const Error& why) override { why_ = why; }
  std::vector<SharedBytes> take_output() override { return std::exchange(output_, {}); }
  void written(std::size_t bytes) override { written_ += bytes; }
  bool reading_paused() const override { return paused_; }

  void pause_after(std::size_t bytes) { pause_after_ = bytes; }
  void resume() {
    pause_after_.reset();
    paused_ = false;
    wake();
  }

  std::size_t received_ = 0;
  std::size_t written_ = 0;
  std::optional<Error> why_;

 private:
  std::vector<SharedBytes> output_;
  std::optional<std::size_t> pause_after_;
  bool paused_ = false;
};

/// Sends `data`, waits until as much has come back, then is finished.
class RoundTripEndpoint : public Endpoint {
 public:
  explicit RoundTripEndpoint(Bytes data) : sent_(data) {
    SharedBytes all(std::move(data));
    constexpr std::size_t piece = 999;  // many pieces: gathered writes
    for (std::size_t at = 0; at < all.size(); at += piece) {
      output_.push_back(all.slice(at, std::min(piece, all.size() - at)));
    }
  }
  Result<void> receive(ByteView bytes, TimePoint) override {
    back_.insert(back_.end(), bytes.begin(), bytes.end());
    return {};
  }
  void closed(const Error& why) override { why_ = why; }
  std::vector<SharedBytes> take_output() override { return std::exchange(output_, {}); }
  bool finished() const override { return back_.size() >= sent_.size(); }

  Bytes sent_;
  Bytes back_;
  std::optional<Error> why_;

 private:
  std::vector<SharedBytes> output_;
};

inline Bytes test_pattern(std::size_t size) {
  Bytes out(size);
  std::uint32_t state = 12345;
  for (auto& byte : out) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return out;
}

}  // namespace cassia::net
