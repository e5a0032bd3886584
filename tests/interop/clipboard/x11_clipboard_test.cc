// SPDX-License-Identifier: Apache-2.0
// The clipboards of an X server against programs that go to the limits of ICCCM and beyond.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "client/clipboard/x11_clipboard.h"
#include "protocol/spice/agent_stream.h"
#include "tests/support/x11_peer.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

using client::ClipboardTypes;
using spice::ClipboardType;
using spice::Selection;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class X11ClipboardTest : public testing::Test, public client::HostClipboardEvents {
 protected:
  void SetUp() override {
    auto x = XServer::start_xvfb(320, 200);
    ASSERT_TRUE(x) << x.error().message();
    x_ = std::move(*x);
    ::setenv("DISPLAY", x_->display().c_str(), 1);
    peer_ = std::make_unique<X11Peer>(x_->display());
    clipboard_atom_ = peer_->atom("CLIPBOARD");
    auto made = client::make_x11_clipboard({});
    ASSERT_TRUE(made) << made.error().message();
    clipboard_ = std::move(*made);
  }
  bool dispatch_until(const std::function<bool()>& condition) {
    return wait_until([&] { return clipboard_->dispatch(*this), condition(); });
  }
  /// The guest takes the clipboard; true once the X server knows.
  bool guest_takes(const ClipboardTypes& types) {
    clipboard_->offer(Selection::clipboard, types);
    return wait_until([&] {
      peer_->convert(clipboard_atom_, peer_->atom("TIMESTAMP"), peer_->atom("OWNED"));
      const auto answer = peer_->next_notify();
      return answer && answer->property != XCB_ATOM_NONE;
    });
  }
  /// The peer takes it, and says that it has these targets.
  void peer_takes(const std::vector<xcb_atom_t>& targets) {
    peer_->own(clipboard_atom_);
    const auto request = peer_->next_request();
    ASSERT_TRUE(request);
    ASSERT_EQ(request->target, peer_->atom("TARGETS"));
    peer_->put(request->requestor, request->property, XCB_ATOM_ATOM, 32,
               {reinterpret_cast<const std::uint8_t*>(targets.data()), targets.size() * 4});
    peer_->answer(*request, request->property);
    ASSERT_TRUE(dispatch_until([&] { return !offers_.empty() && !offers_.back().empty(); }));
  }

  void host_offers(Selection selection, const ClipboardTypes& types) override {
    if (selection == Selection::clipboard) offers_.push_back(types);
  }
  void host_wants(Selection, ClipboardType type) override { wants_.push_back(type); }
  void host_gave(Selection, ClipboardType type, const SharedBytes& data) override {
    gave_.emplace_back(type, std::string(as_text(data.view())));
  }

  std::unique_ptr<XServer> x_;
  std::unique_ptr<X11Peer> peer_;
  xcb_atom_t clipboard_atom_ = 0;
  std::unique_ptr<client::HostClipboard> clipboard_;
  std::vector<ClipboardTypes> offers_;
  ClipboardTypes wants_;
  std::vector<std::pair<ClipboardType, std::string>> gave_;
};

TEST_F(X11ClipboardTest, AnswersAQuestionForSeveralTargets) {
  ASSERT_TRUE(guest_takes({ClipboardType::utf8_text, ClipboardType::png}));
  const std::vector<std::pair<std::string, std::string>> names = {{"UTF8_STRING", "A"},
                                                                  {"image/tiff", "B"},
                                                                  {"image/png", "C"},
                                                                  {"TARGETS", "D"},
                                                                  {"STRING", "E"}};
  std::vector<xcb_atom_t> pairs;
  for (const auto& [target, property] : names) {
    pairs.push_back(peer_->atom(target));
    pairs.push_back(peer_->atom(property));
  }
  const xcb_atom_t list = peer_->atom("LIST");
  peer_->put(peer_->window(), list, peer_->atom("ATOM_PAIR"), 32,
             {reinterpret_cast<const std::uint8_t*>(pairs.data()), pairs.size() * 4});
  peer_->convert(clipboard_atom_, peer_->atom("MULTIPLE"), list);
  ASSERT_TRUE(dispatch_until([&] { return wants_.size() == 1; }));
  clipboard_->give(Selection::clipboard, ClipboardType::utf8_text, to_bytes("text"));
  ASSERT_TRUE(dispatch_until([&] { return wants_.size() == 2; }));
  EXPECT_EQ(wants_.back(), ClipboardType::png);
  clipboard_->give(Selection::clipboard, ClipboardType::png, to_bytes("picture"));
  // It asks for the text again: what was given is not kept.
  ASSERT_TRUE(dispatch_until([&] { return wants_.size() == 3; }));
  clipboard_->give(Selection::clipboard, ClipboardType::utf8_text, to_bytes("text"));
  const auto answer = peer_->next_notify();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->property, list);
  const Bytes answered = peer_->take(list).data;
  ASSERT_EQ(answered.size(), pairs.size() * 4);
  pairs[3] = XCB_ATOM_NONE;  // no TIFF
  EXPECT_TRUE(std::equal(answered.begin(), answered.end(),
                         reinterpret_cast<const std::uint8_t*>(pairs.data())));
  EXPECT_EQ(as_text(peer_->take(pairs[1]).data), "text");
  EXPECT_EQ(as_text(peer_->take(pairs[5]).data), "picture");
  EXPECT_EQ(peer_->take(pairs[7]).type, XCB_ATOM_ATOM);
  EXPECT_EQ(as_text(peer_->take(pairs[9]).data), "text");
}

