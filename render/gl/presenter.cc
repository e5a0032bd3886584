// SPDX-License-Identifier: Apache-2.0
#include "render/gl/presenter.h"

#include <GL/glew.h>

#include <array>

#include "render/gl/shaders.h"

namespace cassia::raster::gl {

Rect letterbox(Size picture, Size window) {
  if (picture.empty() || window.empty()) return {};
  const std::int64_t by_width = std::int64_t{picture.height} * window.width / picture.width;
  Size size{window.width, static_cast<std::int32_t>(by_width)};
  if (by_width > window.height) {
    size = {static_cast<std::int32_t>(std::int64_t{picture.width} * window.height / picture.height),
            window.height};
  }
  return Rect::of({(window.width - size.width) / 2, (window.height - size.height) / 2}, size);
}

Result<std::unique_ptr<Presenter>> Presenter::create() {
  Program program = CASSIA_TRY(Program::create(present_vertex_shader, {present_fragment_shader}));
  std::unique_ptr<Presenter> presenter(new Presenter(std::move(program)));
  constexpr std::array<float, 8> corners = {0, 0, 1, 0, 0, 1, 1, 1};
  glGenVertexArrays(1, &presenter->vertex_array_);
  glGenBuffers(1, &presenter->vertex_buffer_);
  glBindVertexArray(presenter->vertex_array_);
  glBindBuffer(GL_ARRAY_BUFFER, presenter->vertex_buffer_);
  glBufferData(GL_ARRAY_BUFFER, sizeof(corners), corners.data(), GL_STATIC_DRAW);
  glEnableVertexAttribArray(0);
  glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, nullptr);
  glBindVertexArray(0);
  return presenter;
}

Presenter::~Presenter() {
  if (vertex_buffer_ != 0) glDeleteBuffers(1, &vertex_buffer_);
  if (vertex_array_ != 0) glDeleteVertexArrays(1, &vertex_array_);
}

void Presenter::clear(Size window) {
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  glViewport(0, 0, window.width, window.height);
  glDisable(GL_SCISSOR_TEST);
  glClearColor(0, 0, 0, 1);
  glClear(GL_COLOR_BUFFER_BIT);
}

Result<void> Presenter::present(const GlCanvas& canvas, SurfaceId surface, const Rect& where,
                                Size window) {
  const Texture* texture = canvas.texture_of(surface);
  if (texture == nullptr) return fail(ErrorKind::not_found, "surface {} does not exist", surface);
  if (where.empty()) return {};
  program_.use();
  glActiveTexture(GL_TEXTURE0);
  glBindTexture(GL_TEXTURE_2D, texture->id());
  glUniform1i(program_.uniform("source_pixels"), 0);
  glUniform1i(program_.uniform("source_format"), static_cast<int>(texture->format()));
  glUniform1i(program_.uniform("filtered"), where.size() != texture->size());
  glUniform2f(program_.uniform("source_size"), static_cast<float>(texture->size().width),
              static_cast<float>(texture->size().height));
  glDisable(GL_SCISSOR_TEST);
  glDisable(GL_BLEND);
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_CULL_FACE);
  glViewport(where.left, window.height - where.bottom, where.width(), where.height());
  glBindVertexArray(vertex_array_);
  glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
  glBindVertexArray(0);
  return {};
}

}  // namespace cassia::raster::gl
