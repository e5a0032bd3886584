// SPDX-License-Identifier: Apache-2.0
// Persistent bitmaps in the life of an image: when they are loaded, stored, moved.

#include "storage/format/qcow2/image.h"

namespace cassia::storage::qcow2 {

/// A damaged directory is no reason not to read the disk, but one not to write to it.
Result<void> Qcow2Image::load_bitmaps(const DriverOpenOptions& options) {
  auto found = read_bitmap_directory(*file_, header_);
  if (found) {
    bitmap_list_ = std::move(*found);
  } else if (options.writable && !options.for_check) {
    return fail(
        found.error().kind(),
        "{}; it can be read, but not written without losing track of changes: convert it to "
        "a new image, which leaves the bitmaps behind",
        found.error().message());
  }
  return {};
}

/// Brings the bitmaps' bits and tables to the file; they stay marked as in use.
Result<void> Qcow2Image::store_bitmaps() {
  if (bitmaps_->empty()) return {};
  CASSIA_TRY(bitmaps_->write_pages());
  CASSIA_TRY(commit());  // counts new clusters before a table leads there
  CASSIA_TRY(sync());
  return bitmaps_->write_tables();
}

Result<void> Qcow2Image::finish_bitmaps() {
  if (bitmaps_->empty()) return {};
  CASSIA_TRY(store_bitmaps());
  CASSIA_TRY(bitmaps_->finish([this] { return file_->flush(); }));
  for (BitmapEntry& entry : bitmap_list_) {
    for (const BitmapEntry& now : bitmaps_->directory()) {
      if (now.name == entry.name) entry.flags = now.flags;
    }
  }
  return {};
}

/// Gives every bitmap the length for a disk of `new_size`. The old tables are given back only when
/// the header no longer leads to them.
Result<void> Qcow2Image::resize_bitmaps(std::uint64_t new_size) {
  if (bitmaps_->empty() || new_size == size()) return {};
  CASSIA_TRY(bitmaps_->resize(new_size));
  CASSIA_TRY(bitmaps_->write_directory());
  CASSIA_TRY(store_bitmaps());
  CASSIA_TRY(sync());
  CASSIA_TRY(patch_bitmap_directory(*file_, header_));
  CASSIA_TRY(sync());
  bitmaps_->release_old();
  return {};
}

Result<void> Qcow2Image::relieve_bitmaps() {
  if (!bitmaps_->wants_write()) return {};
  std::unique_lock lock(mutex_);
  return bitmaps_->write_pages();
}

}  // namespace cassia::storage::qcow2
