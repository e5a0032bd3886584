// SPDX-License-Identifier: Apache-2.0
#pragma once

// Moves bytes between a Stream and a sans-I/O Endpoint until one of them ends.

#include "base/clock.h"
#include "base/endpoint.h"
#include "net/stream.h"

namespace cassia::net {

/// Runs until the peer closes, an error occurs, the endpoint is finished, or stream.close() is
/// called; then flushes what the endpoint still holds (at most 2 s), closes the stream, calls
/// endpoint.closed(why) and returns why. Both references must outlive the task.
///
/// Reading stops while endpoint.reading_paused(). Output leaves in one gathered write at a time;
/// endpoint.written() reports it, so the endpoint can bound its backlog.
Task<Error> pump(Stream& stream, Endpoint& endpoint, const Clock& clock);

}  // namespace cassia::net
