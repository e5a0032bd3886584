// SPDX-License-Identifier: Apache-2.0
// Persistent bitmaps: the same writes by Cassia and by qemu-io leave the same bits, as qemu-nbd
// shows them.

#include <random>

#include "storage/format/qcow2/layout.h"
#include "tests/interop/disk/peer.h"

namespace cassia::test {
namespace {

using storage::load_be64;

class Bitmaps : public DiskTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void make(const std::string& options, const std::string& size = "64M") {
    (void)good(qemu_img({"create", "-q", "-f", "qcow2", "-o", options, "theirs.qcow2", size}));
    qemu_io("theirs.qcow2", {"write -P 1 0 3M"});
    (void)good(qemu_img({"bitmap", "--add", "theirs.qcow2", "coarse"}));
    (void)good(qemu_img({"bitmap", "--add", "-g", "4096", "theirs.qcow2", "fine"}));
    qemu_io("theirs.qcow2", {"write -P 2 2M 100k"});
    (void)good(qemu_img({"bitmap", "--add", "theirs.qcow2", "off"}));
    qemu_io("theirs.qcow2", {"write -P 2 5M 1k"});
    (void)good(qemu_img({"bitmap", "--disable", "theirs.qcow2", "off"}));
    copy("theirs.qcow2", "ours.qcow2");
  }

  void copy(const std::string& from, const std::string& to) {
    (void)good(run_in(folder_.path(), {"cp", "--sparse=always", from, to}));
  }

  /// What QEMU says is dirty, as the text of its map. The server ends with its only client.
  std::string dirty(const std::string& file, const std::string& bitmap) {
    const std::string socket = (folder_ / "nbd").string();
    (void)good(run_in(folder_.path(), {"qemu-nbd", "--fork", "-r", "-f", "qcow2", "-B", bitmap,
                                       "-k", socket, file}));
    return good(qemu_img({"map", "--output", "json", "--image-opts",
                          "driver=nbd,server.type=unix,server.path=" + socket +
                              ",x-dirty-bitmap=qemu:dirty-bitmap:" + bitmap}));
  }

  void expect_same_bitmaps() {
    const Finished checked = qemu_img({"check", "ours.qcow2"});
    EXPECT_EQ(checked.status, 0) << checked.output << checked.errors;
    for (const char* bitmap : {"coarse", "fine", "off"}) {
      EXPECT_EQ(dirty("ours.qcow2", bitmap), dirty("theirs.qcow2", bitmap)) << bitmap;
    }
    EXPECT_EQ(good(disk({"check", "-q", "ours.qcow2"})), "");
    const auto facts = [](const std::string& info) {
      return info.substr(info.find("Format spec"));
    };
    EXPECT_EQ(facts(good(qemu_img({"info", "ours.qcow2"}))),
              facts(good(qemu_img({"info", "theirs.qcow2"}))));
  }

  void poke(const std::string& file, std::uint64_t at, std::uint8_t value) {
    auto device = storage::FileDevice::open(folder_ / file, {.writable = true});
    ASSERT_TRUE(device);
    ASSERT_TRUE((*device)->write(at, Bytes{value}));
  }

