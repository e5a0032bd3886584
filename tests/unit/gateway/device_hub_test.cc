// SPDX-License-Identifier: Apache-2.0
// Who has which device channel, and what passes between a viewer's end and the guest's.

#include "server/gateway/device_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "server/guest/guest_source.h"
#include "server/guest/upstream_device.h"
#include "tests/unit/channels/harness.h"

namespace cassia::server {
namespace {

using channels::Pair;
using channels::PortEvent;
using spice::ChannelId;
using spice::ChannelType;

constexpr ChannelId usb{ChannelType::usbredir, 0};
constexpr ChannelId card{ChannelType::smartcard, 0};
constexpr ChannelId guests_port{ChannelType::port, 0};
constexpr ChannelId port{ChannelType::port, 1};  // as viewers see it

/// The guest's end of one opened channel.
struct FakeEnd : DeviceEnd {
  void device_ready(const std::string&, bool) override {}
  void device_data(ByteView d) override { data.insert(data.end(), d.begin(), d.end()); }
  void device_event(PortEvent e) override { events.push_back(e); }
  void device_card(const channels::CardMessage& m) override { cards.push_back(m.type); }
  bool device_takes() const override { return takes; }
  void device_resume() override { ++resumed; }
  void device_gone(const Error&) override { gone = true; }
  DeviceEnd& peer() const { return *viewer.lock(); }
  std::weak_ptr<DeviceEnd> viewer;
  Bytes data;
  std::vector<PortEvent> events;
  std::vector<channels::CardMessageType> cards;
  bool takes = true, gone = false;
  int resumed = 0;
};

struct FakeGuest : GuestSource {
  void start(GuestEvents&) override {}
  void stop() override {}
  std::string name() const override { return "fake"; }
  void key_down(std::uint32_t) override {}
  void key_up(std::uint32_t) override {}
  void key_modifiers(std::uint16_t) override {}
  void mouse_motion(std::int32_t, std::int32_t, channels::ButtonMask) override {}
  void mouse_position(std::uint32_t, std::uint32_t, channels::ButtonMask, DisplayId) override {}
  void mouse_press(channels::MouseButton, channels::ButtonMask) override {}
  void mouse_release(channels::MouseButton, channels::ButtonMask) override {}
  void request_mouse_mode(channels::MouseMode) override {}
  std::shared_ptr<DeviceEnd> open_device(ChannelId id, std::weak_ptr<DeviceEnd> viewer) override {
    asked.push_back(id);
    if (away) return nullptr;
    end = std::make_shared<FakeEnd>();
    end->viewer = std::move(viewer);
    return end;
  }
  std::vector<ChannelId> asked;
  std::shared_ptr<FakeEnd> end;
  bool away = false;
};

struct ClientLog : channels::PortEvents {
  void port_opened(const std::string& n, bool o) override { opened.emplace_back(n, o); }
  void port_data(ByteView d) override { data.insert(data.end(), d.begin(), d.end()); }
  void port_event(PortEvent e) override { events.push_back(e); }
  void port_closed(const Error& why) override { closed = why; }
  std::vector<std::pair<std::string, bool>> opened;
  Bytes data;
  std::vector<PortEvent> events;
  std::optional<Error> closed;
};

class DeviceHubTest : public testing::Test {
 protected:
  /// A viewer that links the channel; its LinkGate's part is played by the pair.
  struct Viewer {
    ClientLog log;
    channels::PortClient* client = nullptr;
    std::shared_ptr<DeviceViewer> events;
    std::unique_ptr<Pair> pair;
    ~Viewer() {
      if (pair) {
        pair->server->closed({ErrorKind::closed, "end"});
        pair.reset();
      }
    }
  };
  std::unique_ptr<Viewer> open(ChannelId id) {
    auto viewer = std::make_unique<Viewer>();
    auto made = channels::PortClient::create(viewer->log, {.named = id.type == ChannelType::port});
    viewer->client = made.get();
    viewer->pair = std::make_unique<Pair>(
        [raw = viewer.get()](const channels::LinkRequest&) { return raw->events->make_channel(); },
        std::move(made), channels::ClientLinkParams{id}, 4096);
    if (const auto possible = hub.open(id)) {
      viewer->events = *possible;
    } else {
      viewer->pair->policy.open_refusal = possible.error();
    }
    viewer->pair->pump();
    return viewer;
  }

