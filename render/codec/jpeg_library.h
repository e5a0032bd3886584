// SPDX-License-Identifier: Apache-2.0
#pragma once

// libjpeg's header, which needs size_t and FILE to be declared before it. Internal.

// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
// clang-format on
