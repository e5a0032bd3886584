// SPDX-License-Identifier: Apache-2.0
#include "server/guest/demo_devices.h"

#include <boost/asio/post.hpp>

#include "channels/webdav/webdav_mux.h"
#include "server/guest/folder_listing.h"

namespace cassia::server {
namespace {

using channels::PortEvent;
using spice::ChannelId;
using spice::ChannelType;

constexpr ChannelId echo_id{ChannelType::port, 0};
constexpr ChannelId folder_id{ChannelType::webdav, 0};

/// What both have in common: they listen to one viewer and say when they are there.
class DemoEnd : public DeviceEnd, public std::enable_shared_from_this<DemoEnd> {
 public:
  explicit DemoEnd(std::weak_ptr<DeviceEnd> viewer) : viewer_(std::move(viewer)) {}

  /// Posted: the viewer's end knows this one by then.
  virtual void begin() = 0;

  void device_ready(const std::string&, bool) override {}
  void device_card(const channels::CardMessage&) override {}
  void device_gone(const Error&) override { viewer_.reset(); }
  bool device_takes() const override {
    const auto viewer = viewer_.lock();
    return viewer && viewer->device_takes();
  }
  /// The viewer takes more: then it may also say more.
  void device_resume() override {
    if (const auto viewer = viewer_.lock()) viewer->device_resume();
  }

 protected:
  std::shared_ptr<DeviceEnd> viewer() const { return viewer_.lock(); }

 private:
  std::weak_ptr<DeviceEnd> viewer_;
};

class Echo final : public DemoEnd {
 public:
  using DemoEnd::DemoEnd;
  void begin() override {
    if (const auto to = viewer()) {
      to->device_ready(demo_echo_port, true);
      to->device_resume();
    }
  }
  void device_data(ByteView data) override {
    if (const auto to = viewer()) to->device_data(data);
  }
  void device_event(PortEvent event) override {
    if (const auto to = viewer(); to && event == PortEvent::break_) to->device_event(event);
  }
};

/// Asks for the list of the shared folder, as the guest's file manager would.
class FolderReader final : public DemoEnd {
 public:
  FolderReader(std::weak_ptr<DeviceEnd> viewer, std::function<void(const std::string&)> told)
      : DemoEnd(std::move(viewer)),
        told_(std::move(told)),
        reader_([this](channels::MuxId id, ByteView data) { answer(id, data); }) {}

  void begin() override {
    const auto to = viewer();
    if (!to) return;
    to->device_ready(channels::webdav_port_name, true);
    to->device_data(channels::mux_frames(1, as_bytes(FolderListing::request())));
    to->device_resume();
  }
  bool device_takes() const override { return true; }
  void device_data(ByteView data) override { reader_.feed(data); }
  void device_event(PortEvent) override {}

 private:
  void answer(channels::MuxId id, ByteView data) {
    if (id != 1 || done_) return;
    if (!data.empty() && !listing_.receive(data)) return;
    done_ = true;
    told_(listing_.sentence());
    // Another connection may follow on a real guest; this one has seen what it wanted.
    if (const auto to = viewer(); to && !data.empty()) to->device_data(channels::mux_frames(1, {}));
  }

  std::function<void(const std::string&)> told_;
  channels::MuxReader reader_;
  FolderListing listing_;
  bool done_ = false;
};

}  // namespace

std::vector<GuestDevice> DemoDevices::list() {
  return {{echo_id, demo_echo_port}, {folder_id, channels::webdav_port_name}};
}

std::shared_ptr<DeviceEnd> DemoDevices::open(ChannelId id, std::weak_ptr<DeviceEnd> viewer) {
  std::shared_ptr<DemoEnd> end;
  if (id == echo_id) end = std::make_shared<Echo>(std::move(viewer));
  if (id == folder_id) end = std::make_shared<FolderReader>(std::move(viewer), folder_);
  if (end) boost::asio::post(executor_, [end] { end->begin(); });
  return end;
}

}  // namespace cassia::server
