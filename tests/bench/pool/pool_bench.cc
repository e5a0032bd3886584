// SPDX-License-Identifier: Apache-2.0
// What threads of the decode pool are worth: QUIC pictures of 1920x1080 and of 256x256 in 32 bits,
// passed on in order, and whole recorded display channels. One thread and several take turns, and
// who is first alternates. Prints, for each workload, medians over the rounds:
//   - MB/s of pixels with one thread and with several, and the ratio of the times ("wall");
//   - the ratio of the fastest rounds ("best"): moments in which nobody else used the processors;
//   - the processor time of one thread's rounds over that of several ("cpu"): what is missing to 1
//     is lost to working together. Unlike the others it needs no idle machine.
//   pool_bench [--threads N] [--rounds N] [--images N] [RECORDING...]

#include <CLI/CLI.hpp>
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "client/session/screen.h"
#include "render/codec/decode_pool.h"
#include "render/codec/encode.h"
#include "tests/replay/display_tape.h"
#include "tests/unit/codec/pictures.h"

namespace cassia::bench {
namespace {

using codec::test::Scene;
using raster::EncodedImage;

struct Options {
  unsigned threads = 2;
  int rounds = 15;
  std::size_t images = 24;
  std::vector<std::string> recordings;
};

struct Cost {
  double wall = 0, cpu = 0;
};

double now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

template <class Work>
Cost cost_of(Work work) {
  const double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
  work();
  return {now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - cpu};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

[[noreturn]] void end(const Error& why) {
  std::fprintf(stderr, "pool_bench: %s\n", why.message().c_str());
  std::exit(1);
}

std::unique_ptr<codec::DecodePool> pool_of(unsigned threads) {
  auto pool = codec::DecodePool::create(threads);
  if (!pool) end(pool.error());
  return std::move(*pool);
}

/// Lets the owner of a lane sleep until it is called.
struct Bell {
  std::mutex mutex;
  std::condition_variable rung;
  std::vector<std::function<void()>> calls;

  void ring(std::function<void()> call) {
    const std::lock_guard lock(mutex);
    calls.push_back(std::move(call));
    rung.notify_one();
  }
  void wait() {
    std::vector<std::function<void()>> taken;
    {
      std::unique_lock lock(mutex);
      rung.wait(lock, [this] { return !calls.empty(); });
      taken.swap(calls);
    }
    for (const auto& call : taken) call();
  }
};

/// As a display channel does: hands all over, takes back what is ready in the order of arrival, and
/// has at most `ahead` under way.
void decode_in_order(codec::DecodePool& pool, const std::vector<EncodedImage>& images,
                     std::size_t ahead) {
  const auto bell = std::make_shared<Bell>();
  const auto lane = pool.lane([bell](std::function<void()> call) { bell->ring(std::move(call)); });
  std::deque<codec::PendingImagePtr> waiting;
  for (std::size_t next = 0; next < images.size() || !waiting.empty();) {
    while (next < images.size() && waiting.size() < ahead) {
      waiting.push_back(lane->decode(images[next++], {}));
    }
    while (!waiting.empty() && waiting.front()->ready()) {
      if (!waiting.front()->result()) end(waiting.front()->result().error());
      waiting.front()->release();
      waiting.pop_front();
    }
    if (!waiting.empty() && !waiting.front()->ready()) bell->wait();
  }
}

using Workload = std::function<void(codec::DecodePool&)>;

void compare(const std::string& name, double megabytes, const Options& options,
             const Workload& work) {
  const auto one = pool_of(1), many = pool_of(options.threads);
  work(*one);
  work(*many);
  std::vector<Cost> alone(static_cast<std::size_t>(options.rounds)), together(alone);
  for (std::size_t i = 0; i < alone.size(); ++i) {
    for (const bool first : {true, false}) {
      if (first == (i % 2 == 0)) {
        alone[i] = cost_of([&] { work(*one); });
      } else {
        together[i] = cost_of([&] { work(*many); });
      }
    }
  }
  std::vector<double> wall, cpu, one_wall, many_wall;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    wall.push_back(alone[i].wall / together[i].wall);
    cpu.push_back(alone[i].cpu / together[i].cpu);
    one_wall.push_back(alone[i].wall);
    many_wall.push_back(together[i].wall);
  }
  const double best = *std::min_element(one_wall.begin(), one_wall.end()) /
                      *std::min_element(many_wall.begin(), many_wall.end());
  std::printf("%-24s 1 thread %6.0f MB/s, %u threads %6.0f MB/s; wall %.2f, best %.2f, cpu %.2f\n",
              name.c_str(), megabytes / median(one_wall), options.threads,
              megabytes / median(many_wall), median(wall), best, median(cpu));
  std::fflush(stdout);
}

void quic(const Options& options, const char* what, raster::Size size, std::size_t count) {
  for (const Scene scene : {Scene::text, Scene::ui, Scene::photo, Scene::gradient}) {
    auto image = codec::encode_quic(draw(scene, size));
    if (!image) end(image.error());
    const std::vector<EncodedImage> images(count, *image);
    const double bytes = 4e-6 * size.width * size.height * static_cast<double>(count);
    compare(fmt::format("quic {} {}", what, name_of(scene)), bytes, options,
            [&](codec::DecodePool& pool) { decode_in_order(pool, images, 64); });
  }
}

/// Decodes and lets the pictures go.
struct Nowhere final : test::DisplaySink {
  void change(const client::DisplayChange& change) override {
    const auto* drawn = std::get_if<client::Drawn>(&change);
    if (drawn == nullptr) return;
    raster::for_each_image(drawn->op->operation, [this](const raster::ImageRef& image) {
      if (image.bitmap() != nullptr) bytes += image.bitmap()->byte_size();
    });
  }
  std::size_t bytes = 0;
};

void recording(const Options& options, const std::string& path) {
  const auto tape = test::SessionTape::load(path);
  if (!tape) end(tape.error());
  const auto play = [&](codec::DecodePool* pool) {
    Nowhere sink;
    if (const auto done = play_display(*tape, sink, pool, std::size_t{64} << 20); !done) {
      end(done.error());
    }
    return static_cast<double>(sink.bytes) * 1e-6;
  };
  compare(std::filesystem::path(path).stem(), play(nullptr), options,
          [&](codec::DecodePool& pool) { play(&pool); });
}

}  // namespace
}  // namespace cassia::bench

int main(int argc, char** argv) {
  using namespace cassia;
  bench::Options options;
  CLI::App app("What threads of the decode pool are worth.", "pool_bench");
  app.add_option("RECORDING", options.recordings, "Files of spice-record");
  app.add_option("--threads", options.threads, "Compared with one thread")
      ->check(CLI::Range(2u, codec::DecodePool::most_threads));
  app.add_option("--rounds", options.rounds, "Pairs that count")->check(CLI::Range(1, 1000));
  app.add_option("--images", options.images, "Pictures of 1920x1080 in a round");
  CLI11_PARSE(app, argc, argv);
  double load = 0;
  if (getloadavg(&load, 1) == 1) {
    std::printf("%u processors, load %.2f before\n", codec::DecodePool::processors(), load);
  }
  bench::quic(options, "1920x1080", {1920, 1080}, options.images);
  bench::quic(options, "256x256", {256, 256}, options.images * 32);
  for (const std::string& path : options.recordings) bench::recording(options, path);
  return 0;
}
