// SPDX-License-Identifier: Apache-2.0
// cassia-disk beside qemu-img: the same words and exit codes; clear refusals; nothing half-written.

#include <sys/stat.h>

#include <csignal>

#include "tests/interop/disk/peer.h"
#include "tests/support/paths.h"

namespace cassia::test {
namespace {

class Cli : public DiskTest {
 protected:
  void expect_refused(const std::vector<std::string>& line, int status, const std::string& words) {
    const Finished finished = disk(line);
    EXPECT_EQ(finished.status, status) << line[0] << finished.errors;
    EXPECT_NE(finished.errors.find(words), std::string::npos) << finished.errors;
    EXPECT_EQ(finished.errors.rfind("cassia-disk: ", 0), 0u) << finished.errors;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
  }
};

TEST_F(Cli, CreateSaysAndMakesWhatQemuImgDoes) {
  const std::vector<std::vector<std::string>> lines{
      {"-f", "qcow2", "x", "100M"},
      {"-f", "qcow2", "-o", "compat=0.10", "x", "1G"},
      {"-f", "qcow2", "-o", "cluster_size=2M,lazy_refcounts=on,refcount_bits=64", "x", "1T"},
      {"-f", "qcow2", "-o", "preallocation=metadata,cluster_size=8k", "x", "20M"},
      {"-f", "qcow2", "-o", "cluster_size=512", "x", "5G"},
      {"-f", "raw", "x", "1.5M"},
      {"x", "1000"}};
  for (std::vector<std::string> line : lines) {
    line.insert(line.begin(), "create");
    const std::string ours = good(disk(line));
    if (line.size() > 3) {
      const auto probe = good(qemu_img({"info", "x"}));
      if (line[2] == "qcow2") expect_sound("x");
      std::filesystem::remove(folder_ / "x");
      EXPECT_EQ(ours, good(qemu_img(line)));
      const auto theirs = good(qemu_img({"info", "x"}));
      const auto facts = [](const std::string& text) {
        return text.substr(text.find("cluster_size"));
      };
      if (line[2] == "qcow2") {
        EXPECT_EQ(facts(probe), facts(theirs));
      }
    }
    std::filesystem::remove(folder_ / "x");
  }
}

TEST_F(Cli, ConvertedImagesPassQemuImg) {
  (void)good(qemu_img({"create", "-q", "-f", "raw", "s.raw", "40M"}));
  qemu_io("s.raw", {"write -P 1 100k 3M", "write -P 2 20M 1", "write -P 3 39M 1M"}, "raw");
  const std::vector<std::vector<std::string>> ways{{},
                                                   {"-c"},
                                                   {"-o", "cluster_size=512"},
                                                   {"-c", "-o", "compression_type=zstd"},
                                                   {"-c", "-o", "cluster_size=2M"},
                                                   {"-o", "compat=0.10"},
                                                   {"-c", "-o", "compat=0.10"},
                                                   {"-S", "0"},
                                                   {"-o", "preallocation=metadata"}};
  for (const auto& way : ways) {
    std::vector<std::string> line{"convert", "-f", "raw", "-O", "qcow2"};
    line.insert(line.end(), way.begin(), way.end());
    line.insert(line.end(), {"s.raw", "o.qcow2"});
    (void)good(disk(line));
    expect_sound("o.qcow2");
    expect_same("o.qcow2", "qcow2", "s.raw", "raw");
    (void)good(disk({"convert", "-O", "raw", "o.qcow2", "back.raw"}));
    expect_same("back.raw", "raw", "s.raw", "raw");
  }
  // Holes stay holes.
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "back.raw").c_str(), &status), 0);
  EXPECT_LT(status.st_blocks * 512, 6 << 20);
}

TEST_F(Cli, ResizeGrowsAndQemuImgAgrees) {
  (void)good(disk({"create", "-q", "-f", "qcow2", "-o", "cluster_size=512", "x", "1M"}));
  qemu_io("x", {"write -P 1 0 1M"});
  (void)good(disk({"convert", "-O", "raw", "x", "x.raw"}));
  EXPECT_EQ(good(disk({"resize", "x", "+300M"})), "Image resized.\n");
  EXPECT_EQ(good(disk({"resize", "-f", "raw", "x.raw", "301M"})), "Image resized.\n");
  expect_sound("x");
  expect_same("x", "qcow2", "x.raw", "raw");
  expect_refused({"resize", "x", "-1M"}, 1, "--shrink");
  expect_refused({"resize", "--shrink", "x", "-1M"}, 1, "shrink");
}

