// SPDX-License-Identifier: Apache-2.0
#include "client/clipboard/x11_clipboard.h"

#include <mutex>
#include <thread>

#include "base/log.h"
#include "client/clipboard/x11_worker.h"

namespace cassia::client {
namespace {

using spice::ClipboardType;
using spice::Selection;

/// The main thread's side: what it wants goes to the worker, what has happened waits here.
class X11Clipboard final : public HostClipboard, private HostClipboardEvents {
 public:
  explicit X11Clipboard(std::function<void()> wake) : wake_(std::move(wake)) {}
  ~X11Clipboard() override {
    if (!worker_) return;
    worker_->stop();
    thread_.join();
  }
  Result<void> start() {
    worker_ = CASSIA_TRY(X11Worker::open(*this));
    thread_ = std::thread([this] { worker_->run(); });
    return {};
  }

  void offer(Selection selection, const ClipboardTypes& types) override {
    worker_->post([=](X11Worker& worker) { worker.offer(selection, types); });
  }
  void withdraw(Selection selection) override {
    worker_->post([=](X11Worker& worker) { worker.withdraw(selection); });
  }
  void give(Selection selection, ClipboardType type, const SharedBytes& data) override {
    worker_->post([=](X11Worker& worker) { worker.give(selection, type, data); });
  }
  void fetch(Selection selection, ClipboardType type) override {
    worker_->post([=](X11Worker& worker) { worker.fetch(selection, type); });
  }
  void look(bool) override {}  // the server tells

  void dispatch(HostClipboardEvents& events) override {
    std::deque<Event> happened;
    {
      const std::lock_guard lock(mutex_);
      happened.swap(happened_);
    }
    for (const Event& event : happened) event(events);
  }

 private:
  using Event = std::function<void(HostClipboardEvents&)>;

  // On the worker's thread. How many wait is bounded there.
  void host_offers(Selection selection, const ClipboardTypes& types) override {
    push([=](HostClipboardEvents& events) { events.host_offers(selection, types); });
  }
  void host_wants(Selection selection, ClipboardType type) override {
    push([=](HostClipboardEvents& events) { events.host_wants(selection, type); });
  }
  void host_gave(Selection selection, ClipboardType type, const SharedBytes& data) override {
    push([=](HostClipboardEvents& events) { events.host_gave(selection, type, data); });
  }
  void push(Event event) {
    {
      const std::lock_guard lock(mutex_);
      happened_.push_back(std::move(event));
    }
    if (wake_) wake_();
  }

  const std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<Event> happened_;
  std::unique_ptr<X11Worker> worker_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<HostClipboard>> make_x11_clipboard(std::function<void()> wake) {
  auto clipboard = std::make_unique<X11Clipboard>(std::move(wake));
  CASSIA_TRY(clipboard->start());
  return std::unique_ptr<HostClipboard>(std::move(clipboard));
}

}  // namespace cassia::client
