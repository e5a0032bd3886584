// SPDX-License-Identifier: Apache-2.0
// The client roles against the SPICE server of a real QEMU: handshake, tickets, main channel, the
// BIOS screen on the display channel, cursor and inputs.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "channels/cursor/cursor_channel.h"
#include "channels/display/display_client.h"
#include "channels/inputs/inputs_channel.h"
#include "channels/main/main_channel.h"
#include "render/raster/canvas.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/channels/harness.h"

namespace cassia::channels {
namespace {

constexpr int patience_ms = 30000;

/// Joins an Endpoint and a unix socket, blocking.
class SocketPump {
 public:
  SocketPump(Endpoint& endpoint, const std::string& path) : endpoint_(endpoint) {
    fd_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }

  bool connected() const { return connected_; }

  /// Moves bytes until `done`; the error that ended the connection before that, if one did.
  std::optional<Error> run_until(const std::function<bool()>& done) {
    while (!done()) {
      flush();
      if (done()) break;
      pollfd poll_fd{fd_.get(), POLLIN, 0};
      if (::poll(&poll_fd, 1, patience_ms) <= 0) return Error(ErrorKind::timeout, "nothing came");
      std::uint8_t buffer[65536];
      const ssize_t got = ::read(fd_.get(), buffer, sizeof(buffer));
      if (got <= 0) return Error(ErrorKind::closed, "the server closed the connection");
      if (auto taken = endpoint_.receive({buffer, static_cast<std::size_t>(got)}, {}); !taken) {
        return taken.error();
      }
    }
    flush();
    return std::nullopt;
  }

