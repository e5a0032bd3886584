// SPDX-License-Identifier: Apache-2.0
// Every page of draws of the demo guest, as the stock client and as our viewer's canvases show it,
// against the server's own picture. Where the stock client differs the case is named in
// stock_differences.cc and in docs/rendering.md; one that no longer differs fails as well.

#include "server/guest/draw_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "tests/interop/gateway/stock_differences.h"
#include "tests/support/gtk_client.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"

namespace cassia::test {
namespace {

using server::DrawCell;
using server::DrawPage;

int largest_difference(const Picture& a, const Picture& b, const raster::Rect& area) {
  int most = 0;
  for (int y = area.top; y < area.bottom; ++y) {
    for (int x = area.left; x < area.right; ++x) {
      for (int i = 0; i < 3; ++i)
        most = std::max(most, std::abs(a.pixel(x, y)[i] - b.pixel(x, y)[i]));
    }
  }
  return most;
}

/// The cells that differ by more than they may; "outside of all cells" for other pixels.
std::set<std::string> differing(const DrawPage& page, Picture actual, Picture expected,
                                bool tolerant) {
  std::set<std::string> names;
  for (const DrawCell& cell : page.cells) {
    const int allowed = tolerant ? cell.tolerance : 0;
    if (largest_difference(actual, expected, cell.box) > allowed) names.insert(cell.name);
    for (Picture* picture : {&actual, &expected}) {
      for (int y = cell.box.top; y < cell.box.bottom; ++y) {
        std::fill_n(
            &picture
                 ->rgb[3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture->width) +
                            static_cast<std::size_t>(cell.box.left))],
            3 * cell.box.width(), 0);
      }
    }
  }
  if (actual != expected) names.insert("outside of all cells");
  return names;
}

class DrawPages : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    page_ = server::make_draw_page(GetParam()).value();
    const std::filesystem::path file = folder_ / "reference.ppm";
    auto gateway = Gateway::start(
        {"--demo", "--demo-page", GetParam(), "--print-ready", "--debug-picture", file});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
    ASSERT_TRUE(gateway_->process().wait_for_text("READY"));
    gateway_->process().signal(SIGUSR1);
    ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(file); }));
    auto picture = load_picture(file);
    ASSERT_TRUE(picture) << picture.error().message();
    reference_ = std::move(*picture);
    ASSERT_GE(reference_.colours(), 2u);
  }

  void expect_cells(const Picture& actual, const std::set<std::string>& expected, bool tolerant,
                    const std::string& who) const {
    ASSERT_EQ(actual.width, reference_.width);
    ASSERT_EQ(actual.height, reference_.height);
    const auto found = differing(page_, actual, reference_, tolerant);
    EXPECT_EQ(found, expected) << who;
    if (found != expected) {
      EXPECT_TRUE(same_picture(actual, reference_, page_.name + "-" + who));
    }
  }

  void expect_stock(const Result<Picture>& seen) const {
    if (page_.stock == server::StockClient::gives_up) {
      EXPECT_FALSE(seen) << "it no longer gives up: let it be compared";
      return;
    }
    ASSERT_TRUE(seen) << seen.error().message();
    expect_cells(*seen, stock_differences_of(page_.name), false, "stock");
  }

  void expect_ours(const Result<ViewerResult>& seen, const std::string& renderer) const {
    ASSERT_TRUE(seen) << seen.error().message();
    const auto stats = nlohmann::json::parse(seen->stats);
    EXPECT_EQ(stats["renderer"], renderer);
    EXPECT_EQ(stats["failed_draws"], 0);
    // All of them came as they are, none as pixels. Empty ones are not carried out, and a move from
    // where there is no surface is an error.
    EXPECT_EQ(stats["draws"],
              std::count_if(page_.draws.begin(), page_.draws.end(), [](const auto& op) {
                const auto* bits = std::get_if<raster::CopyBits>(&op->operation);
                return !op->box.empty() && (bits == nullptr || bits->src.x >= -op->box.width());
              }));
    expect_cells(seen->screenshot, {}, true, renderer);
  }

  TemporaryFolder folder_;
  DrawPage page_;
  std::unique_ptr<Gateway> gateway_;
  Picture reference_;
};

TEST_P(DrawPages, EveryClientShowsTheServersPicture) {
  const auto show = [&](const std::string& renderer) {
    return view(gateway_->uri(), {.renderer = renderer, .settle = Timeout(500)});
  };
  auto cairo = std::async(std::launch::async, show, "cairo");
  auto gl = std::async(std::launch::async, show, "gl");
  if (page_.stock != server::StockClient::undefined) {
    expect_stock(spicy_screenshot(gateway_->uri()));
  }
  expect_ours(cairo.get(), "cairo");
  expect_ours(gl.get(), "gl");
}

INSTANTIATE_TEST_SUITE_P(All, DrawPages, testing::ValuesIn(server::draw_page_names()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

class ImagePage : public DrawPages {};

// What clients ask for decides the rest: GLZ, with and without deflate around it, LZ4, nothing.
TEST_P(ImagePage, StockClientsShowItInAnyCompressionTheyAskFor) {
  for (const char* wish : {"off", "auto_glz", "auto_lz", "quic", "glz", "lz", "lz4"}) {
    const auto seen = gtk_client(gateway_->uri(), {"--compression", wish, "--settle", "300"});
    ASSERT_TRUE(seen) << wish << ": " << seen.error().message();
    ASSERT_EQ(seen->status, GtkStatus::complete) << wish << ": " << seen->errors;
    expect_cells(seen->picture, {}, false, std::string("stock-") + wish);
  }
}

INSTANTIATE_TEST_SUITE_P(Images, ImagePage, testing::Values("draws-15"));

TEST(StockDifferences, AreNamedInTheDocumentation) {
  const auto bytes = read_file(source("docs/rendering.md"));
  ASSERT_TRUE(bytes) << bytes.error().message();
  for (const StockDifference& difference : stock_differences()) {
    EXPECT_THAT(std::string(as_text(*bytes)),
                testing::HasSubstr("| " + std::string(difference.reason) + " |"));
  }
}

}  // namespace
}  // namespace cassia::test
