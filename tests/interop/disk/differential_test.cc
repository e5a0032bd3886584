// SPDX-License-Identifier: Apache-2.0
// The same random operations by Cassia on one image and by qemu-io on another, turn by turn also by
// both on one image: all must end up the same.

#include <random>

#include "tests/interop/disk/peer.h"

namespace cassia::test {
namespace {

struct Setup {
  const char* options;
  bool backing;
};

class Differential : public DiskTest, public ::testing::WithParamInterface<Setup> {
 protected:
  static constexpr std::uint64_t kSize = 8u << 20;

  struct Step {
    bool zero;
    std::uint64_t offset;
    std::uint64_t length;
    unsigned pattern;
    std::string text() const {
      const std::string range = std::to_string(offset) + " " + std::to_string(length);
      return zero ? "write -z " + range : "write -P " + std::to_string(pattern) + " " + range;
    }
  };

  std::vector<Step> steps(std::mt19937& random, int count) {
    std::vector<Step> all;
    for (int i = 0; i < count; ++i) {
      const std::uint64_t offset = random() % kSize;
      const std::uint64_t most = i % 8 == 0 ? 600000 : 20000;
      all.push_back({random() % 4 == 0, offset,
                     std::min<std::uint64_t>(kSize - offset, 1 + random() % most),
                     static_cast<unsigned>(1 + random() % 255)});
    }
    return all;
  }

  void by_cassia(const std::string& file, const std::vector<Step>& all) {
    const auto opened = open(file, true);
    ASSERT_TRUE(opened.image);
    for (const Step& step : all) {
      if (step.zero) {
        ASSERT_TRUE(opened.image->write_zeroes(step.offset, step.length, storage::ZeroMode::unmap));
      } else {
        const Bytes content(step.length, static_cast<std::uint8_t>(step.pattern));
        ASSERT_TRUE(opened.image->write(step.offset, content));
      }
    }
    ASSERT_TRUE(opened.image->close());
  }

  void by_qemu(const std::string& file, const std::string& format, const std::vector<Step>& all) {
    std::vector<std::string> commands;
    for (const Step& step : all) commands.push_back(step.text());
    qemu_io(file, commands, format);
  }
};

TEST_P(Differential, SameStepsSameDisk) {
  std::vector<std::string> make{"create", "-q", "-f", "qcow2"};
  if (*GetParam().options != '\0') make.insert(make.end(), {"-o", GetParam().options});
  (void)good(qemu_img({"create", "-q", "-f", "raw", "model.raw", "8M"}));
  if (GetParam().backing) {
    (void)good(qemu_img({"create", "-q", "-f", "raw", "base.raw", "5M"}));
    qemu_io("base.raw", {"write -P 0xbb 0 5M"}, "raw");
    qemu_io("model.raw", {"write -P 0xbb 0 5M"}, "raw");
    make.insert(make.end(), {"-b", "base.raw", "-F", "raw"});
  }
  make.insert(make.end(), {"ours.qcow2", "8M"});
  (void)good(disk(make));
  std::mt19937 random(99);
  for (int round = 0; round < 3; ++round) {
    const auto mine = steps(random, 40);
    by_cassia("ours.qcow2", mine);
    by_qemu("model.raw", "raw", mine);
    expect_sound("ours.qcow2");
    expect_same("ours.qcow2", "qcow2", "model.raw", "raw");
    const auto theirs = steps(random, 20);
    by_qemu("ours.qcow2", "qcow2", theirs);
    by_qemu("model.raw", "raw", theirs);
    expect_same("ours.qcow2", "qcow2", "model.raw", "raw");
    if (std::string(GetParam().options).find("refcount_bits=1,") != std::string::npos) continue;
    const std::string name = "s" + std::to_string(round);
    (void)good(round % 2 == 0 ? disk({"snapshot", "-c", name, "ours.qcow2"})
                              : qemu_img({"snapshot", "-c", name, "ours.qcow2"}));
    expect_sound("ours.qcow2");
  }
}

INSTANTIATE_TEST_SUITE_P(Setups, Differential,
                         ::testing::Values(Setup{"", false}, Setup{"", true},
                                           Setup{"compat=0.10", true},
                                           Setup{"cluster_size=512", true},
                                           Setup{"refcount_bits=1,cluster_size=4k", false},
                                           Setup{"cluster_size=2M,refcount_bits=8", true},
                                           Setup{"preallocation=metadata", false}));

}  // namespace
}  // namespace cassia::test
