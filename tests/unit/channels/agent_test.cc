// SPDX-License-Identifier: Apache-2.0
// Both ends of the agent over both ends of a real main channel, tokens and all.

#include <gtest/gtest.h>
#include <spice/enums.h>
#include <spice/vd_agent.h>

#include "channels/agent/agent_clipboard.h"
#include "channels/agent/agent_files.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

using spice::ClipboardType;
using spice::FileResult;
using spice::Selection;

struct MemorySource final : FileSource {
  explicit MemorySource(Bytes b) : bytes(std::move(b)) {}
  Result<Bytes> read(std::size_t most) override {
    const std::size_t part = std::min(most, bytes.size() - at);
    at += part;
    return Bytes(bytes.begin() + static_cast<long>(at - part),
                 bytes.begin() + static_cast<long>(at));
  }
  Bytes bytes;
  std::size_t at = 0;
};

/// One side: a peer with its clipboard and files, and a log of what it heard.
struct Side : AgentPeerEvents,
              AgentClipboardEvents,
              AgentFileSenderEvents,
              AgentFileReceiverEvents {
  Side(AgentPeer::Role role, spice::Capabilities caps, AgentPipe& pipe)
      : peer(role, std::move(caps), pipe, *this),
        clipboard(peer, *this),
        sender(peer, *this),
        receiver(*this) {}

  void agent_capabilities(const spice::Capabilities&) override { ++announced; }
  void agent_message(spice::AgentMessage message) override {
    if (clipboard.take(message)) return;
    if (peer.role() == AgentPeer::Role::client ? sender.take(message) : receiver.take(message))
      return;
    others.push_back(std::move(message));
  }
  void agent_clipboard_too_large(Selection selection) override { clipboard.too_large(selection); }

  void clipboard_grabbed(Selection selection, const std::vector<ClipboardType>& types) override {
    log.push_back(fmt::format("grabbed {} {}", static_cast<int>(selection), types.size()));
    if (on_grab_request) (void)clipboard.request(selection, types.at(0));
  }
  void clipboard_released(Selection selection) override {
    log.push_back(fmt::format("released {}", static_cast<int>(selection)));
  }
  void clipboard_wanted(Selection selection, ClipboardType type) override {
    log.push_back(fmt::format("wanted {} {}", static_cast<int>(selection), static_cast<int>(type)));
    if (text) (void)clipboard.provide(selection, type, to_bytes(*text));
  }
  void clipboard_data(Selection selection, ClipboardType type, const SharedBytes& data) override {
    log.push_back(
        fmt::format("data {} {} {}", static_cast<int>(selection), static_cast<int>(type),
                    data.size() < 100 ? as_text(data.view()) : std::to_string(data.size())));
  }

  void file_progress(const FileProgress& p) override { progress[p.id] = p; }

  struct Sink final : FileSink {
    Sink(Side& s, std::string n) : side(s), name(std::move(n)) {}
    Result<void> write(ByteView data) override {
      bytes.insert(bytes.end(), data.begin(), data.end());
      if (side.disk_full) return fail(ErrorKind::no_space, "full");
      return {};
    }
    Result<void> finish() override {
      side.files[name] = bytes;
      return {};
    }
    Side& side;
    std::string name;
    Bytes bytes;
  };
  tl::expected<std::unique_ptr<FileSink>, spice::FileStatus> file_offered(
      const spice::FileMetadata& file) override {
    if (refusal) return tl::unexpected<spice::FileStatus>(*refusal);
    return std::make_unique<Sink>(*this, file.name);
  }
  void file_status(const spice::FileStatus& status) override { (void)peer.send(status); }

  AgentPeer peer;
  AgentClipboard clipboard;
  AgentFileSender sender;
  AgentFileReceiver receiver;
  int announced = 0;
  bool on_grab_request = false;
  bool disk_full = false;
  std::optional<std::string> text;
  std::optional<spice::FileStatus> refusal;
  std::vector<std::string> log;
  std::vector<spice::AgentMessage> others;
  std::map<std::uint32_t, FileProgress> progress;
  std::map<std::string, Bytes> files;
};

spice::Capabilities all_caps() {
  spice::Capabilities caps;
  for (unsigned cap = 0; cap < VD_AGENT_END_CAP; ++cap) {
    if (cap != VD_AGENT_CAP_FILE_XFER_DISABLED && cap != VD_AGENT_CAP_GUEST_LINEEND_CRLF)
      caps.set(cap);
  }
  return caps;
}

