// SPDX-License-Identifier: Apache-2.0
#pragma once

// A guest in 512 bytes: boot sectors for the firmware of a PC, which need no operating system.

#include <string_view>

#include "base/bytes.h"

namespace cassia::test {

enum class SerialInput { echo, to_debug_port };

/// A disk image (1 MiB) that, booted, writes `text` on the first serial port and then either echoes
/// what it hears there, or copies it to the debug port 0xe9.
Bytes bootable_image(std::string_view text, SerialInput then);

/// One whose serial port is a webdav port: asks for `path` of the viewer's folder and shows the
/// answer on the debug port.
Bytes asking_image(std::string_view path);

}  // namespace cassia::test
