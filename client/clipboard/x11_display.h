// SPDX-License-Identifier: Apache-2.0
#pragma once

// What both sides of a selection need of the X server: a connection of their own, the atoms, and
// which target stands for which kind of clipboard contents. One thread. Rules: ICCCM, section 2.

#include <xcb/xcb.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "client/clipboard/host_clipboard.h"

namespace cassia::client {

/// How the bytes of a target look beside those of the guest's agent.
enum class TargetForm { utf8, latin1, any_text, plain, copied_files, uri_list };

struct Target {
  xcb_atom_t atom = XCB_ATOM_NONE;
  spice::ClipboardType type = spice::ClipboardType::none;
  TargetForm form = TargetForm::plain;
};

struct XFree {
  void operator()(void* reply) const { std::free(reply); }
};
template <class T>
using XReply = std::unique_ptr<T, XFree>;

/// A property of a window.
struct Property {
  xcb_atom_t type = XCB_ATOM_NONE;  ///< none: there is no such property
  std::uint8_t format = 0;          ///< bits an item: 8, 16, 32
  Bytes data;
};

class X11Display {
 public:
  /// The server of DISPLAY. Errors (unsupported): none, or one without the extension XFIXES.
  static Result<std::unique_ptr<X11Display>> open();
  ~X11Display();

  xcb_connection_t* get() const { return connection_; }
  bool broken() const { return xcb_connection_has_error(connection_) != 0; }
  void flush() const { xcb_flush(connection_); }

  xcb_window_t make_window(std::uint32_t event_mask) const;
  /// The current owner; none (0) if nobody.
  xcb_window_t owner(xcb_atom_t selection) const;
  /// Reads a property and deletes it. Errors: no_space beyond `cap` bytes, then it stays.
  Result<Property> take_property(xcb_window_t window, xcb_atom_t property, std::size_t cap) const;
  /// The most bytes for one ChangeProperty.
  std::size_t largest_change() const;

  /// Best first, of each type. What the guest can give is offered as all of its type's.
  const std::vector<Target>& targets() const { return targets_; }
  const Target* target(xcb_atom_t atom) const;
  xcb_atom_t selection(spice::Selection which) const;
  /// Nothing if it is none of the three.
  std::optional<spice::Selection> selection_of(xcb_atom_t atom) const;

  struct Atoms {
    xcb_atom_t clipboard, targets, multiple, timestamp, incr, atom_pair, kde_cut, uri_list, data;
  };
  const Atoms& atoms() const { return atoms_; }
  std::uint8_t xfixes_event() const { return xfixes_event_; }

 private:
  X11Display() = default;
  void intern();

  xcb_connection_t* connection_ = nullptr;
  xcb_screen_t* screen_ = nullptr;
  std::uint8_t xfixes_event_ = 0;
  Atoms atoms_{};
  std::vector<Target> targets_;
};

/// The agent's contents as `form` has them; an error where they cannot be said in it.
Result<SharedBytes> to_form(TargetForm form, const SharedBytes& data);
/// And back. `cut`: for uri_list, which does not say.
Result<Bytes> from_form(TargetForm form, Bytes data, bool cut);

}  // namespace cassia::client
