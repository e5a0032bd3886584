// SPDX-License-Identifier: Apache-2.0
// One guest's agent and several viewers, each over a main channel of its own.

#include "server/gateway/agent_hub.h"

#include <gmock/gmock.h>
#include <spice/vd_agent.h>

#include "server/gateway/agent_viewer.h"
#include "server/guest/demo_agent.h"
#include "tests/unit/channels/harness.h"

namespace cassia::server {
namespace {

using channels::AgentPeer;
using channels::Pair;
using spice::ClipboardType;
using spice::FileResult;
using spice::Selection;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string say(const spice::AgentMessage& message) {
  if (const auto* m = std::get_if<spice::ClipboardGrab>(&message))
    return fmt::format("grab {}", static_cast<int>(m->selection));
  if (const auto* m = std::get_if<spice::ClipboardRelease>(&message))
    return fmt::format("release {}", static_cast<int>(m->selection));
  if (const auto* m = std::get_if<spice::ClipboardRequest>(&message))
    return fmt::format("request {}", static_cast<int>(m->selection));
  if (const auto* m = std::get_if<spice::ClipboardData>(&message))
    return fmt::format("data {} {} {}", static_cast<int>(m->selection), static_cast<int>(m->type),
                       as_text(m->data.view().first(std::min<std::size_t>(m->data.size(), 20))));
  if (const auto* m = std::get_if<spice::FileStart>(&message))
    return fmt::format("start {}", m->id);
  if (const auto* m = std::get_if<spice::FileData>(&message))
    return fmt::format("file {} {}", m->id, m->data.size());
  if (const auto* m = std::get_if<spice::FileStatus>(&message))
    return fmt::format("status {} {}", m->id, static_cast<int>(m->result));
  if (const auto* m = std::get_if<spice::AgentReply>(&message))
    return fmt::format("reply {} {}", m->type, m->success);
  return spice::agent_type_name(type_of(message));
}

/// A guest's agent that only listens; the test speaks for it.
struct FakeGuest final : GuestAgent {
  Result<void> send(spice::AgentMessage message) override {
    if (refuses) return fail(ErrorKind::closed, "no agent");
    if (const auto* grab = std::get_if<spice::ClipboardGrab>(&message)) types = grab->types;
    heard.push_back(say(message));
    return {};
  }
  bool congested() const override { return busy; }
  std::vector<std::string> take() { return std::exchange(heard, {}); }
  bool busy = false;
  bool refuses = false;
  std::vector<std::string> heard;
  std::vector<ClipboardType> types;  ///< of the last grab
};

/// A viewer: both ends of its main channel.
struct Viewer final : channels::MainClientEvents, channels::AgentPeerEvents {
  explicit Viewer(AgentHub& h, spice::Capabilities caps = channels::agent_client_capabilities())
      : hub(h), caps_(std::move(caps)) {
    auto made = channels::MainClient::create(*this);
    client = made.get();
    peer = std::make_unique<AgentPeer>(AgentPeer::Role::client, caps_, *client, *this);
    pair = std::make_unique<Pair>(
        [this](const channels::LinkRequest&) {
          auto made_server = channels::MainServer::create(server_events);
          server = made_server.get();
          return made_server;
        },
        std::move(made), channels::ClientLinkParams{}, 4096);
    server_events.viewer = this;
    pair->pump();
    channels::MainInit init;
    init.agent_connected = hub.up();
    init.agent_tokens = AgentViewer::tokens;
    server->send_init(init);
    part = std::make_unique<AgentViewer>(hub, *server);
    pair->pump();
  }
  struct ServerEvents final : channels::MainServerEvents {
    void main_opened() override {}
    void main_attach_channels() override {}
    void main_mouse_mode_request(channels::MouseMode) override {}
    void main_agent_started() override { viewer->part->started(); }
    Result<void> main_agent_data(ByteView data) override { return viewer->part->data(data); }
    void main_closed(const Error&) override {}
    Viewer* viewer = nullptr;
  };

