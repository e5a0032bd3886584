// SPDX-License-Identifier: Apache-2.0
#include "storage/live/image_chain.h"

#include "storage/live/qemu_block.h"
#include "tests/unit/live/live_fixture.h"

namespace cassia::storage {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class ImageChainTest : public LiveTest {
 protected:
  Result<std::vector<ChainLink>> chain(const std::string& image, const std::string& format = {}) {
    const StorageRoot root = StorageRoot::open(folder_ / "root").value();
    return inspect_chain(root, images_, image, format);
  }
};

TEST_F(ImageChainTest, FollowsWhatIsStatedAndInside) {
  make("base.raw", "raw", 1 << 20);
  make("mid.qcow2", "qcow2", 1 << 20, "base.raw", "raw");
  make("top.qcow2", "qcow2", 1 << 20, in_root("mid.qcow2"), "qcow2");
  const auto links = chain("top.qcow2");
  ASSERT_TRUE(links) << links.error().message();
  ASSERT_EQ(links->size(), 3u);
  EXPECT_EQ((*links)[2].format, "raw");

  const json graph = node_graph(*links, "cassia-1", false);
  EXPECT_EQ(graph["node-name"], "cassia-1-fmt");
  EXPECT_EQ(graph["read-only"], false);
  EXPECT_EQ(graph["file"]["filename"], (*links)[0].path.string());
  EXPECT_EQ(graph["backing"]["node-name"], "cassia-1-b1-fmt");
  EXPECT_EQ(graph["backing"]["read-only"], true);
  EXPECT_FALSE(graph["backing"]["backing"].contains("backing"));
  EXPECT_EQ(graph["backing"]["backing"]["driver"], "raw");
}

TEST_F(ImageChainTest, AQcow2WithoutBackingSaysSo) {
  make("a.qcow2", "qcow2", 1 << 20);
  const json graph = node_graph(chain("a.qcow2").value(), "p", true);
  ASSERT_TRUE(graph.contains("backing"));
  EXPECT_TRUE(graph["backing"].is_null());
  EXPECT_FALSE(graph.contains("detect-zeroes"));
}

TEST_F(ImageChainTest, TheStatedFormatWinsOverProbing) {
  make("a.qcow2", "qcow2", 1 << 20);
  EXPECT_EQ(chain("a.qcow2", "raw").value()[0].format, "raw");
  make("b.raw", "raw", 1 << 20);
  EXPECT_FALSE(chain("b.raw", "qcow2"));
}

TEST_F(ImageChainTest, RefusesWhatLeadsElsewhere) {
  make("passwd.qcow2", "qcow2", 1 << 20, "/etc/passwd", "raw");
  make("up.qcow2", "qcow2", 1 << 20, "../secret", "raw");
  const auto outside = chain("passwd.qcow2");
  EXPECT_EQ(outside.error().kind(), ErrorKind::permission);
  EXPECT_THAT(outside.error().message(), HasSubstr("outside the storage root"));
  EXPECT_EQ(chain("up.qcow2").error().kind(), ErrorKind::permission);
  make("loop.qcow2", "qcow2", 1 << 20, "loop.qcow2", "qcow2");
  EXPECT_EQ(chain("loop.qcow2").error().kind(), ErrorKind::malformed);
  make("gone.qcow2", "qcow2", 1 << 20, "gone.raw", "raw");
  EXPECT_EQ(chain("gone.qcow2").error().kind(), ErrorKind::not_found);
}

TEST(QemuBlock, ReadsQueryBlock) {
  const json entry = json::parse(R"({
    "device": "", "qdev": "/machine/peripheral/d1/virtio-backend", "removable": false,
    "inserted": {"node-name": "cassia-1-fmt", "drv": "qcow2", "ro": true, "image": {
      "filename": "json:{\"driver\": \"qcow2\", \"file\": {\"driver\": \"file\", \"filename\": \"/r/top\"}}",
      "virtual-size": 4096, "actual-size": 512,
      "snapshots": [{"id": "1", "name": "s", "date-sec": 9, "vm-state-size": 3}],
      "backing-image": {"filename": "/elsewhere/base", "format": "raw"}}}})");
  const QemuDisk disk = read_block_entry(entry, nullptr);
  EXPECT_EQ(disk.info.id, "d1");
  EXPECT_EQ(disk.path, "/machine/peripheral/d1");
  EXPECT_EQ(disk.filename, "/r/top");
  EXPECT_EQ(disk.info.image, "top");
  EXPECT_FALSE(disk.info.in_root);
  EXPECT_TRUE(disk.info.read_only);
  EXPECT_EQ(disk.info.chain, std::vector<std::string>{"base"});
  ASSERT_EQ(disk.snapshots.size(), 1u);
  EXPECT_EQ(disk.snapshots[0].vm_state_size, 3u);
}

TEST(QemuBlock, NamesDisksWithoutIds) {
  const auto id = [](const char* text) {
    return read_block_entry(json::parse(text), nullptr).info.id;
  };
  EXPECT_EQ(
      id(R"({"device": "virtio0", "qdev": "/machine/peripheral-anon/device[1]/virtio-backend"})"),
      "virtio0");
  EXPECT_EQ(id(R"({"device": "", "qdev": "sd7"})"), "sd7");
  EXPECT_EQ(id(R"({"device": "", "qdev": "/machine/unattached/device[22]"})"), "device[22]");
  EXPECT_EQ(read_block_entry(json::parse(R"({"qdev": "cd"})"), nullptr).info.state, "empty");
}

TEST(QemuBlock, KnowsBuses) {
  EXPECT_EQ(bus_of_type("virtio-blk-pci"), "virtio");
  EXPECT_EQ(bus_of_type("scsi-hd"), "scsi");
  EXPECT_EQ(bus_of_type("ide-cd"), "ide");
  EXPECT_EQ(bus_of_type("something"), "other");
}

}  // namespace
}  // namespace cassia::storage
