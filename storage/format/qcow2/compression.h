// SPDX-License-Identifier: Apache-2.0
#pragma once

// Clusters compressed with deflate (no zlib header) or zstd. Pure functions, any thread.

#include "base/result.h"
#include "storage/format/qcow2/layout.h"

namespace cassia::storage::qcow2 {

/// Fills all of `into` from the compressed bytes; what follows them in `from` is ignored.
Result<void> decompress(Compression type, ByteView from, MutableByteView into);
/// The compressed form, or empty if it is not smaller than `from`.
Result<Bytes> compress(Compression type, ByteView from);

}  // namespace cassia::storage::qcow2
