// SPDX-License-Identifier: Apache-2.0
#pragma once

// SPICE states a raster operation as a descriptor: one operator and which of its inputs and whether
// its result are inverted (enum SpiceRopd). Here it becomes one of the sixteen binary operations.

#include <cstdint>

#include "render/raster/draw_op.h"

namespace cassia::channels {

/// What a descriptor's inputs are in a given draw: fill combines brush and destination, copy source
/// and destination, opaque brush and source.
enum class RopInput : std::uint8_t { source, brush, destination };

raster::Rop rop_from_descriptor(std::uint16_t descriptor, RopInput first, RopInput second);

/// The descriptor that gives `rop`. There is none for noop: such draws are not sent.
std::uint16_t descriptor_from_rop(raster::Rop rop, RopInput first, RopInput second);

}  // namespace cassia::channels
