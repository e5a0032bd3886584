# SPDX-License-Identifier: Apache-2.0
# What is built for Windows: the rooms that a picture goes through, from a recording's bytes to a
# window, and their tests. See docs/adr/0017-windows-is-cross-built.md.

include(windows/Libraries)

# std::filesystem's and fmt's users want gmtime_r(); windows.h is to keep its macros to itself.
add_compile_definitions(_POSIX_THREAD_SAFE_FUNCTIONS NOMINMAX WIN32_LEAN_AND_MEAN)

add_subdirectory(base)
add_subdirectory(protocol/wire)
add_subdirectory(protocol/spice)
add_subdirectory(protocol/json)
add_subdirectory(protocol/recording)
add_subdirectory(render/raster)
add_subdirectory(render/codec)
add_subdirectory(render/gdi)
# The display channel takes the link's interface only, and a recording has no link (nor OpenSSL).
add_library(cassia_link INTERFACE)
add_subdirectory(channels/display)
add_subdirectory(client/session)

if(BUILD_TESTING)
  add_subdirectory(tests/replay)
  add_subdirectory(tests/conformance/canvas)
endif()
