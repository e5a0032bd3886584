// SPDX-License-Identifier: Apache-2.0
// What every image format must do, run on each format and on variants of its options. A new format
// adds its lines to kVariants.

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <random>

#include "storage/block/memory_device.h"
#include "storage/format/registry.h"

namespace cassia::storage {
namespace {

struct Variant {
  const char* format;
  const char* options;
  bool operator==(const Variant&) const = default;
};

void PrintTo(const Variant& variant, std::ostream* out) {
  *out << variant.format << ":" << variant.options;
}

const Variant kVariants[] = {
    {"raw", ""},
    {"qcow2", ""},
    {"qcow2", "cluster_size=512"},
    {"qcow2", "cluster_size=4k,refcount_bits=1"},
    {"qcow2", "cluster_size=4k,refcount_bits=64"},
    {"qcow2", "compat=0.10"},
    {"qcow2", "cluster_size=2M,compression_type=zstd"},
    {"qcow2", "cluster_size=8k,preallocation=metadata"},
    {"qcow2", "lazy_refcounts=on"},
    {"vdi", ""},
    {"vdi", "static=on"},
    {"vmdk", ""},
    {"vmdk", "zeroed_grain=on"},
    {"vpc", "force_size=on"},
    {"vpc", "force_size=on,subformat=fixed"},
};

constexpr std::uint64_t kSize = (3u << 20) + 512 * 7;

class FormatTest : public ::testing::TestWithParam<Variant> {
 protected:
  FormatTest() {
    driver_ = *formats_.find(GetParam().format);
    CreateSpec spec;
    spec.size = kSize;
    spec.options = *parse_options(GetParam().options);
    const auto made = driver_->create(file_, spec);
    EXPECT_TRUE(made) << made.error().message();
    reopen();
  }

  void reopen(bool writable = true) {
    if (image_ && image_->writable()) {
      EXPECT_TRUE(image_->close());
    }
    image_.reset();
    DriverOpenOptions options;
    options.writable = writable;
    auto opened = driver_->open(file_, options);
    ASSERT_TRUE(opened) << opened.error().message();
    image_ = std::move(*opened);
  }

  void expect_content(const Bytes& model) {
    Bytes got(model.size());
    ASSERT_TRUE(image_->read(0, got));
    const auto at = std::mismatch(model.begin(), model.end(), got.begin());
    EXPECT_EQ(at.first - model.begin(), static_cast<std::ptrdiff_t>(model.size()));
  }

  /// Extents cover the disk without gaps, and what they call zero is.
  void expect_extents_true(const Bytes& model) {
    for (std::uint64_t at = 0; at < image_->size();) {
      const auto extent = image_->extent(at, image_->size() - at);
      ASSERT_TRUE(extent);
      ASSERT_EQ(extent->offset, at);
      ASSERT_GT(extent->length, 0u);
      ASSERT_LE(extent->end(), image_->size());
      if (extent->zero) {
        EXPECT_TRUE(all_zero(ByteView(model).subspan(at, extent->length))) << at;
      }
      at += extent->length;
    }
  }

  void expect_sound() {
    Progress progress;
    const auto report = image_->check(Repair::none, progress);
    if (!report) {
      EXPECT_EQ(report.error().kind(), ErrorKind::unsupported);
      return;
    }
    EXPECT_EQ(report->corruptions, 0u);
    EXPECT_EQ(report->leaks, 0u);
    for (const auto& line : report->messages) ADD_FAILURE() << line;
  }

  FormatRegistry formats_ = FormatRegistry::standard();
  const FormatDriver* driver_ = nullptr;
  std::shared_ptr<MemoryDevice> file_ = std::make_shared<MemoryDevice>();
  std::unique_ptr<Image> image_;
};

TEST_P(FormatTest, FreshImageIsZeroAndSound) {
  EXPECT_EQ(image_->size(), kSize);
  expect_content(Bytes(kSize));
  expect_sound();
  // What begins with the guest's own bytes must not be known by them.
  const bool told_only = std::string_view(GetParam().options).ends_with("subformat=fixed");
  EXPECT_EQ((*formats_.probe(*file_))->name(), told_only ? "raw" : GetParam().format);
}

TEST_P(FormatTest, RandomOperationsMatchAModel) {
  Bytes model(kSize);
  std::mt19937 random(42);
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t offset = random() % kSize;
      const std::uint64_t length =
          std::min<std::uint64_t>(kSize - offset, 1 + random() % (i % 10 == 0 ? 300000 : 9000));
      const auto part = model.begin() + static_cast<std::ptrdiff_t>(offset);
      const auto end = part + static_cast<std::ptrdiff_t>(length);
      if (random() % 4 == 0) {
        const auto mode = random() % 2 == 0 ? ZeroMode::unmap : ZeroMode::keep;
        ASSERT_TRUE(image_->write_zeroes(offset, length, mode));
        std::fill(part, end, 0);
      } else {
        std::generate(part, end, [&] { return static_cast<std::uint8_t>(random()); });
        ASSERT_TRUE(image_->write(offset, ByteView(&*part, length)));
      }
    }
    expect_content(model);
    expect_extents_true(model);
    expect_sound();
    reopen();
  }
  expect_content(model);
}

TEST_P(FormatTest, DiscardedRangesReadOldOrZero) {
  const Bytes content(kSize, 0x77);
  ASSERT_TRUE(image_->write(0, content));
  ASSERT_TRUE(image_->discard(100000, 2000000));
  Bytes got(kSize);
  ASSERT_TRUE(image_->read(0, got));
  for (std::uint64_t i = 0; i < kSize; ++i) {
    const bool inside = i >= 100000 && i < 2100000;
    ASSERT_TRUE(got[i] == 0x77 || (inside && got[i] == 0)) << i;
  }
  expect_sound();
}

