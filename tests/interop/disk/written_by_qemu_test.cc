// SPDX-License-Identifier: Apache-2.0
// Images that qemu-img and qemu-io made, read by Cassia; and what Cassia makes of them, read by
// qemu-img.

#include "tests/interop/disk/peer.h"

namespace cassia::test {
namespace {

class WrittenByQemu : public DiskTest, public ::testing::WithParamInterface<const char*> {
 protected:
  /// Data, zeroes, holes and a snapshot of an earlier state, in an image with these options.
  void make(const std::string& options) {
    std::vector<std::string> line{"create", "-f", "qcow2"};
    if (!options.empty()) line.insert(line.end(), {"-o", options});
    line.insert(line.end(), {"q.qcow2", "20M"});
    (void)good(qemu_img(line));
    qemu_io("q.qcow2", {"write -P 1 0 3M", "write -P 2 5000k 100k", "write -P 3 19M 1M"});
    snapshot_ = options.find("refcount_bits=1,") == std::string::npos;
    if (snapshot_) (void)good(qemu_img({"snapshot", "-c", "before", "q.qcow2"}));
    qemu_io("q.qcow2",
            {"write -P 4 1M 64k", "write -z 2M 500k", "write -P 5 10M 123k", "discard 128k 256k"});
  }
  bool snapshot_ = false;
};

TEST_P(WrittenByQemu, ReadsTheSame) {
  make(GetParam());
  (void)good(qemu_img({"convert", "-O", "raw", "q.qcow2", "theirs.raw"}));
  (void)good(disk({"convert", "-O", "raw", "q.qcow2", "ours.raw"}));
  expect_same("ours.raw", "raw", "theirs.raw", "raw");
  expect_same("q.qcow2", "qcow2", "theirs.raw", "raw");
  for (const char* form : {"human", "json"}) {
    EXPECT_EQ(good(disk({"info", "--output", form, "q.qcow2"})),
              good(qemu_img({"info", "--output", form, "q.qcow2"})));
    EXPECT_EQ(good(disk({"check", "--output", form, "q.qcow2"})),
              good(qemu_img({"check", "--output", form, "q.qcow2"})));
    EXPECT_EQ(good(disk({"map", "--output", form, "q.qcow2"})),
              good(qemu_img({"map", "--output", form, "q.qcow2"})));
  }
  if (!snapshot_) return;
  (void)good(qemu_img({"convert", "-l", "before", "-O", "raw", "q.qcow2", "theirs-before.raw"}));
  (void)good(disk({"convert", "-l", "snapshot.name=before", "q.qcow2", "ours-before.raw"}));
  expect_same("ours-before.raw", "raw", "theirs-before.raw", "raw");
}

TEST_P(WrittenByQemu, StaysSoundWhenCassiaWritesOn) {
  make(GetParam());
  (void)good(qemu_img({"convert", "-O", "raw", "q.qcow2", "model.raw"}));
  {
    const auto opened = open("q.qcow2", true);
    ASSERT_TRUE(opened.image);
    const Bytes content(700000, 0x9c);
    ASSERT_TRUE(opened.image->write(900001, content));
    ASSERT_TRUE(opened.image->write_zeroes(18 << 20, 1500000, storage::ZeroMode::unmap));
    ASSERT_TRUE(opened.image->close());
  }
  qemu_io("model.raw", {"write -P 0x9c 900001 700000", "write -z 18M 1500000"}, "raw");
  expect_sound("q.qcow2");
  expect_same("q.qcow2", "qcow2", "model.raw", "raw");
  if (!snapshot_) return;
  (void)good(disk({"snapshot", "-a", "before", "q.qcow2"}));
  expect_sound("q.qcow2");
  (void)good(disk({"snapshot", "-d", "1", "q.qcow2"}));
  expect_sound("q.qcow2");
  EXPECT_EQ(good(qemu_img({"snapshot", "-l", "q.qcow2"})), "");
}

INSTANTIATE_TEST_SUITE_P(Options, WrittenByQemu,
                         ::testing::Values("", "compat=0.10", "cluster_size=512", "cluster_size=2M",
                                           "refcount_bits=1,cluster_size=4k", "refcount_bits=2",
                                           "refcount_bits=64,cluster_size=1k", "lazy_refcounts=on",
                                           "compression_type=zstd"));

class FromQemu : public DiskTest {};

TEST_F(FromQemu, CompressedClusters) {
  for (const char* options : {"compression_type=zlib", "compression_type=zstd,cluster_size=8k",
                              "cluster_size=2M", "compat=0.10,cluster_size=512"}) {
    (void)good(qemu_img({"create", "-q", "-f", "raw", "s.raw", "8M"}));
    qemu_io("s.raw", {"write -P 1 0 3M", "write -P 7 3333k 99k", "write -P 9 7M 1M"}, "raw");
    (void)good(qemu_img({"convert", "-c", "-O", "qcow2", "-o", options, "s.raw", "c.qcow2"}));
    expect_same("c.qcow2", "qcow2", "s.raw", "raw");
    EXPECT_EQ(good(disk({"check", "c.qcow2"})), good(qemu_img({"check", "c.qcow2"})));
  }
}

TEST_F(FromQemu, BackingChain) {
  (void)good(qemu_img({"create", "-q", "-f", "raw", "base.raw", "6M"}));
  qemu_io("base.raw", {"write -P 1 0 6M"}, "raw");
  (void)good(
      qemu_img({"create", "-q", "-f", "qcow2", "-b", "base.raw", "-F", "raw", "mid.qcow2", "10M"}));
  qemu_io("mid.qcow2", {"write -P 2 1M 1M", "write -z 3M 1M"});
  (void)good(disk({"create", "-q", "-f", "qcow2", "-b", "mid.qcow2", "-F", "qcow2", "top.qcow2"}));
  qemu_io("top.qcow2", {"write -P 3 1500k 100k"});
  (void)good(qemu_img({"convert", "-O", "raw", "top.qcow2", "flat.raw"}));
  expect_same("top.qcow2", "qcow2", "flat.raw", "raw");
  for (const char* form : {"human", "json"}) {
    EXPECT_EQ(good(disk({"info", "--backing-chain", "--output", form, "top.qcow2"})),
              good(qemu_img({"info", "--backing-chain", "--output", form, "top.qcow2"})));
    EXPECT_EQ(good(disk({"map", "--output", form, "top.qcow2"})),
              good(qemu_img({"map", "--output", form, "top.qcow2"})));
  }
  // Only what differs from the new backing image is stored.
  (void)good(disk(
      {"convert", "-O", "qcow2", "-B", "mid.qcow2", "-F", "qcow2", "top.qcow2", "thin.qcow2"}));
  expect_sound("thin.qcow2");
  expect_same("thin.qcow2", "qcow2", "flat.raw", "raw");
  EXPECT_LT(std::filesystem::file_size(folder_ / "thin.qcow2"), 1u << 20);
}

TEST_F(FromQemu, LeaksAndCorruptionsAreFoundAndRepaired) {
  (void)good(qemu_img({"create", "-q", "-f", "qcow2", "x.qcow2", "4M"}));
  qemu_io("x.qcow2", {"write -P 1 0 1M", "discard 0 64k"});
  (void)good(run_in(folder_.path(), {"cp", "x.qcow2", "good.qcow2"}));
  // The refcount block is the third cluster; 16-bit counts.
  const auto poke = [&](std::uint64_t cluster, std::uint8_t count) {
    auto device = storage::FileDevice::open(folder_ / "x.qcow2", {.writable = true});
    ASSERT_TRUE(device);
    const Bytes value{0, count};
    ASSERT_TRUE((*device)->write(0x20000 + cluster * 2, value));
  };
  poke(5, 1);  // was the cluster that the discard gave back
  EXPECT_EQ(disk({"check", "x.qcow2"}).status, 3);
  EXPECT_EQ(qemu_img({"check", "x.qcow2"}).status, 3);
  const std::string repaired = good(disk({"check", "-r", "leaks", "x.qcow2"}));
  EXPECT_NE(repaired.find("1 leaked clusters"), std::string::npos) << repaired;
  EXPECT_EQ(qemu_img({"check", "x.qcow2"}).status, 0);
  poke(7, 0);
  EXPECT_EQ(disk({"check", "x.qcow2"}).status, 2);
  EXPECT_EQ(qemu_img({"check", "x.qcow2"}).status, 2);
  EXPECT_EQ(disk({"check", "-r", "all", "x.qcow2"}).status, 0);
  expect_sound("x.qcow2");
  expect_same("x.qcow2", "qcow2", "good.qcow2", "qcow2");
}

}  // namespace
}  // namespace cassia::test
