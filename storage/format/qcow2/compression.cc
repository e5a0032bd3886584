// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/compression.h"

#include <zlib.h>
#include <zstd.h>

#include <memory>

namespace cassia::storage::qcow2 {
namespace {

constexpr int kRawDeflate = -MAX_WBITS;  // QEMU writes a window of 4 KiB and reads any

Result<void> inflate_cluster(ByteView from, MutableByteView into) {
  z_stream stream{};
  stream.next_in = const_cast<Bytef*>(from.data());
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = into.data();
  stream.avail_out = static_cast<uInt>(into.size());
  if (inflateInit2(&stream, kRawDeflate) != Z_OK) return fail(ErrorKind::internal, "zlib failed");
  const int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  // Z_BUF_ERROR: the cluster is full, though more might follow.
  if ((status == Z_STREAM_END || status == Z_BUF_ERROR) && stream.avail_out == 0) return {};
  return fail(ErrorKind::malformed, "a compressed cluster is damaged");
}

Result<void> unzstd_cluster(ByteView from, MutableByteView into) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  ZSTD_inBuffer in{from.data(), from.size(), 0};
  ZSTD_outBuffer out{into.data(), into.size(), 0};
  while (out.pos < out.size) {
    const std::size_t in_before = in.pos;
    const std::size_t out_before = out.pos;
    const std::size_t status = ZSTD_decompressStream(context.get(), &out, &in);
    const bool stuck = in.pos == in_before && out.pos == out_before;
    if (ZSTD_isError(status) != 0 || stuck) {
      return fail(ErrorKind::malformed, "a compressed cluster is damaged");
    }
  }
  return {};
}

Result<Bytes> deflate_cluster(ByteView from) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawDeflate, 9,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return fail(ErrorKind::internal, "zlib failed");
  }
  Bytes out(from.size() - 1);
  stream.next_in = const_cast<Bytef*>(from.data());
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return Bytes{};
  out.resize(stream.total_out);
  return out;
}

Result<Bytes> zstd_cluster(ByteView from) {
  Bytes out(from.size() - 1);
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), from.data(), from.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size) != 0) return Bytes{};
  out.resize(size);
  return out;
}

}  // namespace

Result<void> decompress(Compression type, ByteView from, MutableByteView into) {
  return type == Compression::zstd ? unzstd_cluster(from, into) : inflate_cluster(from, into);
}

Result<Bytes> compress(Compression type, ByteView from) {
  return type == Compression::zstd ? zstd_cluster(from) : deflate_cluster(from);
}

}  // namespace cassia::storage::qcow2
