// SPDX-License-Identifier: Apache-2.0
// A whole session with a QEMU of our own, which also says what a real one does not.

#include "server/guest/dbus/session.h"

#include <gtest/gtest.h>
#include <pixman.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>

#include "server/guest/dbus/listener.h"
#include "tests/unit/dbus/fake_qemu.h"
#include "tests/unit/dbus/guest_record.h"

namespace cassia::server::dbus {
namespace {

using channels::MouseMode;
using spice::ClipboardType;
using spice::Selection;

class DbusSessionTest : public testing::Test {
 protected:
  void SetUp() override {
    auto pair = socket_pair();
    ASSERT_TRUE(pair);
    qemu_ = std::make_unique<FakeQemu>(io_.get_executor(), std::move(pair->second));
    auto bus = Bus::create(io_.get_executor(), std::move(pair->first));
    ASSERT_TRUE(bus);
    session_ = std::make_shared<Session>(io_.get_executor(), std::move(*bus), record_, &record_, 1,
                                         [this](const Error&) { ++ended_; });
    session_->start();
    ASSERT_TRUE(until([&] { return qemu_->listeners == 1 && record_.displays_ == 1; }));
  }
  bool until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(100));
    }
    return condition();
  }
  bool heard(const std::string& call) {
    return until([&] {
      return std::find(qemu_->heard.begin(), qemu_->heard.end(), call) != qemu_->heard.end();
    });
  }
  bool answered(const char* member, bool good) {
    const bool came = until([&] { return qemu_->results.count(member) != 0; });
    const bool as_expected = came && qemu_->results[member] == good;
    qemu_->results.erase(member);
    return as_expected;
  }
  void show() {
    qemu_->scanout(8, 8, 32, 0x123456);
    ASSERT_TRUE(answered("Scanout", true)) << qemu_->answers["Scanout"];
    ASSERT_EQ(record_.shown_, 1u);
  }
  std::uint32_t at(int x, int y) {
    const auto picture = record_.head(0).picture();
    return picture ? picture->row32(y)[x] & 0xffffff : 0xdead;
  }

  boost::asio::io_context io_;
  GuestRecord record_;
  std::unique_ptr<FakeQemu> qemu_;
  std::shared_ptr<Session> session_;
  int ended_ = 0;
};

TEST_F(DbusSessionTest, ShowsWhatTheListenerIsTold) {
  EXPECT_EQ(record_.name_, "fake");
  show();
  qemu_->update(2, 3, 4, 2, 0x654321);
  ASSERT_TRUE(answered("Update", true)) << qemu_->answers["Update"];
  EXPECT_EQ(at(2, 3), 0x654321u);
  EXPECT_EQ(at(1, 3), 0x123456u);
  EXPECT_EQ(record_.drawn_.back(), (raster::Rect{2, 3, 6, 5}));
}

TEST_F(DbusSessionTest, NonsenseIsAnsweredAsAnErrorAndChangesNothing) {
  qemu_->scanout(0, 8, 32, 1);
  EXPECT_TRUE(answered("Scanout", false));
  qemu_->scanout(0xffffffff, 0xffffffff, 0xffffffff, 1);
  EXPECT_TRUE(answered("Scanout", false));
  EXPECT_EQ(record_.shown_, 0u);
  show();
  qemu_->scanout(8, 9, 32, 1);
  EXPECT_TRUE(answered("Scanout", false));
  qemu_->call_listener("org.qemu.Display1.Listener", "Scanout",
                       [](sd_bus_message* m) { return sd_bus_message_append(m, "s", "what"); });
  EXPECT_TRUE(answered("Scanout", false));
  qemu_->call_listener("org.qemu.Display1.Listener", "CursorDefine", [](sd_bus_message* m) {
    sd_bus_message_append(m, "iiii", 1 << 30, 1 << 30, -1, -1);
    return sd_bus_message_append_array(m, 'y', "x", 1);
  });
  EXPECT_TRUE(answered("CursorDefine", false));
  EXPECT_EQ(at(0, 0), 0x123456u);
  EXPECT_EQ(ended_, 0);
}

