// SPDX-License-Identifier: Apache-2.0
// What the viewer's window costs for each present, beside a bare XShmPutImage of the same
// rectangles, on an Xvfb of its own (or --display). Only the present is counted, not the drawing.
//   present_bench [--renderer cairo|gl] [--display :N --server-pid PID] [--rounds N] [--presents N]

#include <SDL.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "client/app/viewer_window.h"
#include "tests/bench/present/bare_window.h"
#include "tests/bench/present/cost.h"
#include "tests/support/wait.h"
#include "tests/support/x_server.h"

namespace cassia::bench {
namespace {

using raster::Rect;

constexpr raster::Size size{1920, 1080};
constexpr int line = 16;  // a scroll goes by so many rows

struct Options {
  std::string renderer = "cairo";
  std::string display;
  pid_t server_pid = 0;
  int rounds = 15;
  int presents = 40;
};

client::DisplayChange draw(const Rect& box, raster::Operation operation) {
  auto op = std::make_shared<raster::DrawOp>();
  op->box = box;
  op->operation = std::move(operation);
  return client::Drawn{op};
}

struct Kind {
  const char* name;
  bool scrolls;
  raster::Size changed;

  /// Different places, so that nothing is found where the last one left it.
  Rect rect(int i) const {
    const int x = (size.width - changed.width) * (i % 7) / 7;
    const int y = (size.height - changed.height) * (i % 5) / 5;
    return Rect::of(raster::Point{x, y}, changed);
  }
};

class Bench {
 public:
  static Result<std::unique_ptr<Bench>> create(const Options& options);
  Result<void> compare(const Kind& kind, const Options& options, pid_t server);
  const char* renderer() { return window_->canvas().name().data(); }

 private:
  Result<void> show();
  Result<Cost> ours(const Kind& kind, int presents, pid_t server);
  Cost theirs(const Kind& kind, int presents, pid_t server);

