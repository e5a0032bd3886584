// SPDX-License-Identifier: Apache-2.0
#include "render/gl/texture.h"

#include <GL/glew.h>

#include <utility>
#include <vector>

#include "render/raster/pixel_ops.h"

namespace cassia::raster::gl {
namespace {

struct Layout {
  GLint internal;
  GLenum type;
  int bytes;
};

Layout layout_of(PixelFormat format) {
  switch (bits_per_pixel(format)) {
    case 1:
    case 8:
      return {GL_R8UI, GL_UNSIGNED_BYTE, 1};
    case 16:
      return {GL_R16UI, GL_UNSIGNED_SHORT, 2};
    default:
      return {GL_R32UI, GL_UNSIGNED_INT, 4};
  }
}

/// Binds a texture to a unit that no shader reads, so that filling it disturbs no draw.
class WorkUnit {
 public:
  explicit WorkUnit(GLuint texture) {
    glActiveTexture(GL_TEXTURE0 + 8);
    glBindTexture(GL_TEXTURE_2D, texture);
  }
  ~WorkUnit() { glActiveTexture(GL_TEXTURE0); }
  WorkUnit(const WorkUnit&) = delete;
  WorkUnit& operator=(const WorkUnit&) = delete;
};

std::vector<std::uint8_t> unpacked_bits(const Bitmap& bitmap, const Rect& area) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(static_cast<std::size_t>(area.width()) * static_cast<std::size_t>(area.height()));
  for (std::int32_t y = area.top; y < area.bottom; ++y) {
    for (std::int32_t x = area.left; x < area.right; ++x) {
      bytes.push_back(static_cast<std::uint8_t>(pixel_at(bitmap, {x, y})));
    }
  }
  return bytes;
}

}  // namespace

Texture::Texture(Texture&& other) noexcept { *this = std::move(other); }

Texture& Texture::operator=(Texture&& other) noexcept {
  std::swap(texture_, other.texture_);
  std::swap(framebuffer_, other.framebuffer_);
  std::swap(size_, other.size_);
  std::swap(format_, other.format_);
  return *this;
}

Texture::~Texture() {
  if (framebuffer_ != 0) glDeleteFramebuffers(1, &framebuffer_);
  if (texture_ != 0) glDeleteTextures(1, &texture_);
}

Result<Texture> Texture::create(Size size, PixelFormat format) {
  Texture texture;
  texture.size_ = size;
  texture.format_ = format;
  const Layout layout = layout_of(format);
  glGetError();
  glGenTextures(1, &texture.texture_);
  const WorkUnit unit(texture.texture_);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
  glTexImage2D(GL_TEXTURE_2D, 0, layout.internal, size.width, size.height, 0, GL_RED_INTEGER,
               layout.type, nullptr);
  glGenFramebuffers(1, &texture.framebuffer_);
  glBindFramebuffer(GL_FRAMEBUFFER, texture.framebuffer_);
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture.texture_, 0);
  const GLenum status = glCheckFramebufferStatus(GL_FRAMEBUFFER);
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  if (glGetError() != GL_NO_ERROR || status != GL_FRAMEBUFFER_COMPLETE) {
    return fail(ErrorKind::no_space, "OpenGL cannot make a picture of {}x{} pixels", size.width,
                size.height);
  }
  return texture;
}

std::size_t Texture::byte_size() const {
  return static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(size_.height) *
         static_cast<std::size_t>(layout_of(format_).bytes);
}

void Texture::clear() {
  constexpr GLuint zero[4] = {0, 0, 0, 0};
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  glDisable(GL_SCISSOR_TEST);
  glClearBufferuiv(GL_COLOR, 0, zero);
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
}

void Texture::upload(const Bitmap& bitmap, const Rect& area, Point at) {
  const Layout layout = layout_of(format_);
  const WorkUnit unit(texture_);
  if (bitmap.format() == PixelFormat::a1) {
    const std::vector<std::uint8_t> bytes = unpacked_bits(bitmap, area);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    glTexSubImage2D(GL_TEXTURE_2D, 0, at.x, at.y, area.width(), area.height(), GL_RED_INTEGER,
                    layout.type, bytes.data());
    return;
  }
  glPixelStorei(GL_UNPACK_ALIGNMENT, layout.bytes);
  glPixelStorei(GL_UNPACK_ROW_LENGTH, bitmap.stride() / layout.bytes);
  const std::uint8_t* first =
      bitmap.row(area.top) + static_cast<std::ptrdiff_t>(area.left) * layout.bytes;
  glTexSubImage2D(GL_TEXTURE_2D, 0, at.x, at.y, area.width(), area.height(), GL_RED_INTEGER,
                  layout.type, first);
  glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
}

Result<Bitmap> Texture::download(const Rect& area) const {
  Bitmap bitmap = CASSIA_TRY(Bitmap::create_cleared(area.size(), format_));
  const Layout layout = layout_of(format_);
  glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer_);
  if (format_ == PixelFormat::a1) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(area.width()) *
                                    static_cast<std::size_t>(area.height()));
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(area.left, area.top, area.width(), area.height(), GL_RED_INTEGER, layout.type,
                 bytes.data());
    std::size_t i = 0;
    for (std::int32_t y = 0; y < area.height(); ++y) {
      for (std::int32_t x = 0; x < area.width(); ++x) set_pixel(bitmap, {x, y}, bytes[i++]);
    }
  } else {
    glPixelStorei(GL_PACK_ALIGNMENT, 4);  // our strides are multiples of 4, like GL's
    glReadPixels(area.left, area.top, area.width(), area.height(), GL_RED_INTEGER, layout.type,
                 bitmap.row(0));
  }
  glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
  return bitmap;
}

void Texture::copy_to(const Texture& target, const Rect& area, Point at) const {
  glDisable(GL_SCISSOR_TEST);
  glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer_);
  glBindFramebuffer(GL_DRAW_FRAMEBUFFER, target.framebuffer_);
  glBlitFramebuffer(area.left, area.top, area.right, area.bottom, at.x, at.y, at.x + area.width(),
                    at.y + area.height(), GL_COLOR_BUFFER_BIT, GL_NEAREST);
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
}

}  // namespace cassia::raster::gl
