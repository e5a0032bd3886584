// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/gateway/stock_differences.h"

namespace cassia::test {

const std::vector<StockDifference>& stock_differences() {
  static const std::vector<StockDifference> all = {
      {"draws-7",
       "text with a pattern brush",
       {"text A1 pattern on none", "text A1 pattern on solid", "text A1 pattern on pattern",
        "text A1 pattern on surface", "text A4 pattern on none", "text A4 pattern on solid",
        "text A4 pattern on pattern", "text A4 pattern on surface"}},
      {"draws-7",
       "A8 glyphs",
       {"text A8 solid on none", "text A8 solid on solid", "text A8 solid on pattern",
        "text A8 solid on surface", "text A8 pattern on none", "text A8 pattern on solid",
        "text A8 pattern on pattern", "text A8 pattern on surface", "text A8 mode or",
        "text A8 mode xor", "text A8 mode invert", "text A8 mode copy inverted",
        "text A8 back mode or", "text A8 back mode xor", "text A8 back mode invert",
        "text A8 back mode copy inverted", "text A8 clipped", "text A8 beyond its box",
        "text A8 of one large glyph"}},
      {"draws-8",
       "dashes of lines to the left, upwards or slanted",
       {"dashes 4 2 around", "dashes 4 2 slanted", "dashes gap 4 2 around",
        "dashes gap 4 2 slanted", "dashes 6 2 1 2 around", "dashes 6 2 1 2 slanted",
        "dashes 1 1 around", "dashes 1 1 slanted"}},
      {"draws-8",
       "dashes that start with a gap, of more than two lengths",
       {"dashes gap 6 2 1 2 across", "dashes gap 6 2 1 2 down", "dashes gap 6 2 1 2 around",
        "dashes gap 6 2 1 2 slanted", "dashes gap 6 2 1 2 diagonal"}},
      {"draws-8",
       "dashes of an odd number of lengths",
       {"dashes 3 across", "dashes 3 down", "dashes 3 around", "dashes 3 slanted",
        "dashes 3 diagonal", "dashes 5 1 3 across", "dashes 5 1 3 down", "dashes 5 1 3 around",
        "dashes 5 1 3 slanted", "dashes 5 1 3 diagonal"}},
      {"draws-9",
       "composite of an image or through a mask that is called opaque",
       {"composite argb image, opaque", "composite mask opaque"}},
      {"draws-9", "a surface once drawn with a transform", {"composite surface after that"}},
      {"draws-11",
       "composite of an image on 16 bits",
       {"composite 12 rgb image", "composite 48 rgb image", "composite masked rgb image",
        "composite 3 argb image", "composite 12 argb image", "composite 48 argb image",
        "composite masked argb image"}},
      {"draws-11",
       "text with a solid brush on `16_565`",
       {"text A1", "text A1 on paper", "text A4", "text A4 on paper"}},
      {"draws-12",
       "composite of an image on 16 bits",
       {"composite 12 rgb image", "composite 48 rgb image", "composite masked rgb image",
        "composite 3 argb image", "composite 12 argb image", "composite 48 argb image",
        "composite masked argb image"}},
  };
  return all;
}

std::set<std::string> stock_differences_of(std::string_view page) {
  std::set<std::string> cells;
  for (const StockDifference& difference : stock_differences()) {
    if (difference.page == page) cells.insert(difference.cells.begin(), difference.cells.end());
  }
  return cells;
}

}  // namespace cassia::test
