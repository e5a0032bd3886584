// SPDX-License-Identifier: Apache-2.0
#include "tests/support/picture.h"

#include <png.h>

#include <cctype>
#include <cstring>
#include <set>

#include "base/file.h"
#include "tests/support/paths.h"

namespace cassia::test {
namespace {

constexpr int largest_side = 16384;

Result<Picture> blank(std::uint64_t width, std::uint64_t height, std::string_view name) {
  if (width == 0 || height == 0 || width > largest_side || height > largest_side) {
    return fail(ErrorKind::malformed, "{}: a picture of {}x{}", name, width, height);
  }
  Picture picture{static_cast<int>(width), static_cast<int>(height), {}};
  picture.rgb.resize(3 * width * height);
  return picture;
}

Result<Picture> parse_png(const std::string& bytes, std::string_view name) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) {
    return fail(ErrorKind::malformed, "{}: {}", name, image.message);
  }
  image.format = PNG_FORMAT_RGBA;
  std::vector<std::uint8_t> rgba(PNG_IMAGE_SIZE(image));
  if (!png_image_finish_read(&image, nullptr, rgba.data(), 0, nullptr)) {
    return fail(ErrorKind::malformed, "{}: {}", name, image.message);
  }
  Picture picture = CASSIA_TRY(blank(image.width, image.height, name));
  for (std::size_t i = 0; i < picture.rgb.size() / 3; ++i) {
    std::memcpy(&picture.rgb[3 * i], &rgba[4 * i], 3);
  }
  return picture;
}

/// The next number of a PPM header, or -1.
int header_number(const std::string& bytes, std::size_t& at) {
  while (at < bytes.size() &&
         (std::isspace(static_cast<unsigned char>(bytes[at])) || bytes[at] == '#')) {
    if (bytes[at] == '#') at = bytes.find('\n', at);
    if (at == std::string::npos) return -1;
    ++at;
  }
  int number = -1;
  for (; at < bytes.size() && std::isdigit(static_cast<unsigned char>(bytes[at])); ++at) {
    number = std::max(number, 0) * 10 + (bytes[at] - '0');
    if (number > 1 << 20) return -1;
  }
  return number;
}

Result<Picture> parse_ppm(const std::string& bytes, std::string_view name) {
  std::size_t at = 2;
  const int width = header_number(bytes, at);
  const int height = header_number(bytes, at);
  const int most = header_number(bytes, at);
  if (width < 0 || height < 0 || most != 255) {
    return fail(ErrorKind::malformed, "{}: not an 8-bit PPM", name);
  }
  Picture picture = CASSIA_TRY(
      blank(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), name));
  ++at;  // the one white space after the header
  if (bytes.size() - at < picture.rgb.size()) {
    return fail(ErrorKind::malformed, "{}: cut short", name);
  }
  std::memcpy(picture.rgb.data(), bytes.data() + at, picture.rgb.size());
  return picture;
}

/// XWD version 7 (X11/XWDFile.h): a header of big-endian words, the window's name, colours, pixels.
Result<Picture> parse_xwd(const std::string& bytes, std::string_view name) {
  auto word = [&](std::size_t index) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      value = value << 8 | static_cast<std::uint8_t>(bytes[4 * index + i]);
    }
    return value;
  };
  const std::uint32_t header = word(0), width = word(4), height = word(5), little = word(7) == 0,
                      bits = word(11), stride = word(12), colours = word(19);
  // 24 bits: what xwd makes of a screen with windows of several visuals.
  if ((bits != 32 && bits != 24) || word(14) != 0xff0000 || word(15) != 0xff00 ||
      word(16) != 0xff) {
    return fail(ErrorKind::unsupported, "{}: only 24-bit TrueColor dumps", name);
  }
  Picture picture = CASSIA_TRY(blank(width, height, name));
  const std::uint64_t start = header + std::uint64_t{colours} * 12;
  const std::uint32_t size = bits / 8;
  if (stride < width * size || start + std::uint64_t{stride} * height > bytes.size()) {
    return fail(ErrorKind::malformed, "{}: cut short", name);
  }
  std::uint8_t* out = picture.rgb.data();
  for (std::uint32_t y = 0; y < height; ++y) {
    const char* row = bytes.data() + start + std::uint64_t{y} * stride;
    for (std::uint32_t x = 0; x < width; ++x, row += size) {
      for (int channel = 0; channel < 3; ++channel) {
        *out++ = static_cast<std::uint8_t>(
            row[little ? 2 - channel : static_cast<int>(size) - 3 + channel]);
      }
    }
  }
  return picture;
}