TEST_F(Cli, SnapshotsReadBothWays) {
  (void)good(disk({"create", "-q", "-f", "qcow2", "x", "10M"}));
  (void)good(disk({"snapshot", "-c", "first", "x"}));
  (void)good(qemu_img({"snapshot", "-c", "second", "x"}));
  EXPECT_EQ(good(disk({"snapshot", "-l", "x"})), good(qemu_img({"snapshot", "-l", "x"})));
  EXPECT_EQ(good(disk({"info", "--output=json", "x"})),
            good(qemu_img({"info", "--output=json", "x"})));
  (void)good(disk({"snapshot", "-d", "second", "x"}));
  (void)good(qemu_img({"snapshot", "-a", "first", "x"}));
  expect_sound("x");
  expect_refused({"snapshot", "-a", "second", "x"}, 1, "no snapshot 'second'");
}

TEST_F(Cli, CompareSaysTheSame) {
  (void)good(disk({"create", "-q", "a", "1M"}));
  (void)good(disk({"create", "-q", "b", "2M"}));
  (void)good(disk({"create", "-q", "c", "1M"}));
  qemu_io("c", {"write -P 1 500000 1"}, "raw");
  for (const auto& line :
       std::vector<std::vector<std::string>>{{"-f", "raw", "-F", "raw", "a", "b"},
                                             {"-f", "raw", "-F", "raw", "-s", "a", "b"},
                                             {"-f", "raw", "-F", "raw", "a", "a"},
                                             {"-f", "raw", "-F", "raw", "-q", "b", "a"}}) {
    std::vector<std::string> full{"compare"};
    full.insert(full.end(), line.begin(), line.end());
    const Finished ours = disk(full);
    const Finished theirs = qemu_img(full);
    EXPECT_EQ(ours.status, theirs.status);
    EXPECT_EQ(ours.output, theirs.output);
  }
  const Finished differ = disk({"compare", "a", "c"});
  EXPECT_EQ(differ.status, 1);
  EXPECT_EQ(differ.output, "Content mismatch at offset 500000!\n");
  EXPECT_EQ(disk({"compare", "a", "missing"}).status, 2);
}

TEST_F(Cli, RefusalsNameTheThing) {
  ASSERT_TRUE(write_file_atomically(folder_ / "text", as_bytes("not an image")));
  (void)good(disk({"create", "-q", "-f", "qcow2", "good", "1M"}));
  const auto bytes = read_file(folder_ / "good");
  ASSERT_TRUE(bytes);
  ASSERT_TRUE(write_file_atomically(folder_ / "cut", ByteView(*bytes).first(80)));
  const std::size_t before = files();
  expect_refused({"info", "missing"}, 1, "missing: No such file or directory");
  expect_refused({"info", "."}, 1, "is a directory");
  expect_refused({"info", "-f", "qcow2", "text"}, 1, "text: Image is not in qcow2 format");
  expect_refused({"info", "cut"}, 1, "cut: ends inside the qcow2 header");
  expect_refused({"convert", "missing", "out"}, 1, "missing: No such file");
  expect_refused({"convert", "-f", "qcow2", "text", "out"}, 1, "not in qcow2 format");
  expect_refused({"convert", "good", "good"}, 1, "same file");
  expect_refused({"convert", "good", "nowhere/out"}, 1, "nowhere/out: No such file");
  expect_refused({"convert", "-c", "-O", "raw", "good", "out"}, 1, "Compression not supported");
  expect_refused({"create", "-f", "foo", "out", "1M"}, 1, "Unknown file format 'foo'");
  expect_refused({"create", "-f", "qcow2", "-o", "foo=1", "out", "1M"}, 1,
                 "Invalid parameter 'foo'");
  expect_refused({"create", "-f", "qcow2", "out"}, 1, "needs a size");
  expect_refused({"create", "-f", "qcow2", "-b", "good", "out"}, 1, "without backing format");
  expect_refused({"create", "-f", "raw", "out", "9E"}, 1, "Invalid size");
  expect_refused({"check", "text"}, 63, "does not support checks");
  expect_refused({"snapshot", "-c", "s", "text"}, 1, "no internal snapshots");
  expect_refused({"bogus"}, 1, "Command not found: bogus");
  EXPECT_EQ(files(), before);
}

TEST_F(Cli, InterruptedConvertLeavesNothing) {
  // Reads as data, but of zeroes: long to copy and cheap to make. Compressed, because how much
  // space that needs is not known beforehand: no disk is too small to begin.
  (void)good(disk({"create", "-q", "-f", "qcow2", "-o", "preallocation=metadata,cluster_size=2M",
                   "big", "400G"}));
  const std::size_t before = files();
  ProcessOptions options;
  options.folder = folder_.path();
  auto converting = Process::start(
      {program("cassia-disk").string(), "convert", "-c", "-p", "-O", "qcow2", "big", "out"},
      options);
  ASSERT_TRUE(converting);
  ASSERT_TRUE(converting->wait_for_text("/100%"));
  converting->signal(SIGINT);
  const auto status = converting->wait(std::chrono::seconds(20));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(*status, 130);
  EXPECT_NE(converting->errors().find("canceled"), std::string::npos);
  EXPECT_EQ(files(), before);
}

}  // namespace
}  // namespace cassia::test