 private:
  void flush() {
    const Bytes out = drain(endpoint_);
    for (std::size_t sent = 0; sent < out.size();) {
      const ssize_t n = ::send(fd_.get(), out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  Endpoint& endpoint_;
  FileDescriptor fd_;
  bool connected_ = false;
};

class Qemu {
 public:
  explicit Qemu(const std::string& ticketing, const std::string& password = {}) {
    std::vector<std::string> command = {
        "qemu-system-x86_64", "-M",   "pc",    "-accel",   "tcg",  "-m",      "32",
        "-nodefaults",        "-vga", "std",   "-display", "none", "-serial", "none",
        "-monitor",           "none", "-name", "peer"};
    if (!password.empty()) {
      command.insert(command.end(), {"-object", "secret,id=pw,data=" + password});
    }
    command.insert(command.end(), {"-spice", "unix=on,addr=" + socket() + "," + ticketing});
    auto started = test::Process::start(command);
    if (started) process_ = std::move(*started);
  }

  bool ready() {
    return process_ && test::wait_until([&] {
             return ::access(socket().c_str(), F_OK) == 0 || !process_->running();
           }) &&
           process_->running();
  }
  std::string socket() const { return (folder_ / "s").string(); }
  std::string errors() const { return process_ ? process_->errors() : "qemu did not start"; }

 private:
  test::TemporaryFolder folder_;
  std::optional<test::Process> process_;
};

struct MainLog : MainClientEvents {
  void main_init(const MainInit& i) override { init = i; }
  void main_channels(const std::vector<spice::ChannelId>& c) override { channels = c; }
  void main_mouse_mode(std::uint32_t, MouseMode) override {}
  void main_name(const std::string& n) override { name = n; }
  void main_closed(const Error&) override {}
  std::optional<MainInit> init;
  std::vector<spice::ChannelId> channels;
  std::string name;
};

struct DisplayLog : DisplayClientEvents {
  void display_surface_create(const SurfaceInfo& s) override {
    surfaces.push_back(s);
    ASSERT_TRUE(canvas->create_surface(s.id, s.size, s.format).has_value());
  }
  void display_surface_destroy(raster::SurfaceId id) override { canvas->destroy_surface(id); }
  void display_mark() override { marked = true; }
  void display_reset() override { canvas->destroy_all(); }
  void display_draw(raster::DrawOpPtr op) override {
    ++draws;
    if (auto drawn = canvas->draw(*op); !drawn) problems.push_back(drawn.error().message());
  }
  void display_stream_create(const StreamInfo&) override {}
  void display_stream_frame(const StreamFrame&) override {}
  void display_stream_clip(std::uint32_t, const raster::Clip&) override {}
  void display_stream_destroy(std::uint32_t) override {}
  void display_stream_destroy_all() override {}
  void display_problem(const std::string& text) override { problems.push_back(text); }
  void display_closed(const Error&) override {}
  std::unique_ptr<raster::Canvas> canvas = raster::make_reference_canvas();
  std::vector<SurfaceInfo> surfaces;
  std::vector<std::string> problems;
  int draws = 0;
  bool marked = false;
};

struct CursorLog : CursorClientEvents {
  void cursor_set(const CursorState&) override { ++sets; }
  void cursor_move(raster::Point) override {}
  void cursor_hide() override {}
  void cursor_closed(const Error&) override {}
  int sets = 0;
};

struct InputsLog : InputsClientEvents {
  void inputs_modifiers(std::uint16_t m) override { modifiers.push_back(m); }
  void inputs_closed(const Error&) override {}
  std::vector<std::uint16_t> modifiers;
};

bool shows_something(raster::Canvas& canvas, raster::SurfaceId id) {
  const auto picture = canvas.read(id, raster::Rect::of(canvas.surface_size(id)));
  if (!picture) return false;
  for (std::int32_t y = 0; y < picture->height(); ++y) {
    for (std::int32_t x = 0; x < picture->width(); ++x) {
      if ((picture->row32(y)[x] & 0xffffff) != 0) return true;
    }
  }
  return false;
}

std::unique_ptr<ClientConnection> connect(spice::ChannelType type, std::uint32_t session,
                                          std::unique_ptr<Channel> channel,
                                          std::string password = {}) {
  ClientLinkParams params;
  params.channel = {type, 0};
  params.connection_id = session;
  params.password = std::move(password);
  return ClientConnection::create(std::move(params), std::move(channel));
}

TEST(QemuTest, EveryChannelOfAnOpenServer) {
  Qemu qemu("disable-ticketing=on");
  ASSERT_TRUE(qemu.ready()) << qemu.errors();

  MainLog main_log;
  auto main = connect(spice::ChannelType::main, 0, MainClient::create(main_log));
  SocketPump main_pump(*main, qemu.socket());
  ASSERT_TRUE(main_pump.connected());
  auto error = main_pump.run_until([&] { return main_log.init && !main_log.channels.empty(); });
  ASSERT_FALSE(error) << error->message();
  EXPECT_NE(main_log.init->session_id, 0u);
  EXPECT_EQ(main_log.name, "peer");
  const auto offers = [&](spice::ChannelType type) {
    const spice::ChannelId id{type, 0};
    return std::find(main_log.channels.begin(), main_log.channels.end(), id) !=
           main_log.channels.end();
  };
  EXPECT_TRUE(offers(spice::ChannelType::display));
  EXPECT_TRUE(offers(spice::ChannelType::inputs));
  EXPECT_TRUE(offers(spice::ChannelType::cursor));

  const std::uint32_t session = main_log.init->session_id;
  DisplayLog display_log;
  auto display = connect(spice::ChannelType::display, session, DisplayClient::create(display_log));
  SocketPump display_pump(*display, qemu.socket());
  error = display_pump.run_until([&] {
    return display_log.marked && !display_log.surfaces.empty() && display_log.draws > 0 &&
           shows_something(*display_log.canvas, display_log.surfaces.back().id);
  });
  ASSERT_FALSE(error) << error->message();
  EXPECT_TRUE(display_log.surfaces.back().primary);
  EXPECT_TRUE(display_log.problems.empty()) << display_log.problems.front();
  EXPECT_GT(display->stats().messages_received, 3u);

  CursorLog cursor_log;
  auto cursor = connect(spice::ChannelType::cursor, session, CursorClient::create(cursor_log));
  SocketPump cursor_pump(*cursor, qemu.socket());
  error = cursor_pump.run_until([&] { return cursor_log.sets > 0; });
  EXPECT_FALSE(error) << error->message();

  InputsLog inputs_log;
  auto owned = InputsClient::create(inputs_log);
  InputsClient& keyboard = *owned;
  auto inputs = connect(spice::ChannelType::inputs, session, std::move(owned));
  SocketPump inputs_pump(*inputs, qemu.socket());
  error = inputs_pump.run_until([&] { return !inputs_log.modifiers.empty(); });
  ASSERT_FALSE(error) << error->message();
  // More motion than may be under way unacknowledged: the rest leaves with the server's acks.
  const std::uint64_t sent_before = inputs->stats().messages_sent;
  for (int i = 0; i < 32; ++i) keyboard.mouse_motion(1, 1, 0);
  keyboard.key_down(0x1c);
  keyboard.key_up(0x1c);
  EXPECT_EQ(inputs->stats().messages_sent - sent_before, 8u + 2u);
  error = inputs_pump.run_until([&] { return inputs->stats().messages_sent - sent_before == 11u; });
  EXPECT_FALSE(error) << error->message();
}

TEST(QemuTest, RightAndWrongPasswords) {
  Qemu qemu("password-secret=pw", "sesame");
  ASSERT_TRUE(qemu.ready()) << qemu.errors();
  for (const std::string& wrong : {std::string("open"), std::string()}) {
    MainLog log;
    auto main = connect(spice::ChannelType::main, 0, MainClient::create(log), wrong);
    SocketPump pump(*main, qemu.socket());
    const auto error = pump.run_until([&] { return log.init.has_value(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::auth) << error->message();
    EXPECT_FALSE(main->open());
  }
  MainLog log;
  auto main = connect(spice::ChannelType::main, 0, MainClient::create(log), "sesame");
  SocketPump pump(*main, qemu.socket());
  const auto error = pump.run_until([&] { return log.init.has_value(); });
  EXPECT_FALSE(error) << error->message();
}

TEST(QemuTest, UnknownSessionsAreRefusedByKind) {
  Qemu qemu("disable-ticketing=on");
  ASSERT_TRUE(qemu.ready()) << qemu.errors();
  DisplayLog log;
  auto display = connect(spice::ChannelType::display, 0x1234, DisplayClient::create(log));
  SocketPump pump(*display, qemu.socket());
  const auto error = pump.run_until([] { return false; });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::invalid_argument) << error->message();
}

}  // namespace
}  // namespace cassia::channels
