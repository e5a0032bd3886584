// SPDX-License-Identifier: Apache-2.0
#pragma once

// The thread behind the X server's clipboards: hears who owns them, asks owners what they have, and
// serves those who paste.

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/file_descriptor.h"
#include "client/clipboard/selection_owner.h"
#include "client/clipboard/selection_reader.h"

namespace cassia::client {

class X11Worker {
 public:
  /// `events` are told on the thread of run().
  static Result<std::unique_ptr<X11Worker>> open(HostClipboardEvents& events);

  // Any thread.
  void post(std::function<void(X11Worker&)> job);
  void stop();  ///< run() returns

  /// Until stop(), or the X server is gone.
  void run();

  // On its thread.
  void offer(spice::Selection selection, const ClipboardTypes& types);
  void withdraw(spice::Selection selection);
  void give(spice::Selection selection, spice::ClipboardType type, const SharedBytes& data);
  void fetch(spice::Selection selection, spice::ClipboardType type);

 private:
  /// What other programs have in a selection.
  struct Host {
    std::vector<xcb_atom_t> targets;
    bool looking = false;  ///< asks the owner for its targets
    bool again = false;    ///< and once more: the owner has changed meanwhile
    std::deque<spice::ClipboardType> fetches;  ///< the first is under way
  };
  X11Worker(std::unique_ptr<X11Display> display, HostClipboardEvents& events);
  Result<void> begin();
  void do_jobs();
  bool do_events();  ///< true if there were any
  void on_event(const xcb_generic_event_t& event);
  void on_owner(spice::Selection selection, xcb_window_t owner);
  void look(spice::Selection selection);
  void looked(spice::Selection selection, const Result<Property>& targets);
  void fetch_next(spice::Selection selection);
  void fetch_from(spice::Selection selection, const Target& target, bool cut);
  void fetched(spice::Selection selection, Result<Bytes> data);
  bool has(const Host& host, xcb_atom_t target) const;
  const Target* best(const Host& host, spice::ClipboardType type) const;
  Host& host(spice::Selection s) { return hosts_[static_cast<std::size_t>(s)]; }

  std::unique_ptr<X11Display> display_;
  HostClipboardEvents& events_;
  SelectionOwner owner_;
  SelectionReader reader_;
  std::array<Host, spice::selection_count> hosts_;
  TimePoint now_{};
  FileDescriptor wake_;  ///< an eventfd
  std::mutex mutex_;
  std::deque<std::function<void(X11Worker&)>> jobs_;
  bool stopped_ = false;
};

}  // namespace cassia::client
