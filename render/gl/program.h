// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <unordered_map>

#include "base/result.h"

namespace cassia::raster::gl {

/// A linked vertex and fragment shader, with its uniforms by name.
class Program {
 public:
  Program() = default;
  Program(Program&& other) noexcept;
  Program& operator=(Program&& other) noexcept;
  ~Program();

  /// `fragment` in pieces, one after the other.
  static Result<Program> create(const char* vertex, std::initializer_list<const char*> fragment);

  /// There is one.
  explicit operator bool() const { return program_ != 0; }

  void use() const;
  /// -1, which GL ignores, if the program does not use it.
  int uniform(const char* name);

 private:
  unsigned program_ = 0;
  std::unordered_map<std::string, int> uniforms_;
};

}  // namespace cassia::raster::gl
