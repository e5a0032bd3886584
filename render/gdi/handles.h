// SPDX-License-Identifier: Apache-2.0
#pragma once

// Owned GDI objects, and the error of a call that failed.

#include <windows.h>

#include <memory>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace cassia::raster::gdi {

struct DeleteObjectLater {
  void operator()(void* object) const { ::DeleteObject(object); }
};
struct DeleteDcLater {
  void operator()(HDC dc) const { ::DeleteDC(dc); }
};
using OwnedBitmap = std::unique_ptr<std::remove_pointer_t<HBITMAP>, DeleteObjectLater>;
using OwnedBrush = std::unique_ptr<std::remove_pointer_t<HBRUSH>, DeleteObjectLater>;
using OwnedRegion = std::unique_ptr<std::remove_pointer_t<HRGN>, DeleteObjectLater>;
using OwnedDc = std::unique_ptr<std::remove_pointer_t<HDC>, DeleteDcLater>;

/// `object` is selected into `dc` while this lives. Windows deletes no object that is selected.
class Selected {
 public:
  Selected(HDC dc, HGDIOBJ object) : dc_(dc), before_(::SelectObject(dc, object)) {}
  ~Selected() { ::SelectObject(dc_, before_); }
  Selected(const Selected&) = delete;
  Selected& operator=(const Selected&) = delete;

 private:
  HDC dc_;
  HGDIOBJ before_;
};

/// What a GDI function's BOOL says, as a Result.
inline Result<void> check(BOOL done, std::string_view call) {
  if (done) return {};
  return fail(ErrorKind::internal, "{} failed (Windows error {})", call, ::GetLastError());
}

}  // namespace cassia::raster::gdi
