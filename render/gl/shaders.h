// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cassia::raster::gl {

/// Rectangles in pixels of the target, whose row 0 is the top one.
extern const char* const draw_vertex_shader;
/// The first line, and the functions, that the two fragment shaders below need before them.
extern const char* const shader_version;
extern const char* const pixel_functions;

/// Every primitive of the canvas; `operation` picks one (see GlCanvas).
extern const char* const draw_fragment_shader;

/// Composites by an operator of Porter and Duff; with draw_vertex_shader.
extern const char* const composite_fragment_shader;

/// Planes of video to xrgb32 pixels; with draw_vertex_shader.
extern const char* const video_fragment_shader;

/// A surface on the window: unpacks its format, filters if it is scaled.
extern const char* const present_vertex_shader;
extern const char* const present_fragment_shader;

}  // namespace cassia::raster::gl
