// SPDX-License-Identifier: Apache-2.0
// The formats other than qcow2: what qemu-img and qemu-io made read by Cassia, what Cassia made
// read by qemu-img, and both writing to the same image in turn.

#include "tests/interop/disk/peer.h"

namespace cassia::test {
namespace {

struct Form {
  const char* format;
  const char* options;
  bool map_alike;  ///< qemu-img's map says no more and no less than ours
  bool check;      ///< qemu-img can check it
};

void PrintTo(const Form& form, std::ostream* out) { *out << form.format << ":" << form.options; }

class Formats : public DiskTest, public ::testing::WithParamInterface<Form> {
 protected:
  std::string format() const { return GetParam().format; }

  void make(bool ours, const std::string& file, const std::string& size) {
    std::vector<std::string> line{"create", "-q", "-f", format()};
    if (*GetParam().options != '\0') line.insert(line.end(), {"-o", GetParam().options});
    line.insert(line.end(), {file, size});
    (void)good(ours ? disk(line) : qemu_img(line));
  }

  /// Data, zeroes and holes, as qemu-io commands.
  static std::vector<std::string> mixture() {
    return {"write -P 1 0 3M",       "write -P 2 5000k 100k", "write -P 3 19M 1M",
            "write -P 4 1023k 2k",   "write -z 2M 500k",      "write -P 5 10M 123k",
            "write -P 6 12582400 1k"};
  }

  void expect_checked(const std::string& file) {
    if (!GetParam().check) return;
    const Finished checked = qemu_img({"check", "-f", format(), file});
    EXPECT_EQ(checked.status, 0) << checked.output << checked.errors;
    EXPECT_EQ(good(disk({"check", "-f", format(), file})), checked.output);
  }
};

TEST_P(Formats, WhatQemuWroteReadsTheSame) {
  make(false, "q.img", "20M");
  qemu_io("q.img", mixture(), format());
  (void)good(qemu_img({"convert", "-f", format(), "-O", "raw", "q.img", "theirs.raw"}));
  (void)good(disk({"convert", "-f", format(), "-O", "raw", "q.img", "ours.raw"}));
  expect_same("ours.raw", "raw", "theirs.raw", "raw");
  expect_same("q.img", format(), "theirs.raw", "raw");
  for (const char* form : {"human", "json"}) {
    EXPECT_EQ(good(disk({"info", "-f", format(), "--output", form, "q.img"})),
              good(qemu_img({"info", "-f", format(), "--output", form, "q.img"})));
    if (!GetParam().map_alike) continue;
    EXPECT_EQ(good(disk({"map", "-f", format(), "--output", form, "q.img"})),
              good(qemu_img({"map", "-f", format(), "--output", form, "q.img"})));
  }
  expect_checked("q.img");
}

TEST_P(Formats, WhatCassiaConvertedQemuReads) {
  (void)good(qemu_img({"create", "-q", "-f", "qcow2", "model.qcow2", "20M"}));
  qemu_io("model.qcow2", mixture());
  std::vector<std::string> line{"convert", "-O", format()};
  if (*GetParam().options != '\0') line.insert(line.end(), {"-o", GetParam().options});
  line.insert(line.end(), {"model.qcow2", "c.img"});
  (void)good(disk(line));
  expect_checked("c.img");
  // Not with the model itself: a format may round the size up, and then as qemu-img does it.
  line.back() = "theirs.img";
  (void)good(qemu_img(line));
  expect_same("c.img", format(), "theirs.img", format());
  for (const char* form : {"human", "json"}) {
    EXPECT_EQ(good(disk({"info", "-f", format(), "--output", form, "c.img"})),
              good(qemu_img({"info", "-f", format(), "--output", form, "c.img"})));
  }
}

TEST_P(Formats, BothWriteInTurn) {
  make(true, "t.img", "20M");
  const auto size = std::to_string(open("t.img", false, format()).image->size());
  (void)good(qemu_img({"create", "-q", "-f", "raw", "model.raw", size}));
  for (int round = 0; round < 3; ++round) {
    const std::string at = std::to_string(1000 + round * 5000) + "k";
    const std::vector<std::string> theirs{"write -P 7 " + at + " 777k", "write -z 1M 300k"};
    qemu_io("t.img", theirs, format());
    qemu_io("model.raw", theirs, "raw");
    {
      const auto opened = open("t.img", true, format());
      ASSERT_TRUE(opened.image);
      const std::uint64_t offset = 4000001u + static_cast<unsigned>(round) * 3000000u;
      const Bytes content(900000, static_cast<std::uint8_t>(0x90 + round));
      ASSERT_TRUE(opened.image->write(offset, content));
      ASSERT_TRUE(opened.image->write_zeroes(offset + 99999, 400000, storage::ZeroMode::unmap));
      ASSERT_TRUE(opened.image->close());
      qemu_io(
          "model.raw",
          {"write -P " + std::to_string(0x90 + round) + " " + std::to_string(offset) + " 900000",
           "write -z " + std::to_string(offset + 99999) + " 400000"},
          "raw");
    }
    expect_checked("t.img");
    expect_same("t.img", format(), "model.raw", "raw");
  }
}

class Streams : public DiskTest {};

TEST_F(Streams, StreamOptimizedVmdksBothWays) {
  (void)good(qemu_img({"create", "-q", "-f", "qcow2", "model.qcow2", "20000768"}));
  qemu_io("model.qcow2", {"write -P 1 0 3M", "write -P 2 5000k 100k", "write -P 3 19000k 512k"});
  std::vector<std::string> line{
      "convert", "-O", "vmdk", "-o", "subformat=streamOptimized", "model.qcow2", "theirs.vmdk"};
  (void)good(qemu_img(line));
  line.back() = "ours.vmdk";
  (void)good(disk(line));
  for (const char* file : {"ours.vmdk", "theirs.vmdk"}) {
    expect_same(file, "vmdk", "model.qcow2", "qcow2");
    const Finished checked = qemu_img({"check", file});
    EXPECT_EQ(checked.status, 0) << checked.output << checked.errors;
    EXPECT_EQ(good(disk({"check", file})), checked.output);
    for (const char* form : {"human", "json"}) {
      EXPECT_EQ(good(disk({"info", "--output", form, file})),
                good(qemu_img({"info", "--output", form, file})));
      EXPECT_EQ(disk({"map", "--output", form, file}).output,
                qemu_img({"map", "--output", form, file}).output);
    }
  }
}

TEST_F(Streams, FilesOfSplitVmdksAreNotFollowed) {
  for (const char* type : {"monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat"}) {
    (void)good(qemu_img({"create", "-q", "-f", "vmdk", "-o", std::string("subformat=") + type,
                         "split.vmdk", "4M"}));
    const Finished refused = disk({"info", "split.vmdk"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.errors.find("several files"), std::string::npos) << refused.errors;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Formats,
    ::testing::Values(Form{"vdi", "", true, true}, Form{"vdi", "static=on", true, true},
                      Form{"vmdk", "", true, true},
                      Form{"vmdk", "zeroed_grain=on,adapter_type=lsilogic", true, true},
                      Form{"vpc", "", true, false},
                      Form{"vpc", "subformat=fixed,force_size=on", true, false}));

}  // namespace
}  // namespace cassia::test
