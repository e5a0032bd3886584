// SPDX-License-Identifier: Apache-2.0
#include "render/gl/program.h"

#include <GL/glew.h>

#include <array>
#include <utility>

namespace cassia::raster::gl {
namespace {

Result<GLuint> compile(GLenum kind, std::initializer_list<const char*> pieces) {
  const GLuint shader = glCreateShader(kind);
  glShaderSource(shader, static_cast<GLsizei>(pieces.size()), std::data(pieces), nullptr);
  glCompileShader(shader);
  GLint ok = GL_FALSE;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
  if (ok == GL_TRUE) return shader;
  std::array<char, 512> text{};
  glGetShaderInfoLog(shader, text.size(), nullptr, text.data());
  glDeleteShader(shader);
  return fail(ErrorKind::unsupported, "OpenGL does not compile a shader: {}", text.data());
}

}  // namespace

Program::Program(Program&& other) noexcept { *this = std::move(other); }

Program& Program::operator=(Program&& other) noexcept {
  std::swap(program_, other.program_);
  std::swap(uniforms_, other.uniforms_);
  return *this;
}

Program::~Program() {
  if (program_ != 0) glDeleteProgram(program_);
}

Result<Program> Program::create(const char* vertex, std::initializer_list<const char*> fragment) {
  Program program;
  const GLuint first = CASSIA_TRY(compile(GL_VERTEX_SHADER, {vertex}));
  auto second = compile(GL_FRAGMENT_SHADER, fragment);
  if (!second) {
    glDeleteShader(first);
    return fail(second.error());
  }
  program.program_ = glCreateProgram();
  glAttachShader(program.program_, first);
  glAttachShader(program.program_, *second);
  glBindAttribLocation(program.program_, 0, "position");
  glLinkProgram(program.program_);
  glDeleteShader(first);
  glDeleteShader(*second);
  GLint ok = GL_FALSE;
  glGetProgramiv(program.program_, GL_LINK_STATUS, &ok);
  if (ok == GL_TRUE) return program;
  std::array<char, 512> text{};
  glGetProgramInfoLog(program.program_, text.size(), nullptr, text.data());
  return fail(ErrorKind::unsupported, "OpenGL does not link a shader: {}", text.data());
}

void Program::use() const { glUseProgram(program_); }

int Program::uniform(const char* name) {
  const auto it = uniforms_.find(name);
  if (it != uniforms_.end()) return it->second;
  const int location = glGetUniformLocation(program_, name);
  uniforms_.emplace(name, location);
  return location;
}

}  // namespace cassia::raster::gl