  void main_init(const channels::MainInit&) override {}
  void main_channels(const std::vector<spice::ChannelId>&) override {}
  void main_mouse_mode(std::uint32_t, channels::MouseMode) override {}
  void main_agent_connected(bool c) override {
    connected = c;
    c ? peer->start() : peer->stop();
  }
  Result<void> main_agent_data(ByteView data) override {
    bytes += data.size();
    return peer->receive(data);
  }
  void main_closed(const Error&) override {}
  void agent_capabilities(const spice::Capabilities&) override {}
  void agent_message(spice::AgentMessage message) override {
    if (const auto* grab = std::get_if<spice::ClipboardGrab>(&message)) types = grab->types;
    heard.push_back(say(message));
  }

  void tell(const spice::AgentMessage& message) {
    EXPECT_TRUE(peer->send(message).has_value()) << say(message);
    pair->pump();
  }
  std::vector<std::string> take() {
    pair->pump();
    return std::exchange(heard, {});
  }

  AgentHub& hub;
  spice::Capabilities caps_;
  ServerEvents server_events;
  channels::MainClient* client = nullptr;
  channels::MainServer* server = nullptr;
  std::unique_ptr<AgentPeer> peer;
  std::unique_ptr<Pair> pair;
  std::unique_ptr<AgentViewer> part;
  bool connected = false;
  std::size_t bytes = 0;
  std::vector<std::string> heard;
  std::vector<ClipboardType> types;  ///< of the last grab
};

spice::ClipboardGrab text_grab(Selection selection = Selection::clipboard) {
  return {selection, 0, {ClipboardType::utf8_text}};
}
spice::ClipboardData text_data(std::string_view text, Selection selection = Selection::clipboard) {
  return {selection, ClipboardType::utf8_text, to_bytes(text)};
}
constexpr spice::ClipboardRequest ask{Selection::clipboard, ClipboardType::utf8_text};

class AgentHubTest : public testing::Test {
 protected:
  void SetUp() override { hub.guest_agent_up(DemoAgent::capabilities()); }
  FakeGuest guest;
  AgentHub hub{[this] { return &guest; }};
};

TEST_F(AgentHubTest, TheLastGrabWinsAndItsHolderAnswers) {
  Viewer a(hub), b(hub);
  a.tell(text_grab());
  EXPECT_THAT(guest.take(), ElementsAre("grab 0"));
  EXPECT_THAT(b.take(), ElementsAre("grab 0"));
  EXPECT_THAT(a.take(), IsEmpty());
  b.tell(ask);
  hub.guest_agent_message(ask);
  EXPECT_THAT(a.take(), ElementsAre("request 0", "request 0"));
  a.tell(text_data("first"));
  a.tell(text_data("second"));
  EXPECT_THAT(b.take(), ElementsAre("data 0 1 first"));
  EXPECT_THAT(guest.take(), ElementsAre("data 0 1 second"));

  hub.guest_agent_message(text_grab());
  EXPECT_THAT(a.take(), ElementsAre("grab 0"));
  EXPECT_THAT(b.take(), ElementsAre("grab 0"));
  a.tell(ask);
  EXPECT_THAT(guest.take(), ElementsAre("request 0"));
  // Another takes it before the answer: there is nothing for the one that waits.
  b.tell(text_grab());
  EXPECT_THAT(a.take(), ElementsAre("data 0 0 ", "grab 0"));
  hub.guest_agent_message(text_data("late"));
  EXPECT_THAT(a.take(), IsEmpty());
}

TEST_F(AgentHubTest, AListOfFilesOfOneViewerIsNothingToAnother) {
  Viewer a(hub), b(hub);
  a.tell(spice::ClipboardGrab{
      Selection::clipboard, 0, {ClipboardType::utf8_text, ClipboardType::file_list}});
  EXPECT_THAT(guest.types, ElementsAre(ClipboardType::utf8_text, ClipboardType::file_list));
  (void)b.take();
  EXPECT_THAT(b.types, ElementsAre(ClipboardType::utf8_text));
  hub.guest_agent_message(
      spice::ClipboardGrab{Selection::clipboard, 0, {ClipboardType::file_list}});
  (void)b.take();
  EXPECT_THAT(b.types, ElementsAre(ClipboardType::file_list));
}

TEST_F(AgentHubTest, SelectionsStandAlone) {
  Viewer a(hub), b(hub);
  a.tell(text_grab(Selection::primary));
  hub.guest_agent_message(text_grab(Selection::clipboard));
  EXPECT_THAT(b.take(), ElementsAre("grab 1", "grab 0"));
  b.tell(ask);
  EXPECT_THAT(a.take(), ElementsAre("grab 0"));
  EXPECT_THAT(guest.take(), ElementsAre("grab 1", "request 0"));
  a.tell(spice::ClipboardRelease{Selection::primary});
  EXPECT_THAT(b.take(), ElementsAre("release 1"));
  EXPECT_THAT(guest.take(), ElementsAre("release 1"));
}

TEST_F(AgentHubTest, AViewerThatComesLaterHearsWhoHoldsTheClipboardAndOneThatGoesLetsGo) {
  auto a = std::make_unique<Viewer>(hub);
  a->tell(text_grab());
  Viewer b(hub);
  EXPECT_THAT(b.take(), ElementsAre("grab 0"));
  b.tell(ask);
  a->tell(text_data("x"));
  EXPECT_THAT(b.take(), ElementsAre("data 0 1 x"));
  b.tell(ask);
  guest.take();
  a->part.reset();
  EXPECT_THAT(b.take(), ElementsAre("data 0 0 ", "release 0"));
  EXPECT_THAT(guest.take(), ElementsAre("release 0"));
}

TEST_F(AgentHubTest, AViewerWithoutTheCapabilityIsNotBothered) {
  Viewer dumb(hub, {});
  Viewer a(hub);
  const std::size_t before = dumb.bytes;
  a.tell(text_grab());
  hub.guest_agent_message(text_grab());
  hub.guest_agent_message(spice::AgentVolume{true, false, {1}});
  EXPECT_THAT(dumb.take(), IsEmpty());
  EXPECT_EQ(dumb.bytes, before);
}

TEST_F(AgentHubTest, QuestionsAreBoundedAndForgedAnswersGoNowhere) {
  Viewer a(hub), b(hub);
  hub.guest_agent_message(text_grab());
  for (std::size_t i = 0; i < AgentHub::most_questions + 5; ++i) a.tell(ask);
  EXPECT_EQ(guest.take().size(), AgentHub::most_questions);
  EXPECT_EQ(a.take().size(), 6u);  // the grab, and five answers of nothing
  b.tell(text_data("not yours to say"));
  EXPECT_THAT(a.take(), IsEmpty());
  EXPECT_THAT(guest.take(), IsEmpty());
}

TEST_F(AgentHubTest, AViewerGetsNoMoreThanItsMaximum) {
  Viewer a(hub);
  a.tell(spice::AgentMaxClipboard{3});
  hub.guest_agent_message(text_grab());
  a.tell(ask);
  a.take();
  hub.guest_agent_message(text_data("four"));
  EXPECT_THAT(a.take(), ElementsAre("data 0 0 "));
}

TEST_F(AgentHubTest, MonitorsAreThoseOfTheLastViewerAndSoIsTheReply) {
  Viewer a(hub), b(hub);
  const spice::AgentMonitorsConfig config{false, {{600, 800, 32, 0, 0}}, {}};
  a.tell(config);
  b.tell(config);
  EXPECT_THAT(guest.take(), ElementsAre("monitors config", "monitors config"));
  hub.guest_agent_message(spice::AgentReply{VD_AGENT_MONITORS_CONFIG, true});
  EXPECT_THAT(a.take(), IsEmpty());
  EXPECT_THAT(b.take(), ElementsAre("reply 2 true"));
  a.tell(spice::AgentVolume{true, false, {65535}});
  EXPECT_THAT(guest.take(), ElementsAre("audio volume sync"));
  // What only a server says to an agent does not pass.
  guest.refuses = true;
  a.tell(config);
  EXPECT_THAT(a.take(), ElementsAre("reply 2 false"));
}

TEST_F(AgentHubTest, FilesOfSeveralViewersKeepApart) {
  auto a = std::make_unique<Viewer>(hub);
  Viewer b(hub);
  a->tell(spice::FileStart{7, "meta"});
  b.tell(spice::FileStart{7, "meta"});
  b.tell(spice::FileStart{7, "meta"});  // twice the same
  EXPECT_THAT(guest.take(), ElementsAre("start 1", "start 2"));
  EXPECT_THAT(b.take(), ElementsAre("status 7 2"));
  hub.guest_agent_message(spice::FileStatus{2, FileResult::can_send_data});
  EXPECT_THAT(b.take(), ElementsAre("status 7 0"));
  EXPECT_THAT(a->take(), IsEmpty());
  b.tell(spice::FileData{7, Bytes(5000)});
  EXPECT_THAT(guest.take(), ElementsAre("file 2 5000"));
  hub.guest_agent_message(spice::FileStatus{2, FileResult::success});
  EXPECT_THAT(b.take(), ElementsAre("status 7 3"));
  b.tell(spice::FileData{7, Bytes(1)});  // of a transfer that is over
  EXPECT_THAT(guest.take(), IsEmpty());
  a->part.reset();  // with a file on its way
  EXPECT_THAT(guest.take(), ElementsAre("status 1 1"));
}

TEST_F(AgentHubTest, AGuestThatIsSlowHoldsTheViewerUp) {
  Viewer a(hub), b(hub);
  a.tell(spice::FileStart{1, "meta"});
  guest.busy = true;
  for (int i = 0; i < 20; ++i) {
    (void)a.peer->send(spice::FileData{1, Bytes(10000)});
  }
  a.pair->pump();
  const std::size_t taken = guest.take().size();
  EXPECT_LT(taken, 6u);  // its first tokens, and no more
  EXPECT_GT(a.client->agent_backlog(), 100000u);
  b.tell(spice::FileStart{1, "meta"});  // others are not held up
  EXPECT_THAT(guest.take(), ElementsAre("start 2"));
  guest.busy = false;
  hub.guest_agent_writable();
  a.pair->pump();
  EXPECT_EQ(guest.take().size(), 21 - taken);
}

TEST_F(AgentHubTest, TheAgentComesAndGoes) {
  Viewer a(hub);
  EXPECT_TRUE(a.connected);
  a.tell(text_grab());
  hub.guest_agent_down();
  a.pair->pump();
  EXPECT_FALSE(a.connected);
  EXPECT_FALSE(a.peer->send(text_grab()).has_value());
  Viewer b(hub);  // while there is none
  EXPECT_FALSE(b.connected);
  hub.guest_agent_up({VD_AGENT_CAP_CLIPBOARD_BY_DEMAND});
  a.pair->pump();
  b.pair->pump();
  EXPECT_TRUE(a.connected);
  EXPECT_TRUE(b.connected);
  EXPECT_THAT(b.take(), IsEmpty());  // what was held before is forgotten
  EXPECT_FALSE(b.peer->has(VD_AGENT_CAP_MONITORS_CONFIG));
  // It learns to do more.
  hub.guest_agent_up(DemoAgent::capabilities());
  b.pair->pump();
  EXPECT_TRUE(b.peer->has(VD_AGENT_CAP_MONITORS_CONFIG));
}

TEST_F(AgentHubTest, AViewerThatBreaksTheProtocolIsCutOff) {
  Viewer a(hub);
  const Bytes bytes(20, 0xff);
  ASSERT_TRUE(a.client->send_agent_message({SharedBytes(bytes)}).has_value());
  a.pair->pump();
  ASSERT_TRUE(a.pair->server_error.has_value());
  EXPECT_EQ(a.pair->server_error->kind(), ErrorKind::malformed);
}

}  // namespace
}  // namespace cassia::server