TEST_F(X11ClipboardTest, RefusesWhatTheGuestDoesNotGive) {
  ASSERT_TRUE(guest_takes({ClipboardType::utf8_text}));
  const xcb_atom_t text = peer_->atom("UTF8_STRING"), property = peer_->atom("P");
  peer_->convert(clipboard_atom_, peer_->atom("image/png"), property);
  EXPECT_EQ(peer_->next_notify()->property, XCB_ATOM_NONE);
  peer_->convert(clipboard_atom_, text, property);
  ASSERT_TRUE(dispatch_until([&] { return wants_.size() == 1; }));
  clipboard_->give(Selection::clipboard, ClipboardType::none, {});
  EXPECT_EQ(peer_->next_notify()->property, XCB_ATOM_NONE);
  // The guest gives it up while a program waits.
  peer_->convert(clipboard_atom_, text, property);
  ASSERT_TRUE(dispatch_until([&] { return wants_.size() == 2; }));
  clipboard_->withdraw(Selection::clipboard);
  EXPECT_EQ(peer_->next_notify()->property, XCB_ATOM_NONE);
  // Letters beyond Latin-1 cannot be had as STRING.
  clipboard_->give(Selection::clipboard, ClipboardType::utf8_text, to_bytes("late"));
  ASSERT_TRUE(guest_takes({ClipboardType::utf8_text}));
  peer_->convert(clipboard_atom_, XCB_ATOM_STRING, property);
  ASSERT_TRUE(dispatch_until([&] { return wants_.size() == 3; }));
  clipboard_->give(Selection::clipboard, ClipboardType::utf8_text, to_bytes("\u20ac"));
  EXPECT_EQ(peer_->next_notify()->property, XCB_ATOM_NONE);
}

TEST_F(X11ClipboardTest, ProgramsThatPasteAtOnceAreServedByOneQuestionAndBounded) {
  ASSERT_TRUE(guest_takes({ClipboardType::utf8_text}));
  const xcb_atom_t text = peer_->atom("UTF8_STRING"), property = peer_->atom("P");
  for (int i = 0; i < 100; ++i) peer_->convert(clipboard_atom_, text, property);
  for (int refused = 0; refused < 36; ++refused) {
    const auto answer = peer_->next_notify();
    ASSERT_TRUE(answer && answer->property == XCB_ATOM_NONE) << refused;
  }
  ASSERT_TRUE(dispatch_until([&] { return !wants_.empty(); }));
  clipboard_->give(Selection::clipboard, ClipboardType::utf8_text, to_bytes("for all"));
  for (int served = 0; served < 64; ++served) {
    const auto answer = peer_->next_notify();
    ASSERT_TRUE(answer && answer->property == property) << served;
  }
  EXPECT_THAT(wants_, ElementsAre(ClipboardType::utf8_text));
}

TEST_F(X11ClipboardTest, APictureWithoutEndIsGivenUp) {
  const xcb_atom_t png = peer_->atom("image/png"), incr = peer_->atom("INCR");
  ASSERT_NO_FATAL_FAILURE(peer_takes({png}));
  EXPECT_THAT(offers_.back(), ElementsAre(ClipboardType::png));
  clipboard_->fetch(Selection::clipboard, ClipboardType::png);
  const auto request = peer_->next_request();
  ASSERT_TRUE(request && request->target == png);
  peer_->watch(request->requestor);
  const std::uint32_t size = 5;  // it lies
  peer_->put(request->requestor, request->property, incr, 32,
             {reinterpret_cast<const std::uint8_t*>(&size), 4});
  peer_->answer(*request, request->property);
  const Bytes piece(1u << 20);
  int pieces = 0;
  for (; pieces < 100; ++pieces) {
    const auto change = peer_->next<xcb_property_notify_event_t>(XCB_PROPERTY_NOTIFY);
    ASSERT_TRUE(change);
    if (change->state != XCB_PROPERTY_DELETE) {
      --pieces;
      continue;
    }
    peer_->put(request->requestor, request->property, png, 8, piece);
    if (clipboard_->dispatch(*this), !gave_.empty()) break;
    if (pieces == 32) break;  // this one was too much
  }
  EXPECT_EQ(pieces, 32);
  ASSERT_TRUE(dispatch_until([&] { return !gave_.empty(); }));
  EXPECT_EQ(gave_[0].first, ClipboardType::none);
  EXPECT_TRUE(peer_->next<xcb_destroy_notify_event_t>(XCB_DESTROY_NOTIFY));
}

