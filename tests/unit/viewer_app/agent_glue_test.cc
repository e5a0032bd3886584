// SPDX-License-Identifier: Apache-2.0
// What joins the window with the guest's agent: clipboard, files, size.

#include <gmock/gmock.h>
#include <spice/vd_agent.h>

#include <map>
#include <nlohmann/json.hpp>

#include "client/app/clipboard.h"
#include "client/app/file_drop.h"
#include "client/app/guest_resize.h"
#include "client/session/agent_link.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;
using spice::ClipboardType;
using spice::Selection;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// An agent at the other end of an AgentLink's pipe.
class OtherEnd final : public channels::AgentPipe, public channels::AgentPeerEvents {
 public:
  struct Back final : channels::AgentPipe {
    Result<void> send_agent_message(const std::vector<SharedBytes>& message) override {
      for (const auto& piece : message) link->data(piece.view());
      return {};
    }
    std::size_t agent_backlog() const override { return 0; }
    void pause_agent(bool) override {}
    AgentLink* link = nullptr;
  };
  Result<void> send_agent_message(const std::vector<SharedBytes>& message) override {
    for (const auto& piece : message) EXPECT_TRUE(peer.receive(piece.view()));
    return {};
  }
  std::size_t agent_backlog() const override { return 0; }
  void pause_agent(bool) override {}
  void agent_capabilities(const spice::Capabilities&) override {}
  void agent_message(spice::AgentMessage message) override {
    if (const auto* m = std::get_if<spice::ClipboardGrab>(&message)) {
      heard.push_back(fmt::format("grab {}", static_cast<int>(m->selection)));
    } else if (const auto* d = std::get_if<spice::ClipboardData>(&message)) {
      heard.push_back(fmt::format("data {}", as_text(d->data.view())));
    } else if (const auto* v = std::get_if<spice::AgentVolume>(&message)) {
      heard.push_back(fmt::format("{} {} {}", v->playback ? "playback" : "record", v->volume.at(1),
                                  v->mute ? "mute" : "on"));
    } else if (const auto* c = std::get_if<spice::AgentDisplayConfig>(&message)) {
      heard.push_back(fmt::format("display config {} {}", c->flags, c->depth));
    } else {
      heard.push_back(spice::agent_type_name(type_of(message)));
    }
  }
  Back back;
  channels::AgentPeer peer{channels::AgentPeer::Role::agent, channels::agent_client_capabilities(),
                           back, *this};
  std::vector<std::string> heard;
};

class FakeSession final : public Session {
 public:
  FakeSession() {
    agent.back.link = &link;
    link.attach(agent);
    agent.peer.start();
    link.connected(true);
  }
  std::deque<SessionEvent> take_events() override { return queue.take(); }
  bool wait_events(TimePoint) override { return false; }
  void key_down(std::uint32_t) override {}
  void key_up(std::uint32_t) override {}
  void key_modifiers(std::uint16_t) override {}
  void mouse_motion(std::int32_t, std::int32_t, channels::ButtonMask) override {}
  void mouse_position(std::uint32_t, std::uint32_t, channels::ButtonMask, std::uint8_t) override {}
  void mouse_press(channels::MouseButton, channels::ButtonMask) override {}
  void mouse_release(channels::MouseButton, channels::ButtonMask) override {}
  void request_mouse_mode(channels::MouseMode) override {}
  void call_storage(std::string, const nlohmann::json&,
                    std::function<void(Result<nlohmann::json>)>) override {}
  SessionStatistics statistics() override { return {}; }
  void with_agent(std::function<void(AgentLink&)> action) override { action(link); }

  EventQueue queue{{}, {}};
  OtherEnd agent;
  AgentLink link{queue, {}};
};