TEST_F(DbusSessionTest, AnUpdateOutsideOrANewSizeRegistersAnew) {
  show();
  qemu_->update(4, 4, 8, 8, 0x1);
  ASSERT_TRUE(until([&] { return qemu_->listeners == 2; }));
  qemu_->scanout(4, 4, 16, 0x222222);
  ASSERT_TRUE(answered("Scanout", true));
  EXPECT_EQ(record_.size(), (raster::Size{4, 4}));
  qemu_->set_size(4, 4);  // what we know
  qemu_->set_absolute(true);
  ASSERT_TRUE(until([&] { return record_.mouse_mode_ == MouseMode::client; }));
  EXPECT_EQ(qemu_->listeners, 2u);
  qemu_->set_size(2, 2);
  ASSERT_TRUE(until([&] { return qemu_->listeners == 3; }));
  qemu_->scanout(2, 2, 8, 0x333333);
  ASSERT_TRUE(answered("Scanout", true));
  EXPECT_EQ(record_.size(), (raster::Size{2, 2}));
  EXPECT_EQ(ended_, 0);
}

TEST_F(DbusSessionTest, TakesScanoutsInMemoryFiles) {
  // As QEMU does, which asks for the listener's properties first: sd-bus takes no descriptors with
  // the bytes that end its handshake.
  qemu_->call_listener("org.qemu.Display1.Listener", "MouseSet",
                       [](sd_bus_message* m) { return sd_bus_message_append(m, "iii", 1, 1, 0); });
  ASSERT_TRUE(answered("MouseSet", true));
  const int fd = ::memfd_create("screen", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(fd, 8 * 8 * 4), 0);
  const auto map = [&](std::uint32_t offset) {
    qemu_->call_listener(
        "org.qemu.Display1.Listener.Unix.Map", "ScanoutMap", [=](sd_bus_message* m) {
          return sd_bus_message_append(m, "huuuuu", fd, offset, 8u, 8u, 32u,
                                       static_cast<std::uint32_t>(PIXMAN_x8r8g8b8));
        });
  };
  map(4);
  EXPECT_TRUE(answered("ScanoutMap", false));
  EXPECT_NE(qemu_->answers["ScanoutMap"].find("too short"), std::string::npos)
      << qemu_->answers["ScanoutMap"];
  map(0);
  EXPECT_TRUE(answered("ScanoutMap", true));
  EXPECT_EQ(record_.shown_, 1u);
  const std::uint32_t dot = 0xabcdef;
  ASSERT_EQ(::pwrite(fd, &dot, 4, 32 + 4), 4);
  qemu_->call_listener("org.qemu.Display1.Listener.Unix.Map", "UpdateMap", [](sd_bus_message* m) {
    return sd_bus_message_append(m, "iiii", 0, 0, 4, 4);
  });
  EXPECT_TRUE(answered("UpdateMap", true));
  EXPECT_EQ(at(1, 1), 0xabcdefu);
  ::close(fd);
}

TEST_F(DbusSessionTest, SendsInputAndMergesMotionThatIsNotTaken) {
  show();
  session_->key(0x1e, true);
  session_->key(0x1e, false);
  EXPECT_TRUE(heard("Press 30"));
  for (int i = 0; i < 100; ++i) session_->motion(1, -1, 0);
  EXPECT_TRUE(until([&] {
    int sum = 0;
    for (const auto& call : qemu_->heard) {
      if (call.rfind("RelMotion ", 0) == 0) sum += std::atoi(call.c_str() + 10);
    }
    return sum == 100;
  }));
  EXPECT_LT(qemu_->heard.size(), 20u);
  session_->motion(5, 6, 1);
  session_->button(channels::MouseButton::left, false);
  EXPECT_TRUE(heard("Release 0"));
  qemu_->set_absolute(true);
  ASSERT_TRUE(until([&] { return record_.mouse_mode_ == MouseMode::client; }));
  session_->position(100, 3, 0, 0);
  EXPECT_TRUE(heard("SetAbsPosition 7 3"));
}

TEST_F(DbusSessionTest, ResizesAndAnswers) {
  ASSERT_TRUE(until([&] { return record_.agent_up_; }));
  spice::AgentMonitorsConfig config;
  config.use_position = true;
  config.monitors = {{600, 800, 32, -5, 6}};
  config.sizes = {{20, 30}};
  ASSERT_TRUE(session_->agent()->send(config));
  EXPECT_TRUE(heard("SetUIInfo 30 20 -5 6 800 600"));
  ASSERT_TRUE(until([&] { return record_.said<spice::AgentReply>(); }));
  EXPECT_TRUE(record_.said<spice::AgentReply>()->success);
  EXPECT_FALSE(session_->agent()->send(spice::FileStart{1, "x"}));
}

