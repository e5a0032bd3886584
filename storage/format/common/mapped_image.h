// SPDX-License-Identifier: Apache-2.0
#pragma once

// MappedImage: what formats have in common that map runs of the disk to places in files and have
// neither snapshots nor reference counts (vdi, vpc, ...). A format says where things are (map())
// and makes room for what has none yet (write_fresh()); this class does the rest.
//
// Locking: reads, and writes to places that exist, hold mutex_ shared; everything that changes
// metadata holds it exclusively.

#include <shared_mutex>

#include "storage/format/driver.h"

namespace cassia::storage {

class MappedImage : public Image {
 public:
  const std::string& name() const override { return file_->name(); }
  std::uint64_t size() const override { return size_; }
  bool writable() const override { return writable_; }
  Result<void> read(std::uint64_t offset, MutableByteView into) override;
  Result<void> write(std::uint64_t offset, ByteView from) override;
  Result<void> write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode mode) override;
  Result<void> discard(std::uint64_t offset, std::uint64_t length) override;
  Result<void> flush() override;
  Result<Extent> extent(std::uint64_t offset, std::uint64_t max_length) override;
  Image* backing() const override { return backing_.get(); }

 protected:
  enum class RunKind {
    absent,  ///< the image below shows, or zeroes
    zero,    ///< zeroes, whatever is below
    data,    ///< plain bytes in `file`
    packed,  ///< compressed; see read_packed()
  };
  /// How the disk goes on from some offset.
  struct Run {
    RunKind kind = RunKind::absent;
    std::uint64_t length = 0;     ///< bytes
    BlockDevice* file = nullptr;  ///< where data lies; outlives the image
    std::uint64_t host = 0;       ///< offset there, or what read_packed() wants
  };

  MappedImage(std::shared_ptr<BlockDevice> file, const DriverOpenOptions& options)
      : file_(std::move(file)), writable_(options.writable), relaxed_sync_(options.relaxed_sync) {}

  /// The run at `offset` (inside the disk), at most `max_length` bytes and at least 1. Lock held.
  virtual Result<Run> map(std::uint64_t offset, std::uint64_t max_length) = 0;
  /// Reads from a packed run that map() gave for `offset`. Lock held.
  virtual Result<void> read_packed(const Run& run, std::uint64_t offset, MutableByteView into);
  /// Called before anything of the disk changes, by any thread, without the lock.
  virtual Result<void> before_change() { return {}; }
  /// The same for somebody who is about to write there; only runs that are data are written in
  /// place, everything else goes through write_fresh().
  virtual Result<Run> map_for_write(std::uint64_t offset, std::uint64_t max_length) {
    return map(offset, max_length);
  }
  /// Makes room at `offset` and stores the beginning of `from` there; returns how many bytes, 0 if
  /// there is room already. What is around them must read as before. Exclusive lock held.
  virtual Result<std::uint64_t> write_fresh(std::uint64_t offset, ByteView from) = 0;
  /// Brings changed metadata to the file, in an order that a crash leaves sound. Exclusive lock.
  virtual Result<void> commit() = 0;
  virtual bool wants_commit() const { return false; }
  /// True if data may well be holes of the file, so that those are worth showing.
  virtual bool shows_holes() const { return false; }
  /// What `map` says of absent runs.
  virtual bool absent_is_allocated() const { return true; }

  Result<void> sync() { return relaxed_sync_ ? Result<void>{} : file_->flush(); }
  Result<void> check_write(std::uint64_t offset, std::uint64_t length) const;
  Result<void> read_unlocked(std::uint64_t offset, MutableByteView into);
  /// True if the image below has something to show at `offset`.
  bool covered(std::uint64_t offset) const { return backing_ && offset < backing_->size(); }

  std::shared_ptr<BlockDevice> file_;
  std::unique_ptr<Image> backing_;
  std::uint64_t size_ = 0;
  std::shared_mutex mutex_;

 private:
  Result<std::uint64_t> write_in_place(std::uint64_t offset, ByteView from);
  Result<void> write_zero_bytes(std::uint64_t offset, std::uint64_t length);
  Result<void> read_run(const Run& run, std::uint64_t offset, MutableByteView into);

  bool writable_;
  bool relaxed_sync_;
};

}  // namespace cassia::storage
