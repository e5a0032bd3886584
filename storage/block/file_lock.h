// SPDX-License-Identifier: Apache-2.0
#pragma once

// Image locks that QEMU, qemu-img and qemu-nbd understand (and take): open-file-description locks
// on single bytes of the image file. Byte 100+n locked means "I use permission n"; byte 200+n
// locked means "I do not want others to use permission n". All are shared (read) locks, so that
// they also work on a descriptor opened for reading; a conflict is found by asking for an exclusive
// one. (QEMU, block/file-posix.c, raw_apply_lock_bytes and raw_check_lock_bytes; permission numbers
// from include/block/block-common.h.)

#include <string>

#include "base/result.h"

namespace cassia::storage {

enum class LockMode {
  none,         ///< no lock at all: reading an image that somebody else may be writing (-U)
  shared_read,  ///< reading; others may write (what a raw reader takes)
  stable_read,  ///< reading; nobody may write meanwhile (what reading metadata needs)
  write,        ///< writing and resizing; others may only read in ways that tolerate it
};

/// Replaces whatever lock `fd` holds by that of `mode`; on conflict fails with ErrorKind::busy,
/// names the holder where /proc tells, and leaves `fd` without locks. `name` is for the message.
/// Locks go away when the last descriptor of this open file is closed.
Result<void> lock_file(int fd, LockMode mode, const std::string& name);

}  // namespace cassia::storage