/// Notes what the guest's side does with it.
struct FakeClipboard final : HostClipboard {
  void offer(Selection s, const ClipboardTypes& types) override {
    done.push_back(fmt::format("offer {} {}", static_cast<int>(s), types.size()));
  }
  void withdraw(Selection s) override {
    done.push_back(fmt::format("withdraw {}", static_cast<int>(s)));
  }
  void give(Selection s, ClipboardType type, const SharedBytes& data) override {
    done.push_back(fmt::format("give {} {} {}", static_cast<int>(s), static_cast<int>(type),
                               as_text(data.view())));
  }
  void fetch(Selection s, ClipboardType type) override {
    happens([this, s, type](HostClipboardEvents& events) {
      const auto found = contents.find({s, type});
      const bool there = found != contents.end();
      events.host_gave(s, there ? type : ClipboardType::none,
                       there ? to_bytes(std::string_view(found->second)) : Bytes());
    });
  }
  void look(bool) override {}
  void dispatch(HostClipboardEvents& events) override {
    for (const auto& event : std::exchange(waiting, {})) event(events);
  }
  void happens(std::function<void(HostClipboardEvents&)> event) {
    waiting.push_back(std::move(event));
  }
  void copied(Selection s, const ClipboardTypes& types) {
    happens([=](HostClipboardEvents& events) { events.host_offers(s, types); });
  }

  std::map<std::pair<Selection, ClipboardType>, std::string> contents;
  std::vector<std::function<void(HostClipboardEvents&)>> waiting;
  std::vector<std::string> done;
};

class ClipboardLinkTest : public testing::Test {
 protected:
  void deliver() {
    for (const auto& event : session.take_events()) {
      if (const auto* agent = std::get_if<AgentEvent>(&event)) clipboard.on(*agent);
    }
    clipboard.dispatch();
  }
  std::vector<std::string> heard() {
    deliver();
    return std::exchange(session.agent.heard, {});
  }
  std::vector<std::string> done() {
    deliver();
    return std::exchange(host.done, {});
  }
  FakeSession session;
  FakeClipboard host;
  ClipboardLink clipboard{session, host};
};

