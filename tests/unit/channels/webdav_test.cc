// SPDX-License-Identifier: Apache-2.0
// The webdav channel's multiplexing and the hub that serves it.

#include <gtest/gtest.h>

#include <numeric>

#include "channels/webdav/webdav_hub.h"

namespace cassia::channels {
namespace {

struct Out : WebdavConnections {
  void webdav_open(MuxId id) override { opened.push_back(id); }
  void webdav_data(MuxId id, ByteView d) override {
    data[id].insert(data[id].end(), d.begin(), d.end());
  }
  void webdav_close(MuxId id) override { closed.push_back(id); }
  void webdav_send(Bytes frames) override { sent.insert(sent.end(), frames.begin(), frames.end()); }
  void webdav_pause(bool p) override { paused = p; }
  std::vector<MuxId> opened, closed;
  std::map<MuxId, Bytes> data;
  Bytes sent;
  bool paused = false;
};

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(WebdavMux, FramesSurviveAnyCut) {
  const Bytes big(150000, 'b');
  const Bytes stream = joined({mux_frames(1, as_bytes("GET")), mux_frames(-9, big),
                               mux_frames(1, {}), mux_frames(2, as_bytes("x"))});
  for (const std::size_t step :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, stream.size()}) {
    std::map<MuxId, Bytes> data;
    std::vector<MuxId> closed;
    MuxReader reader([&](MuxId id, ByteView d) {
      if (d.empty()) closed.push_back(id);
      data[id].insert(data[id].end(), d.begin(), d.end());
    });
    for (std::size_t at = 0; at < stream.size(); at += step) {
      reader.feed(ByteView(stream).subspan(at, std::min(step, stream.size() - at)));
    }
    EXPECT_EQ(as_text(data[1]), "GET");
    EXPECT_EQ(data[-9], big);
    EXPECT_EQ(as_text(data[2]), "x");
    EXPECT_EQ(closed, std::vector<MuxId>{1});
  }
}

TEST(WebdavHub, OpensServesAndClosesMany) {
  Out out;
  WebdavHub hub(out);
  hub.receive(joined({mux_frames(5, as_bytes("five")), mux_frames(6, as_bytes("six"))}));
  EXPECT_EQ(out.opened, (std::vector<MuxId>{5, 6}));
  hub.answer(6, as_bytes("answer"));
  hub.answer(5, {});  // the server has hung up
  EXPECT_EQ(out.sent, joined({mux_frames(6, as_bytes("answer")), mux_frames(5, {})}));
  hub.receive(mux_frames(5, as_bytes("late")));  // was under way: opens nothing
  EXPECT_EQ(out.opened.size(), 2u);
  EXPECT_EQ(as_text(out.data[5]), "five");
  hub.receive(mux_frames(5, {}));
  hub.receive(mux_frames(5, as_bytes("again")));  // the number is used anew
  EXPECT_EQ(out.opened, (std::vector<MuxId>{5, 6, 5}));
  hub.receive(mux_frames(6, {}));
  EXPECT_EQ(out.closed, std::vector<MuxId>{6});
  hub.answer(6, as_bytes("nobody hears this"));
  hub.reset();
  EXPECT_EQ(out.closed, (std::vector<MuxId>{6, 5}));
  EXPECT_EQ(hub.connections(), 0u);
}

TEST(WebdavHub, UnknownNumbersThatCloseOpenNothing) {
  Out out;
  WebdavHub hub(out);
  for (MuxId id = 0; id < 1000; ++id) hub.receive(mux_frames(id, {}));
  hub.answer(77, as_bytes("x"));
  hub.written(77, 5);
  EXPECT_TRUE(out.opened.empty());
  EXPECT_TRUE(out.sent.empty());
}

TEST(WebdavHub, TenThousandConnectionsCostSixtyFour) {
  Out out;
  WebdavHub hub(out);
  for (MuxId id = 0; id < 10000; ++id) hub.receive(mux_frames(id, as_bytes("GET / HTTP/1.1")));
  EXPECT_EQ(hub.connections(), 64u);
  EXPECT_EQ(out.opened.size(), 64u);
  // Each of the others was told at once.
  EXPECT_EQ(out.sent.size(), (10000u - 64) * mux_header);
}

TEST(WebdavHub, AServerThatDoesNotReadPausesTheChannel) {
  Out out;
  WebdavHub hub(out, {.backlog = 1000});
  hub.receive(mux_frames(1, Bytes(999, 'a')));
  EXPECT_FALSE(out.paused);
  hub.receive(mux_frames(2, Bytes(1, 'a')));
  EXPECT_TRUE(out.paused);
  hub.written(1, 500);
  EXPECT_FALSE(out.paused);
  hub.written(1, 5000);  // never below zero
  EXPECT_EQ(hub.backlog(), 1u);
  hub.receive(mux_frames(1, Bytes(5000, 'a')));
  EXPECT_TRUE(out.paused);
  hub.receive(mux_frames(1, {}));  // what waited for it is gone with it
  EXPECT_FALSE(out.paused);
}

}  // namespace
}  // namespace cassia::channels