TEST_P(FormatTest, GrowsWithZeroes) {
  Bytes model(kSize, 0x11);
  ASSERT_TRUE(image_->write(0, model));
  const auto resized = image_->resize(kSize + (5u << 20));
  if (!resized) {  // a format whose tables have no room to grow says so and changes nothing
    EXPECT_EQ(resized.error().kind(), ErrorKind::unsupported);
    expect_content(model);
    return;
  }
  model.resize(kSize + (5u << 20));
  EXPECT_EQ(image_->size(), model.size());
  expect_content(model);
  ASSERT_TRUE(image_->write(model.size() - 3, as_bytes("end")));
  std::copy_n("end", 3, model.end() - 3);
  reopen();
  expect_content(model);
  expect_sound();
}

TEST_P(FormatTest, RefusesRequestsOutside) {
  Bytes byte(1);
  EXPECT_EQ(image_->read(kSize, byte).error().kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(image_->write(kSize, byte).error().kind(), ErrorKind::invalid_argument);
  EXPECT_FALSE(image_->write_zeroes(kSize - 1, 2, ZeroMode::unmap));
  EXPECT_FALSE(image_->read(~std::uint64_t{0}, byte));
  EXPECT_FALSE(image_->extent(kSize, 1));
  reopen(false);
  EXPECT_EQ(image_->write(0, byte).error().kind(), ErrorKind::permission);
  EXPECT_FALSE(image_->discard(0, 1));
}

TEST_P(FormatTest, ThreadsMayShareIt) {
  constexpr std::uint64_t kPart = kSize / 4;
  std::vector<std::future<bool>> workers;
  for (std::uint64_t w = 0; w < 4; ++w) {
    workers.push_back(std::async(std::launch::async, [this, w] {
      std::mt19937 random(static_cast<unsigned>(w));
      for (int i = 0; i < 100; ++i) {
        const std::uint64_t at = w * kPart + random() % (kPart - 5000);
        const Bytes content(1 + random() % 5000, static_cast<std::uint8_t>(i + 1));
        Bytes got(content.size());
        if (!image_->write(at, content) || !image_->read(at, got) || got != content) return false;
      }
      return true;
    }));
  }
  for (auto& worker : workers) EXPECT_TRUE(worker.get());
  expect_sound();
}

TEST_P(FormatTest, CompressedClustersReadBackAndCanBeOverwritten) {
  if (!driver_->supports_compression()) {
    EXPECT_EQ(image_->write_compressed(0, Bytes(512)).error().kind(), ErrorKind::unsupported);
    return;
  }
  const std::uint64_t cluster = image_->info().cluster_size;
  // Not every image of a format that compresses can.
  if (const auto first = image_->write_compressed(0, Bytes(cluster)); !first) {
    EXPECT_EQ(first.error().kind(), ErrorKind::unsupported);
    return;
  }
  Bytes model(kSize);
  std::mt19937 random(5);
  for (std::uint64_t at = 0; at < kSize; at += cluster) {
    const std::uint64_t length = std::min(cluster, kSize - at);
    const unsigned spread = at / cluster % 3 == 0 ? 256 : 4;  // every third does not compress
    for (std::uint64_t i = 0; i < length; ++i) {
      model[at + i] = static_cast<std::uint8_t>(random() % spread);
    }
    ASSERT_TRUE(image_->write_compressed(at, ByteView(model).subspan(at, length)));
  }
  expect_content(model);
  reopen();
  expect_content(model);
  expect_sound();
  std::fill(model.begin() + 1000, model.begin() + 200000, 0xee);
  ASSERT_TRUE(image_->write(1000, ByteView(model).subspan(1000, 199000)));
  expect_content(model);
  reopen();
  expect_content(model);
  expect_sound();
}

TEST_P(FormatTest, SnapshotsKeepWhatTheyTook) {
  SnapshotStore* store = image_->snapshots();
  if (store == nullptr) return;
  Bytes first(kSize, 1);
  ASSERT_TRUE(image_->write(0, first));
  const auto created = store->create("first");
  if (!created) {  // one-bit refcounts cannot share a cluster
    EXPECT_EQ(created.error().kind(), ErrorKind::unsupported);
    expect_sound();
    return;
  }
  Bytes second = first;
  std::fill(second.begin() + 5000, second.begin() + 1500000, 2);
  ASSERT_TRUE(image_->write(5000, ByteView(second).subspan(5000, 1495000)));
  ASSERT_TRUE(store->create("second"));
  ASSERT_TRUE(image_->resize(kSize + (1u << 20)));
  ASSERT_TRUE(image_->write_zeroes(0, kSize, ZeroMode::unmap));
  expect_sound();
  for (const auto& [name, content] : {std::pair{"first", &first}, std::pair{"2", &second}}) {
    const auto view = image_->open_snapshot(name);
    ASSERT_TRUE(view) << view.error().message();
    Bytes got((*view)->size());
    ASSERT_TRUE((*view)->read(0, got));
    EXPECT_TRUE(got == *content) << name;
  }
  ASSERT_TRUE(store->apply("first"));
  expect_content(first);
  expect_sound();
  ASSERT_TRUE(store->remove("first"));
  expect_content(first);
  expect_sound();
  ASSERT_TRUE(store->apply("second"));
  ASSERT_TRUE(store->remove("second"));
  reopen();
  expect_content(second);
  expect_sound();
  EXPECT_FALSE(image_->snapshots()->apply("second"));
}

INSTANTIATE_TEST_SUITE_P(Formats, FormatTest, ::testing::ValuesIn(kVariants));

}  // namespace
}  // namespace cassia::storage
