// SPDX-License-Identifier: Apache-2.0
#pragma once

// The compressed form of a byte stream's data: SPICE_MSG_SPICEVMC_COMPRESSED_DATA and
// SPICE_MSGC_SPICEVMC_COMPRESSED_DATA (port, usbredir and webdav channels). Plain data has no
// layout: the whole body is data. Source: spice/enums.h (SpiceDataCompressionType) and the protocol
// description of spice-common.

#include <cstdint>

#include "protocol/wire/fields.h"

namespace cassia::spice {

enum class DataCompression : std::uint8_t { none, lz4 };  // SPICE_DATA_COMPRESSION_TYPE_*

struct CompressedData {
  static constexpr const char* name = "compressed data";
  DataCompression type = DataCompression::none;
  std::uint32_t uncompressed_size = 0;  ///< absent on the wire when nothing is compressed
  wire::Blob data;
  template <class Io, class Self>
  static void fields(Io& io, Self& m) {
    io(m.type);
    if (m.type != DataCompression::none) io(m.uncompressed_size);
    io.rest(m.data);
  }
};

}  // namespace cassia::spice
