// SPDX-License-Identifier: Apache-2.0
#include "client/audio/jitter_buffer.h"

#include <algorithm>

namespace cassia::client {
namespace {

// Behind by more than this it skips; the device's own pace stays well within it.
constexpr std::int64_t slack_ms = 60;
// Never more than this waits, whatever times the packets state.
constexpr std::size_t most_seconds = 3;
// A clock that jumps by more than this is another clock.
constexpr std::int64_t clock_jump_ms = 10000;

}  // namespace

std::int64_t JitterBuffer::ms_of(TimePoint now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
}

std::int64_t JitterBuffer::unwrapped(std::uint32_t time) {
  if (!any_time_) return time;
  return last_time_ + static_cast<std::int32_t>(time - static_cast<std::uint32_t>(last_time_));
}

void JitterBuffer::note_arrival(std::int64_t time, TimePoint now) {
  const std::int64_t offset = ms_of(now) - time;
  const bool jumped = any_time_ && std::abs(offset - least_) > clock_jump_ms;
  if (!any_time_ || jumped) {
    least_ = offset;
    spread_ms_ = 0;
  }
  any_time_ = true;
  last_time_ = time;
  least_ = std::min(least_, offset);
  // A spike widens the buffer at once and is forgotten within some ten seconds of packets.
  spread_ms_ = std::max(spread_ms_ * 0.998, static_cast<double>(offset - least_));
}

Duration JitterBuffer::target() const {
  const double needed =
      std::max<double>(wanted_ms_ == 0 ? default_ms : wanted_ms_, spread_ms_ + 20);
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min<double>(needed, longest_ms)));
}

void JitterBuffer::push(std::uint32_t time, channels::Samples samples, TimePoint now) {
  const std::int64_t at = unwrapped(time);
  note_arrival(at, now);
  ++statistics_.packets;
  finishing_ = false;
  if (samples.empty()) return;
  waiting_ += samples.size();
  packets_.push_back({at, std::move(samples)});
  const std::size_t most = most_seconds * format_.frequency * format_.channels;
  if (waiting_ > most) drop_front(waiting_ - most);
}

void JitterBuffer::drop_front(std::size_t samples) {
  statistics_.frames_skipped += samples / format_.channels;
  while (samples > 0 && !packets_.empty()) {
    Packet& front = packets_.front();
    const std::size_t some = std::min(samples, front.samples.size() - front.taken);
    front.taken += some;
    samples -= some;
    waiting_ -= some;
    if (front.taken == front.samples.size()) packets_.pop_front();
  }
}

std::int64_t JitterBuffer::lag_ms(TimePoint now) const {
  const Packet& front = packets_.front();
  const auto into =
      static_cast<std::int64_t>(front.taken / format_.channels) * 1000 / format_.frequency;
  const auto target_ms = std::chrono::duration_cast<std::chrono::milliseconds>(target()).count();
  return ms_of(now) - (front.time + into + least_ + target_ms);
}

void JitterBuffer::catch_up(TimePoint now) {
  while (!packets_.empty() && lag_ms(now) > slack_ms) {
    const Packet& front = packets_.front();
    drop_front(front.samples.size() - front.taken);
  }
}

void JitterBuffer::pull(std::span<std::int16_t> out, TimePoint now) {
  std::fill(out.begin(), out.end(), std::int16_t{0});
  catch_up(now);
  statistics_.target_ms = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(target()).count());
  if (packets_.empty() && !playing_) return;
  if (!packets_.empty()) {
    const std::int64_t lag = lag_ms(now);
    if (!playing_ && lag < 0) return;  // still filling up
    statistics_.latency_ms =
        static_cast<std::uint32_t>(std::max<std::int64_t>(lag + statistics_.target_ms, 0));
  }
  playing_ = true;
  std::size_t done = 0;
  while (done < out.size() && !packets_.empty()) {
    Packet& front = packets_.front();
    const std::size_t some = std::min(out.size() - done, front.samples.size() - front.taken);
    std::copy_n(front.samples.begin() + static_cast<long>(front.taken), some,
                out.begin() + static_cast<long>(done));
    front.taken += some;
    done += some;
    waiting_ -= some;
    if (front.taken == front.samples.size()) packets_.pop_front();
  }
  statistics_.frames_played += done / format_.channels;
  if (done == out.size()) return;
  if (!finishing_) ++statistics_.underruns;
  playing_ = false;
}

}  // namespace cassia::client
