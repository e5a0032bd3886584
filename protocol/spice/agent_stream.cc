// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/agent_stream.h"

#include <spice/vd_agent.h>

#include <algorithm>

#include "protocol/wire/reader.h"

namespace cassia::spice {
namespace {

constexpr std::size_t header_size = sizeof(VDAgentMessage);
static_assert(header_size == 20);
/// What is kept of a skipped message: enough to see which selection it was for.
constexpr std::size_t kept_of_skipped = 8;
/// Of a type that we do not know, or of fixed size: newer peers may append fields.
constexpr std::uint32_t largest_small = 64u << 10;

struct Bound {
  std::uint32_t keep;
  bool may_skip;
};

Bound bound_of(std::uint32_t type, const AgentLimits& limits) {
  constexpr std::uint32_t prefix = 64;  // selection, type, id, size
  switch (type) {
    case VD_AGENT_CLIPBOARD:
      return {limits.clipboard + prefix, true};
    case VD_AGENT_FILE_XFER_DATA:
      return {limits.file_data + prefix, false};
    default:
      return {largest_small, type == 0 || type >= VD_AGENT_END_MESSAGE};
  }
}

}  // namespace

void AgentAssembler::reset() {
  header_.clear();
  body_ = {};
  size_ = done_ = 0;
  skipping_ = false;
  ++generation_;
}

Result<void> AgentAssembler::begin() {
  wire::Reader in{ByteView(header_)};
  const std::uint32_t protocol = in.u32();
  type_ = in.u32();
  in.skip(8);
  size_ = in.u32();
  done_ = 0;
  if (protocol != VD_AGENT_PROTOCOL) {
    return fail(ErrorKind::malformed, "an agent message of protocol {}, not {}", protocol,
                VD_AGENT_PROTOCOL);
  }
  const Bound bound = bound_of(type_, limits_);
  skipping_ = size_ > bound.keep;
  if (skipping_ && (!bound.may_skip || size_ > limits_.skipped)) {
    return fail(ErrorKind::malformed, "an agent message that is too large: {} of {} bytes",
                agent_type_name(type_), size_);
  }
  return {};
}

Result<void> AgentAssembler::receive(ByteView bytes, const Sink& sink) {
  const std::uint64_t generation = generation_;
  while (!bytes.empty()) {
    if (header_.size() < header_size) {
      const std::size_t part = std::min(header_size - header_.size(), bytes.size());
      header_.insert(header_.end(), bytes.begin(), bytes.begin() + static_cast<long>(part));
      bytes = bytes.subspan(part);
      if (header_.size() < header_size) return {};
      CASSIA_TRY(begin());
    }
    const std::size_t part = std::min<std::size_t>(size_ - done_, bytes.size());
    const std::size_t room =
        skipping_ ? kept_of_skipped - std::min(body_.size(), kept_of_skipped) : part;
    const ByteView kept = bytes.first(std::min(part, room));
    body_.insert(body_.end(), kept.begin(), kept.end());
    done_ += static_cast<std::uint32_t>(part);
    bytes = bytes.subspan(part);
    if (done_ < size_) return {};
    AgentFrame frame{type_, SharedBytes(std::move(body_)), skipping_};
    header_.clear();
    body_ = {};
    CASSIA_TRY(sink(std::move(frame)));
    if (generation != generation_) return {};
  }
  return {};
}

}  // namespace cassia::spice