TEST_F(ClipboardLinkTest, WhatIsCopiedHereIsOfferedAndGivenOnDemand) {
  host.copied(Selection::clipboard, {ClipboardType::utf8_text, ClipboardType::png});
  clipboard.dispatch();  // before there is an agent
  EXPECT_THAT(heard(), ElementsAre("grab 0"));
  host.copied(Selection::secondary, {ClipboardType::jpg});
  EXPECT_THAT(heard(), ElementsAre("grab 2"));
  host.contents[{Selection::clipboard, ClipboardType::png}] = "pixels";
  for (const auto type : {ClipboardType::png, ClipboardType::bmp}) {
    ASSERT_TRUE(session.agent.peer.send(spice::ClipboardRequest{Selection::clipboard, type}));
  }
  EXPECT_THAT(heard(), ElementsAre("data pixels", "data "));
  host.copied(Selection::clipboard, {});
  EXPECT_THAT(heard(), ElementsAre("clipboard release"));
  host.copied(Selection::clipboard, {});
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(ClipboardLinkTest, WhatIsCopiedInTheGuestIsFetchedWhenItIsPasted) {
  deliver();
  ASSERT_TRUE(session.agent.peer.send(spice::ClipboardGrab{
      Selection::clipboard, 0, {ClipboardType::utf8_text, ClipboardType::png}}));
  EXPECT_THAT(done(), ElementsAre("offer 0 2"));
  EXPECT_THAT(heard(), IsEmpty());
  host.happens([](HostClipboardEvents& events) {
    events.host_wants(Selection::clipboard, ClipboardType::utf8_text);
  });
  EXPECT_THAT(heard(), ElementsAre("clipboard request"));
  ASSERT_TRUE(session.agent.peer.send(spice::ClipboardData{
      Selection::clipboard, ClipboardType::utf8_text, to_bytes(std::string_view("guest\0", 6))}));
  EXPECT_THAT(done(), ElementsAre("give 0 1 guest"));
  // What the guest never offered is nothing, at once.
  host.happens([](HostClipboardEvents& events) {
    events.host_wants(Selection::clipboard, ClipboardType::tiff);
  });
  EXPECT_THAT(heard(), IsEmpty());
  EXPECT_THAT(done(), ElementsAre("give 0 0 "));
  // The guest goes while a program waits.
  host.happens([](HostClipboardEvents& events) {
    events.host_wants(Selection::clipboard, ClipboardType::png);
  });
  EXPECT_THAT(heard(), ElementsAre("clipboard request"));
  session.link.connected(false);
  EXPECT_THAT(done(), ElementsAre("give 0 0 ", "withdraw 0"));
}

/// A folder whose files have the guest's names in capitals.
struct FakePublisher final : FilePublisher {
  bool publishes() const override { return open; }
  void publish(const std::vector<std::string>& paths, Done done) override {
    std::vector<std::string> names;
    for (const std::string& path : paths) names.push_back("/shared" + path);
    done(names);
  }
  std::optional<std::string> local_path(const std::string& name) const override {
    if (!name.starts_with("/shared/")) return std::nullopt;
    return name.substr(7);
  }
  bool open = true;
};

TEST_F(ClipboardLinkTest, FilesGoByTheNamesThatTheOtherSideKnows) {
  const auto list = [](std::string_view text) { return to_bytes(text); };
  FakePublisher publisher;
  session.link.set_publisher(&publisher);
  deliver();
  host.copied(Selection::clipboard, {ClipboardType::file_list});
  EXPECT_THAT(heard(), ElementsAre("grab 0"));
  host.contents[{Selection::clipboard, ClipboardType::file_list}] =
      std::string("copy\0/a\0/b\0", 11);
  ASSERT_TRUE(session.agent.peer.send(
      spice::ClipboardRequest{Selection::clipboard, ClipboardType::file_list}));
  EXPECT_THAT(heard(), ElementsAre("data " + std::string("copy\0/shared/a\0/shared/b\0", 25)));
  // From the guest: only what is served here.
  const auto guest_gives = [&](ByteView data) {
    ASSERT_TRUE(session.agent.peer.send(
        spice::ClipboardGrab{Selection::clipboard, 0, {ClipboardType::file_list}}));
    host.happens([](HostClipboardEvents& events) {
      events.host_wants(Selection::clipboard, ClipboardType::file_list);
    });
    deliver();
    deliver();
    ASSERT_TRUE(session.agent.peer.send(
        spice::ClipboardData{Selection::clipboard, ClipboardType::file_list, to_bytes(data)}));
  };
  guest_gives(list(std::string_view("cut\0/shared/a\0/etc/passwd\0", 27)));
  EXPECT_THAT(done(), ElementsAre("offer 0 1", "give 0 6 " + std::string("cut\0/a\0", 7)));
  guest_gives(list(std::string_view("copy\0/shared/../etc/passwd\0", 27)));
  EXPECT_THAT(done(), ElementsAre("offer 0 1", "give 0 0 "));
  // Nobody has the folder open.
  publisher.open = false;
  heard();
  host.copied(Selection::clipboard, {ClipboardType::file_list, ClipboardType::utf8_text});
  EXPECT_THAT(heard(), ElementsAre("grab 0"));
  ASSERT_TRUE(session.agent.peer.send(
      spice::ClipboardRequest{Selection::clipboard, ClipboardType::file_list}));
  EXPECT_THAT(heard(), ElementsAre("data "));
  host.copied(Selection::clipboard, {ClipboardType::file_list});
  EXPECT_THAT(heard(), ElementsAre("clipboard release"));
}

TEST(FileProgressText, SaysWhatMoves) {
  FileProgressText text;
  EXPECT_EQ(text.text(), "");
  text.on({1, "a", 200, 50, false, {}});
  text.on({2, "b", 0, 0, false, {}});
  EXPECT_EQ(text.text(), "sending a: 25 %\nsending b: 100 %");
  EXPECT_TRUE(text.busy());
  text.on({1, "a", 200, 200, true, {}});
  text.on({2, "b", 0, 0, true, Error(ErrorKind::no_space, "b: the guest is full")});
  EXPECT_FALSE(text.busy());
  EXPECT_EQ(text.text(), "a is in the guest\nb: the guest is full");
  text.on({3, "c", 10, 0, false, {}});
  EXPECT_EQ(text.text(), "sending c: 0 %");
}

TEST(AgentVolumes, AreToldOnceToEachAgentThatTakesThem) {
  EventQueue queue{{}, {}};
  OtherEnd agent;
  AgentLink link{queue,
                 {true, true, {{true, false, {32767, 32767}}, {false, true, {65535, 65535}}}}};
  agent.back.link = &link;
  link.attach(agent);
  agent.peer.start();
  link.connected(true);
  EXPECT_THAT(agent.heard, IsEmpty());  // it does not know of volumes
  auto capabilities = channels::agent_client_capabilities();
  capabilities.set(VD_AGENT_CAP_AUDIO_VOLUME_SYNC);
  agent.peer.set_capabilities(capabilities);
  EXPECT_THAT(std::exchange(agent.heard, {}),
              ElementsAre("playback 32767 on", "record 65535 mute"));
  capabilities.set(VD_AGENT_CAP_GUEST_LINEEND_LF);
  agent.peer.set_capabilities(capabilities);  // it announces itself again
  EXPECT_THAT(agent.heard, IsEmpty());
  link.connected(false);  // the guest starts anew
  agent.peer.stop();
  agent.peer.start();
  link.connected(true);
  EXPECT_THAT(agent.heard, ElementsAre("playback 32767 on", "record 65535 mute"));
}

TEST(GuestLook, IsToldOnceToEachAgentThatTakesIt) {
  EventQueue queue{{}, {}};
  OtherEnd agent;
  AgentLink link{queue, {true, true, {}, {VD_AGENT_DISPLAY_CONFIG_FLAG_DISABLE_WALLPAPER, 0}}};
  agent.back.link = &link;
  link.attach(agent);
  auto capabilities = channels::agent_client_capabilities();
  capabilities = {};
  agent.peer.set_capabilities(capabilities);
  agent.peer.start();
  link.connected(true);
  EXPECT_THAT(agent.heard, IsEmpty());
  agent.peer.set_capabilities(channels::agent_client_capabilities());
  EXPECT_THAT(std::exchange(agent.heard, {}), ElementsAre("display config 1 0"));
  agent.peer.set_capabilities(channels::agent_client_capabilities());
  EXPECT_THAT(agent.heard, IsEmpty());
}

TEST(GuestResize, AsksOnceWhenTheWindowRests) {
  GuestResize resize;
  const raster::Size picture{1024, 768}, wish{800, 600};
  TimePoint now{};
  resize.window_resized(wish, now);
  EXPECT_EQ(resize.take(picture, now + 10s), std::nullopt);  // no agent that could
  resize.set_possible(true);
  resize.window_resized({700, 500}, now);
  resize.window_resized(wish, now + 300ms);
  EXPECT_EQ(resize.take(picture, now + 500ms), std::nullopt);
  EXPECT_EQ(resize.next(), now + 300ms + GuestResize::rest);
  EXPECT_EQ(resize.take(picture, now + 800ms), wish);
  EXPECT_EQ(resize.take(picture, now + 900ms), std::nullopt);
  resize.window_resized(picture, now + 1s);  // it has that size
  EXPECT_EQ(resize.take(picture, now + 2s), std::nullopt);
  EXPECT_EQ(resize.next(), TimePoint::max());
}

}  // namespace
}  // namespace cassia::client