  /// Where the directory of bitmaps lies: the extension follows the table of feature names.
  std::uint64_t directory_of(const std::string& file) {
    auto device = storage::FileDevice::open(folder_ / file, {});
    Bytes head(4096);
    EXPECT_TRUE(device && (*device)->read(0, head));
    const Bytes magic{0x23, 0x85, 0x28, 0x75, 0, 0, 0, 24};
    const auto at = std::search(head.begin(), head.end(), magic.begin(), magic.end());
    EXPECT_NE(at, head.end());
    return load_be64(&*at + 24);
  }
};

TEST_P(Bitmaps, FollowWritesAsQemusDo) {
  make(GetParam());
  std::mt19937 random(7);
  std::vector<std::string> commands;
  auto opened = open("ours.qcow2", true);
  ASSERT_TRUE(opened.image);
  for (int i = 0; i < 40; ++i) {
    const std::uint64_t offset = random() % (63u << 20) / 512 * 512;
    const std::uint64_t length = (1 + random() % 400) * 512;
    const std::string range = std::to_string(offset) + " " + std::to_string(length);
    if (i % 5 == 0) {
      commands.push_back("write -z -u " + range);
      ASSERT_TRUE(opened.image->write_zeroes(offset, length, storage::ZeroMode::unmap));
    } else {
      commands.push_back("write -P 9 " + range);
      ASSERT_TRUE(opened.image->write(offset, Bytes(length, 9)));
    }
  }
  commands.emplace_back("discard 4M 2M");
  ASSERT_TRUE(opened.image->discard(4u << 20, 2u << 20));
  copy("ours.qcow2", "killed.qcow2");
  ASSERT_TRUE(opened.image->close());
  opened = {};
  qemu_io("theirs.qcow2", commands);
  expect_same_bitmaps();
  expect_same("ours.qcow2", "qcow2", "theirs.qcow2", "qcow2");
  // What a writer that died leaves says of itself that it is not to be trusted.
  const std::string info = good(qemu_img({"info", "killed.qcow2"}));
  EXPECT_NE(info.find("[0]: in-use\n                [1]: auto\n            name: coarse"),
            std::string::npos)
      << info;
  EXPECT_NE(info.find("flags:\n            name: off"), std::string::npos) << info;
  // and our next writer does not pretend otherwise
  { ASSERT_TRUE(open("killed.qcow2", true).image->write(0, Bytes(512, 1))); }
  EXPECT_EQ(good(disk({"info", "killed.qcow2"})), good(qemu_img({"info", "killed.qcow2"})));
}

TEST_P(Bitmaps, FollowAChangeOfSize) {
  make(GetParam());
  (void)good(disk({"resize", "-q", "ours.qcow2", "+77M"}));
  (void)good(qemu_img({"resize", "-q", "theirs.qcow2", "+77M"}));
  expect_same_bitmaps();
  auto opened = open("ours.qcow2", true);
  ASSERT_TRUE(opened.image->write((140u << 20) - 512, Bytes(1024, 9)));
  ASSERT_TRUE(opened.image->resize(300u << 20));
  ASSERT_TRUE(opened.image->write((299u << 20) + 7 * 512, Bytes(1024, 9)));
  ASSERT_TRUE(opened.image->close());
  opened = {};
  qemu_io("theirs.qcow2",
          {"write -P 9 146800128 1024", "truncate 300M", "write -P 9 313527808 1k"});
  expect_same_bitmaps();
}

INSTANTIATE_TEST_SUITE_P(Clusters, Bitmaps,
                         ::testing::Values("cluster_size=64k", "cluster_size=512",
                                           "cluster_size=2M,refcount_bits=1"));

TEST_F(Bitmaps, InfoShowsThem) {
  make("cluster_size=64k");
  for (const char* form : {"human", "json"}) {
    EXPECT_EQ(good(disk({"info", "--output", form, "ours.qcow2"})),
              good(qemu_img({"info", "--output", form, "ours.qcow2"})));
  }
}

TEST_F(Bitmaps, LookingAndRepairingLeavesThemAlone) {
  make("cluster_size=64k");
  (void)good(disk({"check", "-q", "-r", "all", "ours.qcow2"}));
  (void)good(disk({"snapshot", "-c", "now", "ours.qcow2"}));
  expect_same_bitmaps();
}

TEST_F(Bitmaps, ApplyingASnapshotMarksTheWholeDisk) {
  make("cluster_size=64k");
  (void)good(disk({"snapshot", "-c", "now", "ours.qcow2"}));
  (void)good(disk({"resize", "-q", "ours.qcow2", "100M"}));
  (void)good(disk({"snapshot", "-a", "now", "ours.qcow2"}));
  expect_sound("ours.qcow2");
  qemu_io("theirs.qcow2", {"write 0 64M"});
  EXPECT_EQ(dirty("ours.qcow2", "fine"), dirty("theirs.qcow2", "fine"));
  EXPECT_EQ(dirty("ours.qcow2", "off"), dirty("theirs.qcow2", "off"));
}

TEST_F(Bitmaps, OneThatCannotBeKeptTrueIsNamed) {
  make("cluster_size=64k");
  const std::uint64_t directory = directory_of("ours.qcow2");
  const auto refused = [&](std::vector<std::string> line) {
    const Finished finished = disk(std::move(line));
    EXPECT_NE(finished.status, 0);
    EXPECT_NE(finished.errors.find("bitmap 'coarse'"), std::string::npos) << finished.errors;
    EXPECT_NE(finished.errors.find("bitmap --remove"), std::string::npos) << finished.errors;
    EXPECT_EQ(good(disk({"convert", "ours.qcow2", "read.raw"})), "");
  };
  poke("ours.qcow2", directory + 16, 2);  // its type
  refused({"resize", "ours.qcow2", "100M"});
  refused({"snapshot", "-c", "x", "ours.qcow2"});
  poke("ours.qcow2", directory + 16, 1);
  poke("ours.qcow2", directory + 15, 3);  // in use: writing is fine, another size is not
  refused({"resize", "ours.qcow2", "100M"});
  (void)good(disk({"snapshot", "-c", "x", "ours.qcow2"}));
  poke("ours.qcow2", directory + 8, 0xff);  // a table of 4 billion entries
  EXPECT_NE(disk({"snapshot", "-c", "y", "ours.qcow2"}).status, 0);
  EXPECT_EQ(good(disk({"convert", "ours.qcow2", "read.raw"})), "");
  EXPECT_EQ(disk({"check", "ours.qcow2"}).status, 2);
}

}  // namespace
}  // namespace cassia::test
