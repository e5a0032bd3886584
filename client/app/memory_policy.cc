// SPDX-License-Identifier: Apache-2.0
#include "client/app/memory_policy.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace cassia::client {
namespace {

constexpr std::uintptr_t page = std::uintptr_t{2} << 20;
/// What the heap grows by. Address space: a page that is never written to takes no memory.
constexpr int step = 64 << 20;
/// The C library has no higher one.
constexpr int mapped_alone_from = 32 << 20;

}  // namespace

void use_large_pages() {
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_MMAP_THRESHOLD, mapped_alone_from);
  ::mallopt(M_TRIM_THRESHOLD, 2 * step);
  ::mallopt(M_TOP_PAD, step);
  void* first = std::malloc(std::size_t{1} << 20);  // more than the heap has: it grows
  const auto begin = (reinterpret_cast<std::uintptr_t>(first) + page - 1) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  // Elsewhere than in the heap (a sanitizer's memory): then it is left as it is.
  if (first != nullptr && begin < end && end - begin < 2 * std::uintptr_t{step}) {
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  }
  std::free(first);
}

}  // namespace cassia::client
