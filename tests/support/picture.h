// SPDX-License-Identifier: Apache-2.0
#pragma once

// Screenshots and their exact comparison.

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cassia::test {

/// Opaque RGB, rows top down, three bytes a pixel, no padding.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;

  bool operator==(const Picture&) const = default;
  const std::uint8_t* pixel(int x, int y) const {
    return rgb.data() + 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                             static_cast<std::size_t>(x));
  }
  /// How many different colours there are; a blank screen has one.
  std::size_t colours() const;
};

/// Reads a PNG (alpha is dropped), a binary PPM, or an `xwd` dump of a TrueColor screen, by
/// content.
Result<Picture> load_picture(const std::filesystem::path& path);
Result<Picture> parse_picture(std::string bytes, std::string_view name);

Result<void> save_png(const Picture& picture, const std::filesystem::path& path);

/// Where `part` stands in `whole`, pixel for pixel: the topmost such place.
std::optional<std::pair<int, int>> find_picture(const Picture& part, const Picture& whole);

/// For EXPECT_TRUE: equal pixel for pixel, or a sentence that says where they first differ. Then
/// both pictures and one of their difference are left in evidence_folder() as NAME-*.png.
::testing::AssertionResult same_picture(const Picture& actual, const Picture& expected,
                                        const std::string& name);

}  // namespace cassia::test
