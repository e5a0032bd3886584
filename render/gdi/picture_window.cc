// SPDX-License-Identifier: Apache-2.0
#include "render/gdi/picture_window.h"

namespace cassia::raster::gdi {
namespace {

constexpr const char* class_name = "CassiaPicture";
constexpr DWORD style = WS_CAPTION | WS_SYSMENU | WS_MINIMIZEBOX;

/// The size of the whole window for a picture.
Size with_frame(Size picture) {
  RECT frame{0, 0, picture.width, picture.height};
  ::AdjustWindowRect(&frame, style, FALSE);
  return {static_cast<std::int32_t>(frame.right - frame.left),
          static_cast<std::int32_t>(frame.bottom - frame.top)};
}

/// The device context of a window's inside, while this lives.
class WindowDc {
 public:
  explicit WindowDc(HWND window) : window_(window), dc_(::GetDC(window)) {}
  ~WindowDc() { ::ReleaseDC(window_, dc_); }
  WindowDc(const WindowDc&) = delete;
  WindowDc& operator=(const WindowDc&) = delete;
  HDC get() const { return dc_; }

 private:
  HWND window_;
  HDC dc_;
};

}  // namespace

Result<std::unique_ptr<PictureWindow>> PictureWindow::create(const GdiCanvas& canvas,
                                                             const std::string& title, Size size) {
  const HINSTANCE program = ::GetModuleHandleA(nullptr);
  WNDCLASSA about{};
  about.lpfnWndProc = &PictureWindow::on_message;
  about.hInstance = program;
  about.hCursor = ::LoadCursor(nullptr, IDC_ARROW);
  about.lpszClassName = class_name;
  // No background brush: every pixel is the picture's.
  if (::RegisterClassA(&about) == 0 && ::GetLastError() != ERROR_CLASS_ALREADY_EXISTS) {
    return fail(ErrorKind::internal, "RegisterClass failed (Windows error {})", ::GetLastError());
  }
  std::unique_ptr<PictureWindow> made(new PictureWindow(canvas));
  const Size whole = with_frame(size);
  made->window_ =
      ::CreateWindowExA(0, class_name, title.c_str(), style, CW_USEDEFAULT, CW_USEDEFAULT,
                        whole.width, whole.height, nullptr, nullptr, program, made.get());
  CASSIA_TRY(check(made->window_ != nullptr, "CreateWindowEx"));
  ::ShowWindow(made->window_, SW_SHOWNORMAL);
  return made;
}

PictureWindow::~PictureWindow() {
  if (window_ == nullptr) return;
  ::SetWindowLongPtrA(window_, GWLP_USERDATA, 0);
  ::DestroyWindow(window_);
}

LRESULT CALLBACK PictureWindow::on_message(HWND window, UINT message, WPARAM wide, LPARAM low) {
  if (message == WM_NCCREATE) {
    const auto* about = reinterpret_cast<const CREATESTRUCTA*>(low);
    ::SetWindowLongPtrA(window, GWLP_USERDATA, reinterpret_cast<LONG_PTR>(about->lpCreateParams));
  }
  auto* self = reinterpret_cast<PictureWindow*>(::GetWindowLongPtrA(window, GWLP_USERDATA));
  if (self != nullptr && message == WM_PAINT) {
    self->window_ = window;
    self->paint();
    return 0;
  }
  if (self != nullptr && message == WM_CLOSE) {
    self->closed_ = true;
    return 0;
  }
  return ::DefWindowProcA(window, message, wide, low);
}

void PictureWindow::paint() {
  PAINTSTRUCT painting{};
  const HDC dc = ::BeginPaint(window_, &painting);
  // There is nobody to tell of a failure; the next present tries again.
  [[maybe_unused]] const auto done = copy_to(dc, Region(Rect::of(area_.size())));
  ::EndPaint(window_, &painting);
}

Result<void> PictureWindow::show(SurfaceId surface, const Rect& area) {
  surface_ = surface;
  area_ = area;
  const Size whole = with_frame(area.size());
  CASSIA_TRY(check(::SetWindowPos(window_, nullptr, 0, 0, whole.width, whole.height,
                                  SWP_NOMOVE | SWP_NOZORDER | SWP_NOACTIVATE),
                   "SetWindowPos"));
  return present(Region(Rect::of(area.size())));
}

Result<void> PictureWindow::present(const Region& damage) {
  const WindowDc dc(window_);
  return copy_to(dc.get(), damage);
}

Result<void> PictureWindow::copy_to(HDC dc, const Region& damage) const {
  const HBITMAP picture = canvas_.handle(surface_);
  if (picture == nullptr) return {};  // gone, or not there yet
  const OwnedDc from(::CreateCompatibleDC(dc));
  const Selected selected(from.get(), picture);
  for (const Rect& r : damage.rects()) {
    CASSIA_TRY(check(::BitBlt(dc, r.left, r.top, r.width(), r.height(), from.get(),
                              area_.left + r.left, area_.top + r.top, SRCCOPY),
                     "BitBlt"));
  }
  return {};
}

Result<Bitmap> PictureWindow::capture() const {
  Dib dib = CASSIA_TRY(Dib::create(area_.size(), PixelFormat::xrgb32));
  {
    const WindowDc dc(window_);
    const OwnedDc to(::CreateCompatibleDC(dc.get()));
    const Selected selected(to.get(), dib.handle());
    CASSIA_TRY(
        check(::BitBlt(to.get(), 0, 0, area_.width(), area_.height(), dc.get(), 0, 0, SRCCOPY),
              "BitBlt"));
  }
  ::GdiFlush();
  return dib.bitmap();
}

bool PictureWindow::pump() {
  MSG message;
  while (!closed_ && ::PeekMessageA(&message, nullptr, 0, 0, PM_REMOVE)) {
    ::DispatchMessageA(&message);
  }
  return !closed_;
}

void PictureWindow::run_until_closed() {
  MSG message;
  while (!closed_ && ::GetMessageA(&message, nullptr, 0, 0) > 0) ::DispatchMessageA(&message);
}

}  // namespace cassia::raster::gdi
