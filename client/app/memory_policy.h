// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cassia::client {

/// Makes the C library keep all of this program's memory in one heap of large pages. A picture of a
/// whole screen is 8 MiB: in pages of 4 KiB the kernel takes longer to hand them out, one fault
/// each, than most codecs to fill them (docs/adr/0016-one-heap-of-large-pages.md). For main(),
/// before threads start; does nothing where the C library or the kernel has no such thing.
void use_large_pages();

}  // namespace cassia::client
