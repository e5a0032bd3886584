// SPDX-License-Identifier: Apache-2.0
// GL scanouts between both roles, and what a hostile server may make of them.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <spice/enums.h>
#include <sys/stat.h>

#include "channels/display/drm_format.h"
#include "protocol/spice/display_messages.h"
#include "tests/unit/channels/display_harness.h"

namespace cassia::channels {
namespace {

using raster::Rect;
using testing::HasSubstr;

DisplayClientOptions willing() {
  DisplayClientOptions options;
  options.gl_scanout = true;
  return options;
}

std::shared_ptr<const FileDescriptor> some_file() {
  return std::make_shared<FileDescriptor>(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
}

bool same_file(const FileDescriptor& a, const FileDescriptor& b) {
  struct stat one {
  }, other{};
  return ::fstat(a.get(), &one) == 0 && ::fstat(b.get(), &other) == 0 &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

GlScanout scanout(std::shared_ptr<const FileDescriptor> memory = some_file()) {
  return {{64, 48}, 256, drm_xrgb8888, true, std::move(memory)};
}

struct ScanoutPair : DisplayPair {
  explicit ScanoutPair(std::size_t fragment = 4096)
      : DisplayPair(willing(), fragment, nullptr, true) {}

  /// A message as a server that knows no rules would send it.
  void say(std::uint16_t type, Bytes body) {
    std::vector<SharedBytes> pieces;
    pieces.emplace_back(std::move(body));
    server->link()->send(type, std::move(pieces));
    pair->pump();
  }
};

TEST(GlScanoutTest, ReachesTheClientWithItsMemoryAndDrawsAreAnswered) {
  for (const std::size_t fragment : {1, 3, 4096}) {
    ScanoutPair p(fragment);
    EXPECT_TRUE(p.server->takes_gl_scanouts());
    const auto memory = some_file();
    p.server->send_gl_scanout(scanout(memory));
    p.server->send_gl_draw({1, 2, 30, 40});
    p.server->send_mark();
    p.pair->pump();
    ASSERT_EQ(p.client_log.scanouts.size(), 1u) << fragment;
    const GlScanout& seen = p.client_log.scanouts[0];
    EXPECT_EQ(seen.size, (raster::Size{64, 48}));
    EXPECT_EQ(seen.stride, 256u);
    EXPECT_EQ(seen.fourcc, drm_xrgb8888);
    EXPECT_TRUE(seen.y0_top);
    ASSERT_TRUE(seen.memory);
    EXPECT_TRUE(same_file(*seen.memory, *memory));
    EXPECT_THAT(p.client_log.gl_draws, testing::ElementsAre(Rect{1, 2, 30, 40}));
    EXPECT_EQ(p.client_log.marks, 1) << "the byte that carries the descriptor is no message";
    EXPECT_EQ(p.server_log.gl_draws_done, 0);
    p.client->send_gl_draw_done();
    p.pair->pump();
    EXPECT_EQ(p.server_log.gl_draws_done, 1);
    p.client->send_gl_draw_done();
    p.pair->pump();
    EXPECT_EQ(p.server_log.gl_draws_done, 1) << "an answer to nothing";
    EXPECT_TRUE(p.client_log.problems.empty());
  }
}

TEST(GlScanoutTest, AnEndOfItHasNoMemoryAndNoByte) {
  ScanoutPair p;
  p.server->send_gl_scanout(scanout());
  p.server->send_gl_scanout({});
  p.server->send_mark();
  p.pair->pump();
  ASSERT_EQ(p.client_log.scanouts.size(), 2u);
  EXPECT_EQ(p.client_log.scanouts[1].fourcc, 0u);
  EXPECT_FALSE(p.client_log.scanouts[1].memory);
  EXPECT_EQ(p.client_log.marks, 1);
  p.server->send_gl_draw({0, 0, 1, 1});
  p.pair->pump();
  EXPECT_THAT(p.client_log.problems, testing::ElementsAre(HasSubstr("nothing is scanned out")));
  EXPECT_EQ(p.server_log.gl_draws_done, 1) << "answered, or the server would wait for ever";
}

TEST(GlScanoutTest, OfferedOnlyWhereDescriptorsTravelAndIfWanted) {
  DisplayPair tcp(willing());
  EXPECT_FALSE(tcp.server->takes_gl_scanouts());
  DisplayPair unwilling({}, 4096, nullptr, true);
  EXPECT_FALSE(unwilling.server->takes_gl_scanouts());
  EXPECT_FALSE(unwilling.pair->client->takes_descriptors());
}

TEST(GlScanoutTest, ADrawMustLieInside) {
  for (const auto& [x, y, w, h] :
       std::vector<std::array<std::uint32_t, 4>>{{0, 0, 65, 1},
                                                 {0, 0, 1, 49},
                                                 {64, 0, 1, 1},
                                                 {0xFFFFFFFF, 0, 2, 1},
                                                 {0, 1, 1, 0xFFFFFFFF}}) {
    ScanoutPair p;
    p.server->send_gl_scanout(scanout());
    p.say(SPICE_MSG_DISPLAY_GL_DRAW, wire::encode(spice::GlDraw{x, y, w, h}));
    EXPECT_TRUE(p.client_log.gl_draws.empty());
    EXPECT_THAT(p.client_log.problems, testing::ElementsAre(HasSubstr("not inside")));
  }
}

TEST(GlScanoutTest, WithoutADescriptorItIsAProblemAndTheSessionGoesOn) {
  ScanoutPair p;
  p.say(SPICE_MSG_DISPLAY_GL_SCANOUT_UNIX,
        wire::encode(spice::GlScanoutUnix{64, 48, 256, drm_xrgb8888, 1}));
  // The first byte of the next message is taken for the one that carries it: as long as that comes,
  // nothing is out of step.
  EXPECT_TRUE(p.client_log.scanouts.empty());
  ASSERT_TRUE(feed(*p.pair->client, Bytes{'@'}, 1).has_value());
  ASSERT_EQ(p.client_log.scanouts.size(), 1u);
  EXPECT_EQ(p.client_log.scanouts[0].fourcc, 0u);
  EXPECT_THAT(p.client_log.problems, testing::ElementsAre(HasSubstr("no file descriptor")));
  p.server->send_mark();
  p.pair->pump();
  EXPECT_EQ(p.client_log.marks, 1);
}

TEST(GlScanoutTest, ImpossibleSizesAreAProblem) {
  for (const raster::Size size : {raster::Size{0, 48}, raster::Size{64, 0}, raster::Size{-1, 48},
                                  raster::Size{raster::max_side + 1, 1}}) {
    ScanoutPair p;
    GlScanout wrong = scanout();
    wrong.size = size;
    p.server->send_gl_scanout(wrong);
    p.server->send_mark();
    p.pair->pump();
    ASSERT_EQ(p.client_log.scanouts.size(), 1u);
    EXPECT_FALSE(p.client_log.scanouts[0].memory);
    EXPECT_THAT(p.client_log.problems, testing::ElementsAre(HasSubstr("a scanout of")));
    EXPECT_EQ(p.client_log.marks, 1);
  }
}

TEST(GlScanoutTest, UnaskedOrCutOffItEndsTheConnection) {
  DisplayPair tcp(willing());
  const Bytes body = wire::encode(spice::GlScanoutUnix{64, 48, 256, drm_xrgb8888, 1});
  EXPECT_FALSE(tcp.client->on_message(SPICE_MSG_DISPLAY_GL_SCANOUT_UNIX, body, {}).has_value());
  for (std::size_t size = 0; size < body.size(); ++size) {
    ScanoutPair p;
    EXPECT_FALSE(
        p.client->on_message(SPICE_MSG_DISPLAY_GL_SCANOUT_UNIX, ByteView(body).first(size), {})
            .has_value())
        << size;
  }
}

TEST(GlScanoutTest, DescriptorsThatNobodyAskedForAreClosed) {
  ScanoutPair p;
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const FileDescriptor reader(ends[0]);
  std::vector<FileDescriptor> given;
  given.emplace_back(ends[1]);
  p.pair->client->receive_descriptors(std::move(given));
  p.server->send_mark();
  p.pair->pump();
  EXPECT_EQ(p.client_log.marks, 1);
  char byte;
  EXPECT_EQ(::read(reader.get(), &byte, 1), 0) << "the end of a pipe that nobody writes to";
}

TEST(GlScanoutTest, KeepsItsPlaceAmongOtherEvents) {
  ScanoutPair p;
  p.make_surface();
  p.server->send_gl_scanout(scanout());
  p.server->send_reset();
  p.server->send_gl_draw({0, 0, 1, 1});
  p.pair->pump();
  EXPECT_EQ(p.client_log.resets, 1);
  EXPECT_THAT(p.client_log.problems, testing::ElementsAre(HasSubstr("nothing is scanned out")))
      << "a reset ends the scanout";
}

}  // namespace
}  // namespace cassia::channels
