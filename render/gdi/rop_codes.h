// SPDX-License-Identifier: Apache-2.0
#pragma once

// GDI's raster operation codes. GDI of Windows NT and after reads bits 16 to 23 alone: the truth
// table of pattern, source and destination, whose bit P * 4 + S * 2 + D is the result. It is the
// byte that rop3 brings on the wire. Source: "Ternary Raster Operations" of the Windows SDK.

#include <windows.h>

#include "render/raster/draw_op.h"

namespace cassia::raster::gdi {

constexpr DWORD ternary_code(std::uint8_t table) { return DWORD{table} << 16; }

/// Of source and destination: the same whatever the pattern is.
constexpr DWORD source_code(Rop rop) {
  return ternary_code(static_cast<std::uint8_t>(static_cast<unsigned>(rop) * 0x11));
}

/// Of pattern and destination: the same whatever the source is.
constexpr DWORD pattern_code(Rop rop) {
  const unsigned table = static_cast<unsigned>(rop);
  const unsigned low = (table & 3) * 5, high = (table >> 2) * 5;
  return ternary_code(static_cast<std::uint8_t>(high << 4 | low));
}

constexpr DWORD keep_code = ternary_code(0xaa);  ///< D

static_assert(source_code(Rop::copy) == (SRCCOPY & 0xff0000));
static_assert(source_code(Rop::and_inverted) == 0x220000 && source_code(Rop::or_) == 0xee0000);
static_assert(pattern_code(Rop::copy) == (PATCOPY & 0xff0000));
static_assert(pattern_code(Rop::exclusive_or) == (PATINVERT & 0xff0000));
static_assert(pattern_code(Rop::invert) == (DSTINVERT & 0xff0000));

}  // namespace cassia::raster::gdi