TEST_F(DbusSessionTest, WhatTheGuestCopiesIsAskedForInOrder) {
  ASSERT_TRUE(heard("Register"));
  qemu_->bus().call(
      {"/org/qemu/Display1/Clipboard", "org.qemu.Display1.Clipboard", "Grab"},
      [](sd_bus_message* m) {
        return sd_bus_message_append(m, "uuas", 1u, 7u, 1, "text/plain;charset=utf-8");
      },
      [](const Result<sd_bus_message*>& reply) { EXPECT_TRUE(reply); });
  ASSERT_TRUE(until([&] { return record_.said<spice::ClipboardGrab>(); }));
  EXPECT_EQ(record_.said<spice::ClipboardGrab>()->selection, Selection::primary);
  qemu_->clipboard = "of the guest";
  const auto ask = [&](ClipboardType type) {
    ASSERT_TRUE(session_->agent()->send(spice::ClipboardRequest{Selection::primary, type}));
  };
  ask(ClipboardType::utf8_text);
  ask(ClipboardType::png);
  ask(ClipboardType::utf8_text);
  const auto answers = [&] {
    std::vector<std::string> out;
    for (const auto& said : record_.said_) {
      const auto* data = std::get_if<spice::ClipboardData>(&said);
      if (data) out.emplace_back(as_text(data->data.view()));
    }
    return out;
  };
  ASSERT_TRUE(until([&] { return answers().size() == 3; }));
  EXPECT_EQ(answers(), (std::vector<std::string>{"of the guest", "", "of the guest"}));
}

TEST_F(DbusSessionTest, WhatAViewerCopiesIsHereBeforeTheGuestHearsOfIt) {
  ASSERT_TRUE(heard("Register"));
  std::string pasted;
  bool failed = false;
  const auto paste = [&] {
    pasted.clear();
    failed = false;
    qemu_->bus().call(
        {"/org/qemu/Display1/Clipboard", "org.qemu.Display1.Clipboard", "Request"},
        [](sd_bus_message* m) {
          return sd_bus_message_append(m, "uas", 0u, 1, "text/plain;charset=utf-8");
        },
        [&](const Result<sd_bus_message*>& reply) {
          failed = !reply;
          if (!reply) return;
          sd_bus_message_skip(*reply, "s");
          const auto bytes = read_bytes(*reply);
          if (bytes) pasted = as_text(*bytes);
        });
    return until([&] { return failed || !pasted.empty(); });
  };
  ASSERT_TRUE(session_->agent()->send(
      spice::ClipboardGrab{Selection::clipboard, 0, {ClipboardType::utf8_text}}));
  ASSERT_TRUE(until([&] { return record_.said<spice::ClipboardRequest>(); }));
  ASSERT_TRUE(paste());
  EXPECT_TRUE(failed);
  EXPECT_EQ(std::count(qemu_->heard.begin(), qemu_->heard.end(), "Grab 0 1"), 0);
  ASSERT_TRUE(session_->agent()->send(spice::ClipboardData{
      Selection::clipboard, ClipboardType::utf8_text, SharedBytes(to_bytes("of a viewer"))}));
  EXPECT_TRUE(heard("Grab 0 1"));
  ASSERT_TRUE(paste());
  EXPECT_EQ(pasted, "of a viewer");
  ASSERT_TRUE(session_->agent()->send(spice::ClipboardRelease{Selection::clipboard}));
  EXPECT_TRUE(heard("Release 0"));
  ASSERT_TRUE(paste());
  EXPECT_TRUE(failed);
}

TEST_F(DbusSessionTest, EndsOnceWhenThePeerGoes) {
  show();
  qemu_.reset();
  EXPECT_TRUE(until([&] { return ended_ == 1; }));
  EXPECT_EQ(session_->agent(), nullptr);
  session_->key(0x1e, true);
  session_->motion(1, 1, 0);
}

}  // namespace
}  // namespace cassia::server::dbus
