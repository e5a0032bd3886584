// SPDX-License-Identifier: Apache-2.0
#include "client/clipboard/x11_display.h"

#include <xcb/xfixes.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace cassia::client {

using spice::ClipboardType;
using spice::Selection;

namespace {

struct TargetName {
  const char* name;
  ClipboardType type;
  TargetForm form;
};
constexpr TargetName target_names[] = {
    {"UTF8_STRING", ClipboardType::utf8_text, TargetForm::utf8},
    {"text/plain;charset=utf-8", ClipboardType::utf8_text, TargetForm::utf8},
    {"TEXT", ClipboardType::utf8_text, TargetForm::any_text},
    {"text/plain", ClipboardType::utf8_text, TargetForm::any_text},
    {"STRING", ClipboardType::utf8_text, TargetForm::latin1},
    {"image/png", ClipboardType::png, TargetForm::plain},
    {"image/bmp", ClipboardType::bmp, TargetForm::plain},
    {"image/x-bmp", ClipboardType::bmp, TargetForm::plain},
    {"image/x-MS-bmp", ClipboardType::bmp, TargetForm::plain},
    {"image/x-win-bitmap", ClipboardType::bmp, TargetForm::plain},
    {"image/tiff", ClipboardType::tiff, TargetForm::plain},
    {"image/jpeg", ClipboardType::jpg, TargetForm::plain},
    {"x-special/gnome-copied-files", ClipboardType::file_list, TargetForm::copied_files},
    {"x-special/mate-copied-files", ClipboardType::file_list, TargetForm::copied_files},
    {"text/uri-list", ClipboardType::file_list, TargetForm::uri_list},
};

class Interner {
 public:
  explicit Interner(xcb_connection_t* connection) : connection_(connection) {}
  void ask(const char* name, xcb_atom_t& atom) {
    const auto length = static_cast<std::uint16_t>(std::strlen(name));
    asked_.push_back({&atom, xcb_intern_atom(connection_, 0, length, name)});
  }
  void finish() {
    for (const auto& [atom, cookie] : asked_) {
      const XReply<xcb_intern_atom_reply_t> reply(
          xcb_intern_atom_reply(connection_, cookie, nullptr));
      *atom = reply ? reply->atom : static_cast<xcb_atom_t>(XCB_ATOM_NONE);
    }
  }

 private:
  struct Asked {
    xcb_atom_t* atom;
    xcb_intern_atom_cookie_t cookie;
  };
  xcb_connection_t* connection_;
  std::vector<Asked> asked_;
};

}  // namespace

Result<std::unique_ptr<X11Display>> X11Display::open() {
  std::unique_ptr<X11Display> display(new X11Display);
  int screen = 0;
  display->connection_ = xcb_connect(nullptr, &screen);
  if (display->broken()) return fail(ErrorKind::unsupported, "no connection to the X server");
  auto screens = xcb_setup_roots_iterator(xcb_get_setup(display->connection_));
  for (; screen > 0 && screens.rem > 1; --screen) xcb_screen_next(&screens);
  display->screen_ = screens.data;
  const xcb_query_extension_reply_t* xfixes =
      xcb_get_extension_data(display->connection_, &xcb_xfixes_id);
  if (xfixes == nullptr || !xfixes->present || display->screen_ == nullptr) {
    return fail(ErrorKind::unsupported, "the X server does not tell who owns its selections");
  }
  display->xfixes_event_ =
      static_cast<std::uint8_t>(xfixes->first_event + XCB_XFIXES_SELECTION_NOTIFY);
  const XReply<xcb_xfixes_query_version_reply_t> version(xcb_xfixes_query_version_reply(
      display->connection_, xcb_xfixes_query_version(display->connection_, 1, 0), nullptr));
  display->intern();
  return display;
}

X11Display::~X11Display() { xcb_disconnect(connection_); }

