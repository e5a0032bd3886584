// SPDX-License-Identifier: Apache-2.0
#include "base/shared_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace cassia {
namespace {

std::shared_ptr<const FileDescriptor> duplicate(const SharedMemory& memory) {
  return std::make_shared<FileDescriptor>(::dup(memory.descriptor()->get()));
}

TEST(SharedMemoryTest, BothSidesSeeTheSameBytes) {
  const auto ours = SharedMemory::create(8192, "test");
  ASSERT_TRUE(ours) << ours.error().message();
  const auto theirs = SharedMemory::map(duplicate(**ours), 8192);
  ASSERT_TRUE(theirs) << theirs.error().message();
  (*ours)->data()[8191] = 42;
  const SharedMemory::ReadAccess reading(**theirs);
  EXPECT_EQ((*theirs)->data()[8191], 42);
}

TEST(SharedMemoryTest, ThePeerCanNeitherWriteNorResize) {
  const auto ours = SharedMemory::create(8192, "test");
  ASSERT_TRUE(ours);
  const int fd = (*ours)->descriptor()->get();
  EXPECT_NE(::ftruncate(fd, 4096), 0);
  EXPECT_NE(::ftruncate(fd, 16384), 0);
  EXPECT_LT(::write(fd, "x", 1), 0);
  EXPECT_EQ(::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
}

TEST(SharedMemoryTest, WhatCanShrinkOrIsTooSmallIsRefused) {
  const auto loose = std::make_shared<FileDescriptor>(::memfd_create("loose", MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(loose->get(), 8192), 0);
  const auto unsealed = SharedMemory::map(loose, 8192);
  ASSERT_FALSE(unsealed);
  EXPECT_EQ(unsealed.error().kind(), ErrorKind::permission);
  ASSERT_EQ(::fcntl(loose->get(), F_ADD_SEALS, F_SEAL_SHRINK), 0);
  EXPECT_TRUE(SharedMemory::map(loose, 8192));
  EXPECT_FALSE(SharedMemory::map(loose, 8193));
  const auto pipe_like = std::make_shared<FileDescriptor>(::open("/dev/null", O_RDONLY));
  EXPECT_FALSE(SharedMemory::map(pipe_like, 1));
}

}  // namespace
}  // namespace cassia
