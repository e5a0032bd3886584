// SPDX-License-Identifier: Apache-2.0
#include "channels/display/message_names.h"

#include <spice/enums.h>

namespace cassia::channels {

const char* draw_message_name(std::uint16_t type) {
  switch (type) {
    case SPICE_MSG_DISPLAY_COPY_BITS:
      return "copy_bits";
    case SPICE_MSG_DISPLAY_DRAW_FILL:
      return "draw_fill";
    case SPICE_MSG_DISPLAY_DRAW_OPAQUE:
      return "draw_opaque";
    case SPICE_MSG_DISPLAY_DRAW_COPY:
      return "draw_copy";
    case SPICE_MSG_DISPLAY_DRAW_BLEND:
      return "draw_blend";
    case SPICE_MSG_DISPLAY_DRAW_BLACKNESS:
      return "draw_blackness";
    case SPICE_MSG_DISPLAY_DRAW_WHITENESS:
      return "draw_whiteness";
    case SPICE_MSG_DISPLAY_DRAW_INVERS:
      return "draw_invers";
    case SPICE_MSG_DISPLAY_DRAW_ROP3:
      return "draw_rop3";
    case SPICE_MSG_DISPLAY_DRAW_STROKE:
      return "draw_stroke";
    case SPICE_MSG_DISPLAY_DRAW_TEXT:
      return "draw_text";
    case SPICE_MSG_DISPLAY_DRAW_TRANSPARENT:
      return "draw_transparent";
    case SPICE_MSG_DISPLAY_DRAW_ALPHA_BLEND:
      return "draw_alpha_blend";
    case SPICE_MSG_DISPLAY_DRAW_COMPOSITE:
      return "draw_composite";
    default:
      return nullptr;
  }
}

const char* display_message_name(std::uint16_t type) {
  if (const char* draw = draw_message_name(type)) return draw;
  switch (type) {
    case SPICE_MSG_DISPLAY_MODE:
      return "mode";
    case SPICE_MSG_DISPLAY_MARK:
      return "mark";
    case SPICE_MSG_DISPLAY_RESET:
      return "reset";
    case SPICE_MSG_DISPLAY_INVAL_LIST:
      return "inval_list";
    case SPICE_MSG_DISPLAY_INVAL_ALL_PIXMAPS:
      return "inval_all_pixmaps";
    case SPICE_MSG_DISPLAY_INVAL_PALETTE:
      return "inval_palette";
    case SPICE_MSG_DISPLAY_INVAL_ALL_PALETTES:
      return "inval_all_palettes";
    case SPICE_MSG_DISPLAY_STREAM_CREATE:
      return "stream_create";
    case SPICE_MSG_DISPLAY_STREAM_DATA:
      return "stream_data";
    case SPICE_MSG_DISPLAY_STREAM_CLIP:
      return "stream_clip";
    case SPICE_MSG_DISPLAY_STREAM_DESTROY:
      return "stream_destroy";
    case SPICE_MSG_DISPLAY_STREAM_DESTROY_ALL:
      return "stream_destroy_all";
    case SPICE_MSG_DISPLAY_SURFACE_CREATE:
      return "surface_create";
    case SPICE_MSG_DISPLAY_SURFACE_DESTROY:
      return "surface_destroy";
    case SPICE_MSG_DISPLAY_STREAM_DATA_SIZED:
      return "stream_data_sized";
    case SPICE_MSG_DISPLAY_MONITORS_CONFIG:
      return "monitors_config";
    case SPICE_MSG_DISPLAY_STREAM_ACTIVATE_REPORT:
      return "stream_activate_report";
    case SPICE_MSG_DISPLAY_GL_SCANOUT_UNIX:
      return "gl_scanout_unix";
    case SPICE_MSG_DISPLAY_GL_DRAW:
      return "gl_draw";
    default:
      return "message";
  }
}

}  // namespace cassia::channels