TEST_F(X11ClipboardTest, PicturesComeInPieces) {
  const xcb_atom_t png = peer_->atom("image/png");
  ASSERT_NO_FATAL_FAILURE(peer_takes({png}));
  clipboard_->fetch(Selection::clipboard, ClipboardType::png);
  const auto request = peer_->next_request();
  ASSERT_TRUE(request);
  peer_->watch(request->requestor);
  const std::uint32_t size = 9;
  peer_->put(request->requestor, request->property, peer_->atom("INCR"), 32,
             {reinterpret_cast<const std::uint8_t*>(&size), 4});
  peer_->answer(*request, request->property);
  for (const std::string piece : {"one", "two", "three", ""}) {
    for (;;) {
      const auto change = peer_->next<xcb_property_notify_event_t>(XCB_PROPERTY_NOTIFY);
      ASSERT_TRUE(change);
      if (change->state == XCB_PROPERTY_DELETE) break;
    }
    peer_->put(request->requestor, request->property, png, 8, as_bytes(piece));
  }
  ASSERT_TRUE(dispatch_until([&] { return !gave_.empty(); }));
  EXPECT_THAT(gave_, ElementsAre(std::pair(ClipboardType::png, std::string("onetwothree"))));
}

TEST_F(X11ClipboardTest, OddAnswersAreNothing) {
  const xcb_atom_t text = peer_->atom("UTF8_STRING"), png = peer_->atom("image/png");
  ASSERT_NO_FATAL_FAILURE(peer_takes({text, png}));
  const auto fetch = [&](ClipboardType type) {
    gave_.clear();
    clipboard_->fetch(Selection::clipboard, type);
    return peer_->next_request();
  };
  const auto nothing = [&] {
    return dispatch_until([&] { return !gave_.empty(); }) &&
           gave_.at(0).first == ClipboardType::none;
  };
  auto request = fetch(ClipboardType::png);
  ASSERT_TRUE(request);
  peer_->answer(*request, XCB_ATOM_NONE);
  EXPECT_TRUE(nothing());
  request = fetch(ClipboardType::png);
  peer_->answer(*request, request->property);  // but there is none
  EXPECT_TRUE(nothing());
  request = fetch(ClipboardType::png);
  peer_->put(request->requestor, request->property, png, 16, Bytes(4));
  peer_->answer(*request, request->property);
  EXPECT_TRUE(nothing());
  request = fetch(ClipboardType::png);
  peer_->put(request->requestor, request->property, png, 8, {});
  peer_->answer(*request, request->property);
  EXPECT_TRUE(nothing());
  clipboard_->fetch(Selection::clipboard, ClipboardType::tiff);  // was never offered
  gave_.clear();
  EXPECT_TRUE(nothing());
  // An owner that cannot even say what it has offers nothing.
  offers_.clear();
  peer_->own(clipboard_atom_);
  request = peer_->next_request();
  ASSERT_TRUE(request);
  peer_->answer(*request, XCB_ATOM_NONE);
  ASSERT_TRUE(dispatch_until([&] { return !offers_.empty(); }));
  EXPECT_THAT(offers_.back(), IsEmpty());
}

TEST_F(X11ClipboardTest, FilesAreMovedWhereKdeSaysSo) {
  const xcb_atom_t uris = peer_->atom("text/uri-list"),
                   cut = peer_->atom("application/x-kde-cutselection");
  ASSERT_NO_FATAL_FAILURE(peer_takes({uris, cut}));
  EXPECT_THAT(offers_.back(), ElementsAre(ClipboardType::file_list));
  clipboard_->fetch(Selection::clipboard, ClipboardType::file_list);
  for (int i = 0; i < 2; ++i) {
    const auto request = peer_->next_request();
    ASSERT_TRUE(request);
    const bool list = request->target == uris;
    peer_->put(request->requestor, request->property, request->target, 8,
               as_bytes(list ? "file:///tmp/a%20b\r\n" : "1"));
    peer_->answer(*request, request->property);
  }
  ASSERT_TRUE(dispatch_until([&] { return !gave_.empty(); }));
  EXPECT_EQ(gave_[0].second, std::string("cut\0/tmp/a b\0", 13));
}

}  // namespace
}  // namespace cassia::test