  SteadyClock clock_;
  std::unique_ptr<client::ViewerWindow> window_;
  std::optional<client::Screen> screen_;
  std::optional<BareWindow> bare_;
  std::uint32_t color_ = 0;
};

Result<std::unique_ptr<Bench>> Bench::create(const Options& options) {
  auto bench = std::make_unique<Bench>();
  client::ViewerOptions viewer;
  viewer.renderer =
      options.renderer == "gl" ? client::RendererChoice::gl : client::RendererChoice::cairo;
  bench->window_ = CASSIA_TRY(client::ViewerWindow::create(viewer));
  bench->screen_.emplace(bench->window_->canvas(), bench->clock_);
  bench->screen_->apply(client::SurfaceCreated{{.id = 0, .size = size, .primary = true}});
  bench->screen_->apply(client::DisplayMarked{});
  bench->screen_->apply(draw(Rect::of(size), raster::Fill{.brush = raster::Color{0x204060}}));
  bench->window_->picture_resized(size);
  SDL_Window* window = SDL_GetWindowFromID(1);
  SDL_SetWindowPosition(window, 0, 0);
  bool failed = false;
  const bool sized = test::wait_until([&] {
    SDL_Event event;
    while (SDL_PollEvent(&event) != 0) {
    }
    bench->window_->invalidate();
    failed = !bench->show();
    int width = 0, height = 0, x = 0, y = 0;
    SDL_GetWindowSize(window, &width, &height);
    SDL_GetWindowPosition(window, &x, &y);
    return failed || (raster::Size{width, height} == size && x == 0 && y == 0);
  });
  if (!sized || failed) return fail(ErrorKind::timeout, "no window of 1920x1080 at 0,0");
  bench->bare_ = CASSIA_TRY(BareWindow::open(size, {size.width, 0}));
  return bench;
}

Result<void> Bench::show() {
  client::WindowContents contents;
  contents.screen = &*screen_;
  CASSIA_TRY(window_->draw(contents, clock_.now()));
  return {};
}

Result<Cost> Bench::ours(const Kind& kind, int presents, pid_t server) {
  CostMeter meter(server);
  for (int i = 0; i < presents; ++i) {
    Rect changed = kind.rect(i);
    if (kind.scrolls) {
      screen_->apply(draw({0, 0, size.width, size.height - line}, raster::CopyBits{{0, line}}));
      changed = {0, size.height - line, size.width, size.height};
    }
    screen_->apply(draw(changed, raster::Fill{.brush = raster::Color{++color_ * 0x10305}}));
    meter.start();
    CASSIA_TRY(show());
    meter.stop();
  }
  return meter.result(presents);
}

Cost Bench::theirs(const Kind& kind, int presents, pid_t server) {
  CostMeter meter(server);
  for (int i = 0; i < presents; ++i) {
    bare_->fill(kind.rect(i), ++color_ * 0x10305);
    meter.start();
    bare_->put(kind.rect(i));
    meter.stop();
  }
  return meter.result(presents);
}

Result<void> Bench::compare(const Kind& kind, const Options& options, pid_t server) {
  std::vector<Cost> us, them;
  for (int round = 0; round < options.rounds; ++round) {
    // First one and then the other first.
    for (const bool our_turn : {round % 2 == 0, round % 2 != 0}) {
      if (our_turn) us.push_back(CASSIA_TRY(ours(kind, options.presents, server)));
      if (!our_turn) them.push_back(theirs(kind, options.presents, server));
    }
  }
  std::vector<double> cpu, wall;
  for (std::size_t i = 0; i < us.size(); ++i) {
    cpu.push_back(us[i].cpu() / them[i].cpu());
    wall.push_back(us[i].wall / them[i].wall);
  }
  std::sort(cpu.begin(), cpu.end());
  std::sort(wall.begin(), wall.end());
  const Cost a = median(us), b = median(them);
  std::printf(
      "%-14s viewer: wall %.3f ms, cpu %.3f + %.3f (server)   bare: wall %.3f, cpu %.3f + %.3f   "
      "ratio: cpu %.2f, wall %.2f\n",
      kind.name, a.wall, a.ours, a.server, b.wall, b.ours, b.server, cpu[cpu.size() / 2],
      wall[wall.size() / 2]);
  std::fflush(stdout);
  return {};
}

Result<void> run(Options options) {
  std::unique_ptr<test::XServer> server;
  if (options.display.empty()) {
    server = CASSIA_TRY(test::XServer::start_xvfb(2 * size.width, size.height));
    options.display = server->display();
    options.server_pid = server->process().pid();
  }
  ::setenv("DISPLAY", options.display.c_str(), 1);
  ::setenv("SDL_VIDEODRIVER", "x11", 1);
  const auto bench = CASSIA_TRY(Bench::create(options));
  std::printf("renderer %s; %d rounds of %d presents\n", bench->renderer(), options.rounds,
              options.presents);
  for (const Kind& kind : {Kind{"256x256", false, {256, 256}}, Kind{"full frame", false, size},
                           Kind{"scroll of all", true, size}}) {
    CASSIA_TRY(bench->compare(kind, options, options.server_pid));
  }
  return {};
}

}  // namespace
}  // namespace cassia::bench

int main(int argc, char** argv) {
  cassia::bench::Options options;
  CLI::App app("The viewer's presents beside bare XShm puts.", "present_bench");
  app.add_option("--renderer", options.renderer)->check(CLI::IsMember({"cairo", "gl"}));
  app.add_option("--display", options.display, "An X server that runs; default: an Xvfb");
  app.add_option("--server-pid", options.server_pid, "Its process, for its processor time");
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000));
  app.add_option("--presents", options.presents, "In each round")->check(CLI::Range(1, 10000));
  CLI11_PARSE(app, argc, argv);
  if (const auto done = cassia::bench::run(options); !done) {
    std::fprintf(stderr, "present_bench: %s\n", done.error().message().c_str());
    return 1;
  }
  return 0;
}