struct ClientEnd final : MainClientEvents {
  void main_init(const MainInit&) override {}
  void main_channels(const std::vector<spice::ChannelId>&) override {}
  void main_mouse_mode(std::uint32_t, MouseMode) override {}
  void main_agent_connected(bool connected) override {
    if (connected) return side->peer.start();
    side->peer.stop();
    side->clipboard.reset();
    side->sender.reset();
  }
  Result<void> main_agent_data(ByteView data) override { return side->peer.receive(data); }
  void main_agent_writable() override { side->sender.pump(); }
  void main_closed(const Error&) override {}
  Side* side = nullptr;
};

struct ServerEnd final : MainServerEvents {
  void main_opened() override {}
  void main_attach_channels() override {}
  void main_mouse_mode_request(MouseMode) override {}
  void main_agent_started() override { side->peer.start(); }
  Result<void> main_agent_data(ByteView data) override { return side->peer.receive(data); }
  void main_closed(const Error&) override {}
  Side* side = nullptr;
};

class AgentTest : public testing::Test {
 protected:
  void connect(spice::Capabilities client_caps = agent_client_capabilities(),
               spice::Capabilities agent_caps = all_caps()) {
    auto made = MainClient::create(client_end);
    main_client = made.get();
    pair = std::make_unique<Pair>(
        [this](const LinkRequest&) {
          auto made_server = MainServer::create(server_end);
          main_server = made_server.get();
          return made_server;
        },
        std::move(made), ClientLinkParams{}, 4096);
    pair->pump();
    client = std::make_unique<Side>(AgentPeer::Role::client, std::move(client_caps), *main_client);
    agent = std::make_unique<Side>(AgentPeer::Role::agent, std::move(agent_caps), *main_server);
    client_end.side = client.get();
    server_end.side = agent.get();
    MainInit init;
    init.agent_connected = true;
    init.agent_tokens = 10;
    main_server->send_init(init);
    pair->pump();
    ASSERT_TRUE(client->peer.known());
    ASSERT_TRUE(agent->peer.known());
  }
  void agent_restarts() {
    main_server->send_agent_connected(false, 0);
    agent->peer.stop();
    agent->receiver.reset();
    main_server->send_agent_connected(true, 10);
  }
  static Bytes contents(std::size_t size) {
    Bytes data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 13 + i / 251);
    return data;
  }
  std::uint32_t offer(const std::string& name, std::size_t size) {
    return *client->sender.start({name, size}, std::make_unique<MemorySource>(contents(size)));
  }

  ClientEnd client_end;
  ServerEnd server_end;
  MainClient* main_client = nullptr;
  MainServer* main_server = nullptr;
  std::unique_ptr<Pair> pair;
  std::unique_ptr<Side> client, agent;
};

using Log = std::vector<std::string>;

