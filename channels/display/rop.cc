// SPDX-License-Identifier: Apache-2.0
#include "channels/display/rop.h"

#include <spice/enums.h>

namespace cassia::channels {
namespace {

// Truth tables of the two inputs, bit (S << 1 | D) for each pair: see raster::Rop.
constexpr unsigned s_table = 0b1100;
constexpr unsigned d_table = 0b1010;
constexpr unsigned all = 0b1111;

std::uint16_t inversion_of(RopInput input) {
  switch (input) {
    case RopInput::source:
      return SPICE_ROPD_INVERS_SRC;
    case RopInput::brush:
      return SPICE_ROPD_INVERS_BRUSH;
    default:
      return SPICE_ROPD_INVERS_DEST;
  }
}

}  // namespace

raster::Rop rop_from_descriptor(std::uint16_t descriptor, RopInput first, RopInput second) {
  const auto has = [&](unsigned bit) { return (descriptor & bit) != 0; };
  const unsigned s = has(inversion_of(first)) ? all & ~s_table : s_table;
  const unsigned d = has(inversion_of(second)) ? all & ~d_table : d_table;
  unsigned result = s_table;  // no operator at all counts as a copy
  if (has(SPICE_ROPD_OP_PUT)) {
    result = s;
  } else if (has(SPICE_ROPD_OP_OR)) {
    result = s | d;
  } else if (has(SPICE_ROPD_OP_AND)) {
    result = s & d;
  } else if (has(SPICE_ROPD_OP_XOR)) {
    result = s ^ d;
  } else {
    // These three know no inversions.
    if (has(SPICE_ROPD_OP_BLACKNESS)) return raster::Rop::clear;
    if (has(SPICE_ROPD_OP_WHITENESS)) return raster::Rop::set;
    if (has(SPICE_ROPD_OP_INVERS)) return raster::Rop::invert;
    return raster::Rop::copy;
  }
  if (has(SPICE_ROPD_INVERS_RES)) result = all & ~result;
  return static_cast<raster::Rop>(result);
}

std::uint16_t descriptor_from_rop(raster::Rop rop, RopInput first, RopInput second) {
  using raster::Rop;
  const unsigned s = inversion_of(first);
  const unsigned d = inversion_of(second);
  unsigned descriptor = SPICE_ROPD_OP_PUT;
  switch (rop) {
    case Rop::clear:
      descriptor = SPICE_ROPD_OP_BLACKNESS;
      break;
    case Rop::set:
      descriptor = SPICE_ROPD_OP_WHITENESS;
      break;
    case Rop::invert:
      descriptor = SPICE_ROPD_OP_INVERS;
      break;
    case Rop::copy:
    case Rop::noop:
      break;
    case Rop::copy_inverted:
      descriptor = SPICE_ROPD_OP_PUT | s;
      break;
    case Rop::or_:
      descriptor = SPICE_ROPD_OP_OR;
      break;
    case Rop::or_inverted:
      descriptor = SPICE_ROPD_OP_OR | s;
      break;
    case Rop::or_reverse:
      descriptor = SPICE_ROPD_OP_OR | d;
      break;
    case Rop::nand:
      descriptor = SPICE_ROPD_OP_OR | s | d;
      break;
    case Rop::and_:
      descriptor = SPICE_ROPD_OP_AND;
      break;
    case Rop::and_inverted:
      descriptor = SPICE_ROPD_OP_AND | s;
      break;
    case Rop::and_reverse:
      descriptor = SPICE_ROPD_OP_AND | d;
      break;
    case Rop::nor:
      descriptor = SPICE_ROPD_OP_AND | s | d;
      break;
    case Rop::exclusive_or:
      descriptor = SPICE_ROPD_OP_XOR;
      break;
    case Rop::equiv:
      descriptor = SPICE_ROPD_OP_XOR | s;
      break;
  }
  return static_cast<std::uint16_t>(descriptor);
}

}  // namespace cassia::channels