struct Difference {
  std::size_t count = 0;
  int x = 0, y = 0;  ///< the first one
  Picture shown;     ///< white where they differ
};

Difference difference(const Picture& a, const Picture& b) {
  Difference result;
  result.shown = Picture{a.width, a.height, std::vector<std::uint8_t>(a.rgb.size())};
  for (std::size_t i = 0; i < a.rgb.size(); i += 3) {
    if (std::memcmp(&a.rgb[i], &b.rgb[i], 3) == 0) continue;
    std::memset(&result.shown.rgb[i], 255, 3);
    if (result.count++ == 0) {
      result.x = static_cast<int>(i / 3) % a.width;
      result.y = static_cast<int>(i / 3) / a.width;
    }
  }
  return result;
}

std::string describe(const std::uint8_t* pixel) {
  return fmt::format("#{:02x}{:02x}{:02x}", pixel[0], pixel[1], pixel[2]);
}

}  // namespace

std::size_t Picture::colours() const {
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    seen.insert(static_cast<std::uint32_t>(rgb[i]) << 16 | rgb[i + 1] << 8 | rgb[i + 2]);
  }
  return seen.size();
}

Result<Picture> parse_picture(std::string bytes, std::string_view name) {
  if (bytes.starts_with("\x89PNG")) return parse_png(bytes, name);
  if (bytes.starts_with("P6")) return parse_ppm(bytes, name);
  if (bytes.size() > 100 && bytes.substr(4, 4) == std::string("\0\0\0\7", 4)) {
    return parse_xwd(bytes, name);
  }
  return fail(ErrorKind::unsupported, "{}: neither PNG nor PPM nor XWD", name);
}

Result<Picture> load_picture(const std::filesystem::path& path) {
  const Bytes bytes = CASSIA_TRY(read_file(path, 256u << 20));
  return parse_picture(std::string(bytes.begin(), bytes.end()), path.string());
}

Result<void> save_png(const Picture& picture, const std::filesystem::path& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_RGB;
  if (!png_image_write_to_file(&image, path.c_str(), 0, picture.rgb.data(), 0, nullptr)) {
    return fail(ErrorKind::io, "{}: {}", path.string(), image.message);
  }
  return {};
}

std::optional<std::pair<int, int>> find_picture(const Picture& part, const Picture& whole) {
  const std::size_t row = 3 * static_cast<std::size_t>(part.width);
  auto matches = [&](int x, int y) {
    for (int line = 0; line < part.height; ++line) {
      if (std::memcmp(whole.pixel(x, y + line), part.pixel(0, line), row) != 0) return false;
    }
    return true;
  };
  for (int y = 0; y + part.height <= whole.height; ++y) {
    for (int x = 0; x + part.width <= whole.width; ++x) {
      if (matches(x, y)) return std::pair{x, y};
    }
  }
  return std::nullopt;
}

::testing::AssertionResult same_picture(const Picture& actual, const Picture& expected,
                                        const std::string& name) {
  if (actual == expected) return ::testing::AssertionSuccess();
  const auto base = (evidence_folder() / name).string();
  (void)save_png(actual, base + "-actual.png");
  (void)save_png(expected, base + "-expected.png");
  auto failure = ::testing::AssertionFailure() << name << ": ";
  if (actual.width != expected.width || actual.height != expected.height) {
    failure << "is " << actual.width << "x" << actual.height << ", should be " << expected.width
            << "x" << expected.height;
  } else {
    const Difference differs = difference(actual, expected);
    (void)save_png(differs.shown, base + "-difference.png");
    failure << differs.count << " of " << actual.rgb.size() / 3 << " pixels differ, first at "
            << differs.x << "," << differs.y << ": is "
            << describe(actual.pixel(differs.x, differs.y)) << ", should be "
            << describe(expected.pixel(differs.x, differs.y));
  }
  return failure << "; see " << base << "-*.png";
}

}  // namespace cassia::test
