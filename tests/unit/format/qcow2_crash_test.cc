// SPDX-License-Identifier: Apache-2.0
// A crash at any moment may leak clusters but never corrupts: every state that a power cut could
// leave is opened and checked.

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "storage/block/memory_device.h"
#include "storage/format/registry.h"

namespace cassia::storage {
namespace {

/// Passes everything on to memory and keeps a log of it.
class RecordingDevice final : public BlockDevice {
 public:
  struct Event {
    bool flush = false;
    std::uint64_t offset = 0;
    Bytes bytes;
  };

  explicit RecordingDevice(Bytes start) : device_(std::move(start)) {}

  const std::string& name() const override { return device_.name(); }
  std::uint64_t size() const override { return device_.size(); }
  bool writable() const override { return true; }
  bool growable() const override { return true; }
  Result<void> read(std::uint64_t offset, MutableByteView into) override {
    return device_.read(offset, into);
  }
  Result<void> write(std::uint64_t offset, ByteView from) override {
    log.push_back({false, offset, to_bytes(from)});
    return device_.write(offset, from);
  }
  Result<void> write_zeroes(std::uint64_t offset, std::uint64_t length, ZeroMode) override {
    return write(offset, Bytes(length));
  }
  Result<void> discard(std::uint64_t offset, std::uint64_t length) override {
    return write(offset, Bytes(length));
  }
  Result<void> flush() override {
    log.push_back({true, 0, {}});
    return {};
  }
  Result<void> resize(std::uint64_t size) override { return device_.resize(size); }

  std::vector<Event> log;

 private:
  MemoryDevice device_;
};

void apply(Bytes& disk, const RecordingDevice::Event& event) {
  if (event.flush) return;
  if (disk.size() < event.offset + event.bytes.size()) {
    disk.resize(event.offset + event.bytes.size());
  }
  std::copy(event.bytes.begin(), event.bytes.end(),
            disk.begin() + static_cast<std::ptrdiff_t>(event.offset));
}

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() {
    CreateSpec spec;
    spec.size = 1 << 20;
    spec.options["cluster_size"] = "512";
    auto file = std::make_shared<MemoryDevice>();
    EXPECT_TRUE(driver().create(file, spec));
    start_ = file->content();
  }
  const FormatDriver& driver() const { return **formats_.find("qcow2"); }

  std::unique_ptr<Image> open(std::shared_ptr<BlockDevice> file, bool writable) const {
    DriverOpenOptions options;
    options.writable = writable;
    auto image = driver().open(std::move(file), options);
    EXPECT_TRUE(image) << image.error().message();
    return image ? std::move(*image) : nullptr;
  }

  /// Corruptions other than a wrong "counted once" bit, which only costs a copy or a repair.
  void expect_sound(const Bytes& disk, std::size_t moment) const {
    const auto image = open(std::make_shared<MemoryDevice>(disk), false);
    ASSERT_TRUE(image) << moment;
    Progress progress;
    const auto report = image->check(Repair::none, progress);
    ASSERT_TRUE(report) << report.error().message();
    for (const std::string& line : report->messages) {
      EXPECT_FALSE(line.rfind("ERROR cluster", 0) == 0) << "at event " << moment << ": " << line;
      EXPECT_TRUE(line.rfind("Leaked", 0) == 0 || allow_flags_) << moment << ": " << line;
    }
  }

  /// Every moment of `log`: all writes so far arrived (the process died), or only a random part of
  /// those since the last flush did (the power went).
  void crash_everywhere(const std::vector<RecordingDevice::Event>& log) {
    std::mt19937 random(20260131);
    Bytes durable = start_;
    std::size_t flushed = 0;
    for (std::size_t end = 0; end <= log.size(); ++end) {
      if (end > 0 && log[end - 1].flush) {
        for (; flushed < end; ++flushed) apply(durable, log[flushed]);
      }
      Bytes all = durable;
      Bytes some = durable;
      for (std::size_t i = flushed; i < end; ++i) {
        apply(all, log[i]);
        if (random() % 2 == 0) apply(some, log[i]);
      }
      expect_sound(all, end);
      expect_sound(some, end);
      if (HasFailure()) return;
    }
  }

  FormatRegistry formats_ = FormatRegistry::standard();
  Bytes start_;
  bool allow_flags_ = false;
};

TEST_F(CrashTest, WritesZeroesDiscardsAndFlushes) {
  auto file = std::make_shared<RecordingDevice>(start_);
  {
    const auto image = open(file, true);
    std::mt19937 random(7);
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t offset = random() % ((1 << 20) - 4096);
      const std::uint64_t length = 1 + random() % 4096;
      switch (random() % 6) {
        case 0:
          ASSERT_TRUE(image->write_zeroes(offset, length, ZeroMode::unmap));
          break;
        case 1:
          ASSERT_TRUE(image->discard(offset, length));
          break;
        case 2:
          ASSERT_TRUE(image->flush());
          break;
        default:
          ASSERT_TRUE(image->write(offset, Bytes(length, static_cast<std::uint8_t>(i))));
      }
    }
    ASSERT_TRUE(image->close());
  }
  crash_everywhere(file->log);
}

TEST_F(CrashTest, SnapshotsAndGrowth) {
  allow_flags_ = true;
  auto file = std::make_shared<RecordingDevice>(start_);
  {
    const auto image = open(file, true);
    SnapshotStore* store = image->snapshots();
    ASSERT_TRUE(image->write(0, Bytes(20000, 1)));
    ASSERT_TRUE(store->create("one"));
    ASSERT_TRUE(image->write(1000, Bytes(5000, 2)));
    ASSERT_TRUE(image->resize(4 << 20));
    ASSERT_TRUE(image->write(3 << 20, Bytes(3000, 3)));
    ASSERT_TRUE(store->create("two"));
    ASSERT_TRUE(image->write(0, Bytes(3000, 4)));
    ASSERT_TRUE(store->apply("one"));
    ASSERT_TRUE(store->remove("two"));
    ASSERT_TRUE(store->remove("one"));
    ASSERT_TRUE(image->close());
  }
  crash_everywhere(file->log);
}

TEST_F(CrashTest, FlushedDataSurvives) {
  auto file = std::make_shared<RecordingDevice>(start_);
  const auto image = open(file, true);
  const Bytes content(10000, 0x42);
  ASSERT_TRUE(image->write(5000, content));
  ASSERT_TRUE(image->flush());
  Bytes durable = start_;
  for (const auto& event : file->log) apply(durable, event);
  ASSERT_TRUE(image->write(0, Bytes(200000, 1)));  // never flushed
  const auto after = open(std::make_shared<MemoryDevice>(durable), false);
  Bytes got(content.size());
  ASSERT_TRUE(after->read(5000, got));
  EXPECT_EQ(got, content);
}

}  // namespace
}  // namespace cassia::storage