  FakeGuest guest;
  std::vector<ChannelId> appeared;
  DeviceHub hub{guest, [this](const std::vector<ChannelId>& ids) {
                  appeared.insert(appeared.end(), ids.begin(), ids.end());
                }};
};

TEST_F(DeviceHubTest, NumbersPortsBehindTheStorageChannel) {
  hub.offered({{usb, {}}, {guests_port, "a"}, {{ChannelType::port, 255}, "no number left"}});
  EXPECT_THAT(appeared, testing::ElementsAre(usb, port));
  hub.offered({{usb, {}}, {guests_port, "a"}, {card, {}}});
  EXPECT_THAT(appeared, testing::ElementsAre(usb, port, card));  // only what is new
  hub.guest_away();
  EXPECT_TRUE(hub.has(port));
  EXPECT_FALSE(hub.open(port));  // not before it is back
}

TEST_F(DeviceHubTest, TheFirstViewerHasItUntilItCloses) {
  hub.offered({{usb, {}}});
  auto first = open(usb);
  ASSERT_TRUE(guest.end);
  const auto taken = hub.open(usb);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind(), ErrorKind::not_found);  // CHANNEL_NOT_AVAILABLE
  EXPECT_THAT(taken.error().message(), testing::HasSubstr("another viewer"));
  auto second = open(usb);
  ASSERT_TRUE(second->log.closed || second->pair->client_error);
  const auto end = guest.end;
  first.reset();
  EXPECT_TRUE(end->gone);
  auto third = open(usb);
  EXPECT_FALSE(third->log.closed);
  EXPECT_NE(guest.end, end);
}

TEST_F(DeviceHubTest, BytesAndEventsPassBothWays) {
  hub.offered({{guests_port, "org.example"}});
  auto viewer = open(port);
  EXPECT_EQ(guest.asked, std::vector<ChannelId>{guests_port});
  EXPECT_TRUE(viewer->log.opened.empty());
  // Not read from before the guest's end is up.
  EXPECT_TRUE(viewer->pair->server->reading_paused());
  guest.end->peer().device_ready("org.example", true);
  guest.end->peer().device_resume();
  EXPECT_FALSE(viewer->pair->server->reading_paused());
  const Bytes big(300000, 0x77);
  viewer->client->send_data(big);
  viewer->client->send_event(PortEvent::break_);
  guest.end->peer().device_data(big);
  guest.end->peer().device_event(PortEvent::break_);
  viewer->pair->pump();
  EXPECT_EQ(viewer->log.opened[0], std::make_pair(std::string("org.example"), true));
  EXPECT_EQ(viewer->log.data, big);
  EXPECT_EQ(guest.end->data, big);
  EXPECT_EQ(viewer->log.events, std::vector<PortEvent>{PortEvent::break_});
  EXPECT_EQ(guest.end->events, std::vector<PortEvent>{PortEvent::break_});
}

TEST_F(DeviceHubTest, AGuestThatTakesNothingStopsTheViewer) {
  hub.offered({{usb, {}}});
  auto viewer = open(usb);
  guest.end->peer().device_resume();
  guest.end->takes = false;
  viewer->client->send_data(Bytes(1000, 1));
  viewer->pair->pump();
  EXPECT_TRUE(viewer->pair->server->reading_paused());
  guest.end->peer().device_resume();
  EXPECT_FALSE(viewer->pair->server->reading_paused());
}

TEST_F(DeviceHubTest, AViewerThatReadsNothingStopsTheGuest) {
  hub.offered({{usb, {}}});
  auto viewer = open(usb);
  DeviceEnd& end = guest.end->peer();
  // Nothing that LZ4 makes smaller: what counts is what waits.
  std::mt19937 random(1);
  Bytes noise(channels::port_chunk);
  for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
  std::size_t given = 0;
  for (; end.device_takes() && given < (64u << 20); given += channels::port_chunk) {
    end.device_data(noise);
  }
  EXPECT_LE(given, (256u << 10) + channels::port_chunk);
  const int before = guest.end->resumed;
  viewer->pair->pump();
  EXPECT_GT(guest.end->resumed, before);
  EXPECT_TRUE(end.device_takes());
  EXPECT_EQ(viewer->log.data.size(), given);
}

TEST_F(DeviceHubTest, APortClosesAndOpensWithTheGuest) {
  hub.offered({{guests_port, "org.example"}});
  auto viewer = open(port);
  guest.end->peer().device_ready("org.example", true);
  hub.guest_away();
  guest.end->peer().device_gone({ErrorKind::closed, "restart"});
  viewer->pair->pump();
  EXPECT_EQ(viewer->log.events, std::vector<PortEvent>{PortEvent::closed});
  hub.offered({{guests_port, "org.example"}});
  EXPECT_EQ(guest.asked.size(), 2u);
  guest.end->peer().device_ready("org.example", true);
  guest.end->peer().device_data(as_bytes("back"));
  viewer->pair->pump();
  EXPECT_EQ(viewer->log.events, (std::vector<PortEvent>{PortEvent::closed, PortEvent::opened}));
  EXPECT_EQ(as_text(viewer->log.data), "back");
  EXPECT_EQ(viewer->log.opened.size(), 1u);
  EXPECT_THAT(appeared, testing::ElementsAre(port));
}

TEST_F(DeviceHubTest, AUsbChannelEndsWithTheGuest) {
  hub.offered({{usb, {}}});
  auto viewer = open(usb);
  guest.end->peer().device_gone({ErrorKind::closed, "restart"});
  EXPECT_TRUE(viewer->pair->server->finished());
}

TEST_F(DeviceHubTest, AGuestThatRefusesEndsTheChannel) {
  hub.offered({{usb, {}}});
  guest.away = true;
  auto viewer = open(usb);
  EXPECT_TRUE(viewer->pair->server->finished());
}

TEST(RelayedPorts, AreThoseAllowedAndNeverAMonitor) {
  const std::vector<std::string> all = {"org.example", "org.qemu.monitor.qmp.0",
                                        "org.cassia.storage.0"};
  EXPECT_TRUE(may_relay_port("org.example", all));
  EXPECT_FALSE(may_relay_port("org.other", all));
  EXPECT_TRUE(may_relay_port("org.spice-space.webdav.0", {}));
  EXPECT_FALSE(may_relay_port("org.qemu.monitor.qmp.0", all));
  EXPECT_FALSE(may_relay_port("org.qemu.monitor.hmp.7", all));
  EXPECT_FALSE(may_relay_port("org.cassia.storage.0", all));
  EXPECT_FALSE(may_relay_port("", {}));
}

}  // namespace
}  // namespace cassia::server
