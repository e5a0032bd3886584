// SPDX-License-Identifier: Apache-2.0
#pragma once

// The body of for_each_image(); included by draw_op.h.

#include <type_traits>

#include "render/raster/draw_op.h"

namespace cassia::raster {
namespace detail {

template <class BrushType, class Visitor>
void visit_brush(BrushType& brush, Visitor& visit) {
  if (auto* pattern = std::get_if<Pattern>(&brush)) visit(pattern->image);
}

}  // namespace detail

template <class Op, class Visitor>
void for_each_image(Op& operation, Visitor&& visit) {
  std::visit(
      [&](auto& op) {
        if constexpr (requires { op.src.source; }) visit(op.src);
        if constexpr (requires { op.mask.image; }) visit(op.mask.image);
        if constexpr (requires { op.mask.source; }) visit(op.mask);
        if constexpr (requires { op.brush; }) detail::visit_brush(op.brush, visit);
        if constexpr (requires { op.fore_brush; }) {
          detail::visit_brush(op.fore_brush, visit);
          detail::visit_brush(op.back_brush, visit);
        }
      },
      operation);
}

}  // namespace cassia::raster
