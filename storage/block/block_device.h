// SPDX-License-Identifier: Apache-2.0
#pragma once

// BlockDevice: a run of bytes that can be read and written at any offset. A file, a block device, a
// piece of memory, an opened disk image and (later) an NBD export all are one, so every operation
// on disks is written once against this interface.
//
// Units are bytes everywhere; no alignment is asked of the caller. Calls are positional and
// synchronous, and any number of threads may call at once. Overlapping writes may land in either
// order, as on a disk. What a write() stored is durable only after a later flush() returned.
//
// Growing to asynchronous I/O without touching the formats: an AsyncDevice with
// `submit(Request, completion)` will be a second interface, implemented natively by the io_uring
// file device and by an adapter that runs these synchronous calls on a thread pool. A format keeps
// its synchronous code, because it is re-entrant: the adapter calls it from several workers, and a
// request that needs no metadata change (the common case) runs in parallel with others. So the
// queue depth lives beside the format, never inside it.
//
// A device may wrap another (throttling, fault injection, a log): every call is virtual and none
// hands out a descriptor, so a wrapper sees all traffic.

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::storage {

/// What one stretch of a device holds.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool data = true;         ///< reading it means reading stored bytes
  bool zero = false;        ///< it reads as zeroes, and that is known without reading
  bool allocated = true;    ///< some layer of the image says what is here
  bool compressed = false;  ///< stored compressed
  int depth = 0;            ///< which layer says so: 0 this image, 1 its backing image, ...
  /// Where the bytes lie, contiguous and plain, in the file of that layer.
  std::optional<std::uint64_t> host_offset;

  std::uint64_t end() const { return offset + length; }
};

/// How write_zeroes() may do its work.
enum class ZeroMode {
  unmap,  ///< storage may be given back
  keep,   ///< storage that is allocated stays allocated
};

class BlockDevice {
 public:
  virtual ~BlockDevice() = default;

  /// Names the device in messages: a path, usually.
  virtual const std::string& name() const = 0;
  virtual std::uint64_t size() const = 0;
  virtual bool writable() const = 0;
  /// True if write() past size() extends the device (a regular file does).
  virtual bool growable() const { return false; }

  /// Fills `into` from `offset`; the range must lie inside size() (else invalid_argument).
  virtual Result<void> read(std::uint64_t offset, MutableByteView into) = 0;
  /// Stores `from` at `offset`; inside size(), or anywhere if growable().
  virtual Result<void> write(std::uint64_t offset, ByteView from) = 0;
  /// Makes the range read as zeroes.
  virtual Result<void> write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) = 0;
  /// Says that the content of the range is of no use any more; what it reads as afterwards is the
  /// device's choice (old bytes or zeroes). Never an error just because the device cannot discard.
  virtual Result<void> discard(std::uint64_t offset, std::uint64_t length) = 0;
  /// Everything written before is on stable storage when this returns.
  virtual Result<void> flush() = 0;

  /// The extent that holds `offset` (< size()), cut to at most `max_length` bytes (> 0); its offset
  /// is `offset` and its length is at least 1. Neighbouring extents may have the same properties.
  virtual Result<Extent> extent(std::uint64_t offset, std::uint64_t max_length);

  /// Changes size(). Added space reads as zeroes. Devices that cannot say so with unsupported.
  virtual Result<void> resize(std::uint64_t new_size);

 protected:
  /// The check every implementation makes first.
  Result<void> check_range(std::uint64_t offset, std::uint64_t length) const;
};

/// Like read(), but bytes past the end of the device come as zeroes.
Result<void> read_padded(BlockDevice& device, std::uint64_t offset, MutableByteView into);

/// True if all of `bytes` are zero.
bool all_zero(ByteView bytes);

}  // namespace cassia::storage
