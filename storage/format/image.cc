// SPDX-License-Identifier: Apache-2.0
#include "storage/format/image.h"

namespace cassia::storage {

Result<CheckReport> Image::check(Repair, Progress&) {
  return fail(ErrorKind::unsupported, "This image format does not support checks");
}

Result<std::unique_ptr<Image>> Image::open_snapshot(const std::string& id_or_name) {
  return fail(ErrorKind::unsupported, "{}: this format has no internal snapshots, so no '{}'",
              name(), id_or_name);
}

Result<Bytes> Image::pack(std::uint64_t, ByteView) {
  return fail(ErrorKind::unsupported, "{}: this format does not compress", name());
}

Result<void> Image::write_packed(std::uint64_t, ByteView, ByteView) {
  return fail(ErrorKind::unsupported, "{}: this format does not compress", name());
}

Result<void> Image::write_compressed(std::uint64_t offset, ByteView content) {
  return write_packed(offset, content, CASSIA_TRY(pack(offset, content)));
}

}  // namespace cassia::storage