TEST_F(AgentTest, TheClipboardGoesBothWays) {
  connect();
  client->text = "from the client";
  agent->on_grab_request = true;
  ASSERT_TRUE(client->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  pair->pump();
  EXPECT_EQ(agent->log, (Log{"grabbed 0 1", "data 0 1 from the client"}));
  EXPECT_EQ(client->log, (Log{"wanted 0 1"}));

  client->log.clear();
  agent->log.clear();
  agent->text = std::string(300000, 'x');  // many AGENT_DATA
  client->on_grab_request = true;
  ASSERT_TRUE(agent->clipboard.grab(Selection::clipboard, {ClipboardType::png}).has_value());
  EXPECT_EQ(agent->clipboard.owner(Selection::clipboard), AgentClipboard::Owner::here);
  pair->pump();
  EXPECT_EQ(client->log, (Log{"grabbed 0 1", "data 0 2 300000"}));
  EXPECT_EQ(client->clipboard.owner(Selection::clipboard), AgentClipboard::Owner::there);
  ASSERT_TRUE(agent->clipboard.release(Selection::clipboard).has_value());
  pair->pump();
  EXPECT_EQ(client->log.back(), "released 0");
  EXPECT_FALSE(client->clipboard.request(Selection::clipboard, ClipboardType::png).has_value());
}

TEST_F(AgentTest, SelectionsStandAlone) {
  connect();
  for (const auto selection : {Selection::clipboard, Selection::primary, Selection::secondary}) {
    ASSERT_TRUE(agent->clipboard.grab(selection, {ClipboardType::utf8_text}).has_value());
  }
  pair->pump();
  ASSERT_TRUE(agent->clipboard.release(Selection::primary).has_value());
  ASSERT_TRUE(client->clipboard.grab(Selection::secondary, {ClipboardType::bmp}).has_value());
  pair->pump();
  using Owner = AgentClipboard::Owner;
  EXPECT_EQ(client->clipboard.owner(Selection::clipboard), Owner::there);
  EXPECT_EQ(client->clipboard.owner(Selection::primary), Owner::nobody);
  EXPECT_EQ(client->clipboard.owner(Selection::secondary), Owner::here);
  EXPECT_EQ(agent->clipboard.owner(Selection::clipboard), Owner::here);
  EXPECT_EQ(agent->clipboard.owner(Selection::secondary), Owner::there);
  // A request of one selection is answered with that one's contents.
  agent->text = "clip";
  ASSERT_TRUE(
      client->clipboard.request(Selection::clipboard, ClipboardType::utf8_text).has_value());
  EXPECT_FALSE(client->clipboard.request(Selection::primary, ClipboardType::utf8_text).has_value());
  pair->pump();
  EXPECT_EQ(client->log.back(), "data 0 1 clip");
}

TEST_F(AgentTest, GrabsAtTheSameTimeEndWithOneOwner) {
  connect();
  // Both before either has heard of the other's.
  ASSERT_TRUE(client->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  ASSERT_TRUE(agent->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  pair->pump();
  EXPECT_EQ(client->clipboard.owner(Selection::clipboard), AgentClipboard::Owner::here);
  EXPECT_EQ(agent->clipboard.owner(Selection::clipboard), AgentClipboard::Owner::there);
  // And the counters still agree.
  ASSERT_TRUE(agent->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  pair->pump();
  EXPECT_EQ(client->clipboard.owner(Selection::clipboard), AgentClipboard::Owner::there);
  ASSERT_TRUE(client->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  pair->pump();
  EXPECT_EQ(agent->clipboard.owner(Selection::clipboard), AgentClipboard::Owner::there);
}

TEST_F(AgentTest, LineEndsAreThoseOfEachSide) {
  spice::Capabilities caps = all_caps();
  caps.set(VD_AGENT_CAP_GUEST_LINEEND_CRLF);
  connect(agent_client_capabilities(), caps);
  client->text = "a\nb\n";
  agent->text = "c\r\nd\r\n";
  client->on_grab_request = agent->on_grab_request = true;
  ASSERT_TRUE(client->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  pair->pump();
  EXPECT_EQ(agent->log.back(), "data 0 1 a\r\nb\r\n");
  ASSERT_TRUE(agent->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  pair->pump();
  EXPECT_EQ(client->log.back(), "data 0 1 c\nd\n");
}

TEST_F(AgentTest, OldPeersHaveNoSelectionsAndNoSerials) {
  const spice::Capabilities old = {VD_AGENT_CAP_CLIPBOARD_BY_DEMAND};
  connect(agent_client_capabilities(), old);
  client->text = "text";
  agent->on_grab_request = true;
  EXPECT_FALSE(client->clipboard.grab(Selection::primary, {ClipboardType::utf8_text}).has_value());
  ASSERT_TRUE(client->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  pair->pump();
  EXPECT_EQ(agent->log, (Log{"grabbed 0 1", "data 0 1 text"}));
  // Without NO_RELEASE_ON_REGRAB a second grab comes after a release.
  agent->on_grab_request = false;
  ASSERT_TRUE(client->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  pair->pump();
  EXPECT_EQ(agent->log.at(2), "released 0");
  EXPECT_EQ(agent->log.at(3), "grabbed 0 1");
}

TEST_F(AgentTest, NothingGoesToAPeerThatHasNotAskedForIt) {
  connect({}, {});
  for (const spice::AgentMessage& message : std::initializer_list<spice::AgentMessage>{
           spice::AgentMouseState{}, spice::AgentMonitorsConfig{}, spice::AgentReply{},
           spice::ClipboardGrab{}, spice::ClipboardData{}, spice::AgentDisplayConfig{},
           spice::AgentMaxClipboard{}, spice::AgentVolume{}, spice::AgentGraphicsDevices{}}) {
    const auto sent = client->peer.send(message);
    ASSERT_FALSE(sent.has_value()) << type_of(message);
    EXPECT_EQ(sent.error().kind(), ErrorKind::unsupported);
  }
}

TEST_F(AgentTest, EveryOtherMessageArrives) {
  connect();
  const auto to_agent = std::initializer_list<spice::AgentMessage>{
      spice::AgentMonitorsConfig{true, {{768, 1024, 32, 0, 0}}, {{200, 300}}},
      spice::AgentDisplayConfig{1, 0},
      spice::AgentMaxClipboard{1000},
      spice::AgentVolume{true, false, {1, 2}},
      spice::AgentMouseState{1, 2, 3, 0},
      spice::AgentGraphicsDevices{{{0, 0, 0, "pci/0000/01.0"}}},
      spice::AgentClientDisconnected{}};
  for (const auto& message : to_agent) ASSERT_TRUE(client->peer.send(message).has_value());
  ASSERT_TRUE(agent->peer.send(spice::AgentReply{VD_AGENT_MONITORS_CONFIG, true}).has_value());
  pair->pump();
  ASSERT_EQ(agent->others.size(), to_agent.size());
  EXPECT_EQ(std::get<spice::AgentMonitorsConfig>(agent->others[0]).monitors.at(0).width, 1024u);
  EXPECT_EQ(std::get<spice::AgentVolume>(agent->others[3]).volume.size(), 2u);
  EXPECT_EQ(std::get<spice::AgentGraphicsDevices>(agent->others[5]).devices[0].address,
            "pci/0000/01.0");
  ASSERT_EQ(client->others.size(), 1u);
  EXPECT_TRUE(std::get<spice::AgentReply>(client->others[0]).success);
}

TEST_F(AgentTest, FiveFilesAtOnceAndOneIsCancelled) {
  connect();
  const std::size_t sizes[] = {0, 1, 200000, 700000, 300001};
  std::uint32_t cancelled = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    const std::uint32_t id = offer(std::to_string(i), sizes[i]);
    if (i == 3) cancelled = id;
  }
  // One round of messages: data of several files is under way when one is cancelled.
  ASSERT_TRUE(feed(*pair->server, drain(*pair->client), 4096).has_value());
  ASSERT_TRUE(feed(*pair->client, drain(*pair->server), 4096).has_value());
  EXPECT_EQ(client->sender.running(), 5u);
  EXPECT_LT(main_client->agent_backlog(), agent_bulk_backlog + AgentFileSender::chunk + 100);
  client->sender.cancel(cancelled);
  pair->pump();
  EXPECT_EQ(client->sender.running(), 0u);
  EXPECT_EQ(agent->receiver.running(), 0u);
  ASSERT_EQ(agent->files.size(), 4u);
  for (const std::size_t i : {0, 1, 2, 4}) {
    EXPECT_EQ(agent->files.at(std::to_string(i)), contents(sizes[i])) << i;
  }
  for (const auto& [id, progress] : client->progress) {
    EXPECT_TRUE(progress.finished);
    EXPECT_EQ(progress.error.has_value(), id == cancelled);
    if (id != cancelled) {
      EXPECT_EQ(progress.sent, progress.size);
    }
  }
  EXPECT_EQ(client->progress.at(cancelled).error->kind(), ErrorKind::canceled);
}

TEST_F(AgentTest, FilesAreRefusedInEveryWay) {
  connect();
  const auto outcome = [&](const spice::FileStatus& refusal) {
    agent->refusal = refusal;
    const std::uint32_t id = offer("f", 10);
    pair->pump();
    EXPECT_TRUE(client->progress.at(id).error.has_value());
    return client->progress.at(id).error.value_or(Error(ErrorKind::internal, ""));
  };
  EXPECT_EQ(outcome({0, FileResult::not_enough_space, 5}).message(),
            "f: the guest has only 5 bytes free");
  EXPECT_EQ(outcome({0, FileResult::disabled}).kind(), ErrorKind::permission);
  EXPECT_EQ(outcome({0, FileResult::session_locked}).kind(), ErrorKind::permission);
  EXPECT_EQ(outcome({0, FileResult::agent_not_connected}).kind(), ErrorKind::closed);
  EXPECT_EQ(outcome({0, FileResult::cancelled}).kind(), ErrorKind::canceled);
  EXPECT_NE(outcome({0, FileResult::error, {}, 12}).message().find("12"), std::string::npos);
  agent->refusal.reset();
  agent->disk_full = true;
  const std::uint32_t id = offer("f", 10);
  pair->pump();
  EXPECT_EQ(client->progress.at(id).error->kind(), ErrorKind::io);
  EXPECT_EQ(agent->receiver.running(), 0u);
}

TEST_F(AgentTest, AClientWithoutDetailedErrorsIsToldOfAnErrorOnly) {
  connect({}, all_caps());
  agent->refusal = spice::FileStatus{0, FileResult::not_enough_space, 5};
  const std::uint32_t id = offer("f", 10);
  pair->pump();
  EXPECT_EQ(client->progress.at(id).error->kind(), ErrorKind::io);
}

TEST_F(AgentTest, AnAgentThatTakesNoFilesIsNotAsked) {
  spice::Capabilities caps = all_caps();
  caps.set(VD_AGENT_CAP_FILE_XFER_DISABLED);
  connect(agent_client_capabilities(), caps);
  const auto offered = client->sender.start({"f", 1}, std::make_unique<MemorySource>(Bytes(1)));
  ASSERT_FALSE(offered.has_value());
  EXPECT_EQ(offered.error().kind(), ErrorKind::unsupported);
}

TEST_F(AgentTest, AnAgentThatRestartsAmidATransferAndAMessage) {
  connect();
  agent->text = "owned";
  ASSERT_TRUE(agent->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  const std::uint32_t id = offer("f", 500000);
  ASSERT_TRUE(feed(*pair->server, drain(*pair->client), 4096).has_value());
  ASSERT_TRUE(feed(*pair->client, drain(*pair->server), 4096).has_value());
  ASSERT_TRUE(feed(*pair->server, drain(*pair->client), 4096).has_value());
  EXPECT_EQ(agent->receiver.running(), 1u);
  agent_restarts();  // with a FILE_XFER_DATA half received
  agent->clipboard.reset();
  pair->pump();
  EXPECT_EQ(client->progress.at(id).error->kind(), ErrorKind::closed);
  EXPECT_EQ(client->log.back(), "released 0");
  EXPECT_TRUE(agent->files.empty());
  EXPECT_TRUE(client->peer.known());
  // And all works with the new one.
  const std::uint32_t second = offer("g", 300000);
  pair->pump();
  EXPECT_FALSE(client->progress.at(second).error.has_value());
  EXPECT_EQ(agent->files.at("g"), contents(300000));
}

TEST_F(AgentTest, AnAgentThatNeverAcksHoldsLittle) {
  connect();
  // Its tokens are spent; it takes no more.
  main_server->pause_agent(true);
  for (int i = 0; i < 8; ++i) offer(std::to_string(i), 4u << 20);
  pair->pump();
  ASSERT_TRUE(main_client->on_message(SPICE_MSG_MAIN_AGENT_TOKEN, Bytes(4), {}).has_value());
  for (int i = 0; i < 100; ++i) client->sender.pump();
  EXPECT_LT(main_client->agent_backlog(), agent_bulk_backlog + AgentFileSender::chunk + 100);
}

TEST_F(AgentTest, QuestionsBeyondTheCapAreAnsweredWithNothing) {
  connect();
  ASSERT_TRUE(agent->clipboard.grab(Selection::clipboard, {ClipboardType::utf8_text}).has_value());
  pair->pump();
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    refused += client->clipboard.request(Selection::clipboard, ClipboardType::utf8_text) ? 0 : 1;
  }
  EXPECT_EQ(refused, 100 - static_cast<int>(AgentClipboard::most_requests));
  // A client that does not stick to it is answered at once.
  for (int i = 0; i < 100; ++i) {
    (void)client->peer.send(
        spice::ClipboardRequest{Selection::clipboard, ClipboardType::utf8_text});
  }
  pair->pump();
  EXPECT_EQ(agent->log.size(), AgentClipboard::most_requests);
  // Data that nobody has asked for goes nowhere.
  client->log.clear();
  ASSERT_TRUE(agent->peer
                  .send(spice::ClipboardData{Selection::primary, ClipboardType::utf8_text,
                                             to_bytes("unasked")})
                  .has_value());
  pair->pump();
  EXPECT_TRUE(client->log.empty());
}

TEST_F(AgentTest, CapabilitiesMayChange) {
  connect();
  EXPECT_TRUE(client->peer.has(VD_AGENT_CAP_MONITORS_CONFIG));
  const int before = client->announced;
  agent->peer.set_capabilities({VD_AGENT_CAP_REPLY});
  pair->pump();
  EXPECT_EQ(client->announced, before + 1);
  EXPECT_FALSE(client->peer.has(VD_AGENT_CAP_MONITORS_CONFIG));
  EXPECT_FALSE(pair->client_error);
  EXPECT_FALSE(pair->server_error);
}

}  // namespace
}  // namespace cassia::channels