void X11Display::intern() {
  Interner interner(connection_);
  targets_.resize(std::size(target_names));
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    targets_[i].type = target_names[i].type;
    targets_[i].form = target_names[i].form;
    interner.ask(target_names[i].name, targets_[i].atom);
  }
  interner.ask("CLIPBOARD", atoms_.clipboard);
  interner.ask("TARGETS", atoms_.targets);
  interner.ask("MULTIPLE", atoms_.multiple);
  interner.ask("TIMESTAMP", atoms_.timestamp);
  interner.ask("INCR", atoms_.incr);
  interner.ask("ATOM_PAIR", atoms_.atom_pair);
  interner.ask("application/x-kde-cutselection", atoms_.kde_cut);
  interner.ask("text/uri-list", atoms_.uri_list);
  interner.ask("CASSIA_CLIPBOARD", atoms_.data);
  interner.finish();
}

xcb_window_t X11Display::make_window(std::uint32_t event_mask) const {
  const xcb_window_t window = xcb_generate_id(connection_);
  xcb_create_window(connection_, 0, window, screen_->root, -1, -1, 1, 1, 0,
                    XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT, XCB_CW_EVENT_MASK,
                    &event_mask);
  return window;
}

xcb_window_t X11Display::owner(xcb_atom_t selection) const {
  const XReply<xcb_get_selection_owner_reply_t> reply(xcb_get_selection_owner_reply(
      connection_, xcb_get_selection_owner(connection_, selection), nullptr));
  return reply ? reply->owner : static_cast<xcb_window_t>(XCB_WINDOW_NONE);
}

Result<Property> X11Display::take_property(xcb_window_t window, xcb_atom_t property,
                                           std::size_t cap) const {
  // It is deleted only if all of it has come.
  const auto words = static_cast<std::uint32_t>(cap / 4 + 1);
  const XReply<xcb_get_property_reply_t> about(xcb_get_property_reply(
      connection_, xcb_get_property(connection_, 0, window, property, XCB_ATOM_ANY, 0, 0),
      nullptr));
  if (!about) return fail(ErrorKind::closed, "the window with the contents is gone");
  if (about->bytes_after > cap) {
    return fail(ErrorKind::no_space, "too large for the guest's clipboard");
  }
  const XReply<xcb_get_property_reply_t> reply(xcb_get_property_reply(
      connection_, xcb_get_property(connection_, 1, window, property, XCB_ATOM_ANY, 0, words),
      nullptr));
  if (!reply) return fail(ErrorKind::closed, "the window with the contents is gone");
  if (reply->bytes_after > 0) {
    return fail(ErrorKind::no_space, "too large for the guest's clipboard");
  }
  Property out{reply->type, reply->format, {}};
  const auto* data = static_cast<const std::uint8_t*>(xcb_get_property_value(reply.get()));
  out.data.assign(data, data + xcb_get_property_value_length(reply.get()));
  return out;
}

std::size_t X11Display::largest_change() const {
  // Of the request, in words; some of it is the request's own. More than a quarter of a megabyte
  // at once would only hold up the server for others.
  const std::size_t request = std::size_t{xcb_get_maximum_request_length(connection_)} * 4;
  return std::clamp<std::size_t>(request, 8192, std::size_t{256} << 10) - 4096;
}

const Target* X11Display::target(xcb_atom_t atom) const {
  const auto found = std::find_if(targets_.begin(), targets_.end(),
                                  [atom](const Target& t) { return t.atom == atom; });
  return found == targets_.end() || atom == XCB_ATOM_NONE ? nullptr : &*found;
}

xcb_atom_t X11Display::selection(Selection which) const {
  if (which == Selection::clipboard) return atoms_.clipboard;
  return which == Selection::primary ? XCB_ATOM_PRIMARY : XCB_ATOM_SECONDARY;
}

std::optional<Selection> X11Display::selection_of(xcb_atom_t atom) const {
  for (const auto which : {Selection::clipboard, Selection::primary, Selection::secondary}) {
    if (selection(which) == atom) return which;
  }
  return std::nullopt;
}

}  // namespace cassia::client
