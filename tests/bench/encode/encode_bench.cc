// SPDX-License-Identifier: Apache-2.0
// Encoding in whole processes, under the same X workload: Xspice, whose libspice-server compresses,
// and an uncompressed Xspice behind cassia-gateway, which does. The stock client is the viewer of
// both and asks for the codec. Printed is the processor time that compression adds to each: the
// server's time with the codec less its time with images sent raw.
//   encode_bench [--count N] [--runs N]

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "tests/bench/session/child_usage.h"
#include "tests/support/paths.h"
#include "tests/support/programs.h"
#include "tests/support/x_server.h"

namespace cassia::bench {
namespace {

using test::Gateway;
using test::Process;
using test::XServer;

struct Options {
  int count = 40, runs = 3;
};
constexpr int width = 1280, height = 800;

/// The processor time of `server` while the workload runs to its end at a watching stock client.
Result<double> time_workload(const std::string& scene, const std::string& codec, int count,
                             XServer& x, const std::string& uri, const Process& server) {
  auto client =
      CASSIA_TRY(Process::start({test::program("spice_gtk_client"), "--uri", uri, "--compression",
                                 codec, "--settle", "2500", "--timeout", "300"}));
  CASSIA_TRY(client.wait_for_text("marked"));
  const auto before = CASSIA_TRY(server.usage()).cpu;
  auto workload = CASSIA_TRY(x.client({test::program("x_pictures"), scene, std::to_string(count),
                                       std::to_string(width), std::to_string(height)}));
  CASSIA_TRY(workload.wait_for_text("shown", std::chrono::seconds(200)));
  const int status = CASSIA_TRY(client.wait(std::chrono::seconds(200)));
  if (status != 0)
    return fail(ErrorKind::io, "the client ended with {}: {}", status, client.errors());
  const auto after = CASSIA_TRY(server.usage()).cpu;
  return std::chrono::duration<double>(after - before).count();
}

Result<double> through_xspice(const std::string& scene, const std::string& codec, int count) {
  const auto x = CASSIA_TRY(XServer::start_xspice(
      width, height, {"XSPICE_IMAGE_COMPRESSION=" + codec, "XSPICE_STREAMING_VIDEO=off"}));
  return time_workload(scene, codec, count, *x, x->uri(), x->process());
}

Result<double> through_gateway(const std::string& scene, const std::string& codec, int count) {
  const auto x = CASSIA_TRY(XServer::start_xspice(
      width, height, {"XSPICE_IMAGE_COMPRESSION=off", "XSPICE_STREAMING_VIDEO=off"}));
  const auto gateway = CASSIA_TRY(Gateway::start({"--upstream", x->uri()}));
  return time_workload(scene, codec, count, *x, gateway->uri(), gateway->process());
}

Result<void> compare(const std::string& codec, const std::string& scene, const Options& options) {
  std::vector<double> theirs, ours;
  for (int i = 0; i < options.runs; ++i) {
    const double xspice = CASSIA_TRY(through_xspice(scene, codec, options.count)) -
                          CASSIA_TRY(through_xspice(scene, "off", options.count));
    const double gateway = CASSIA_TRY(through_gateway(scene, codec, options.count)) -
                           CASSIA_TRY(through_gateway(scene, "off", options.count));
    theirs.push_back(xspice);
    ours.push_back(gateway);
  }
  const double pixels = static_cast<double>(options.count) * width * height * 4 / 1e6;
  std::printf("%-5s %-9s libspice-server %.2f s (%.0f MB/s), cassia-gateway %.2f s (%.0f MB/s)\n",
              codec.c_str(), scene.c_str(), median(theirs), pixels / median(theirs), median(ours),
              pixels / median(ours));
  std::fflush(stdout);
  return {};
}

}  // namespace
}  // namespace cassia::bench

int main(int argc, char** argv) {
  cassia::bench::Options options;
  CLI::App app("What image compression costs a server.", "encode_bench");
  app.add_option("--count", options.count, "Pictures a run")->check(CLI::Range(1, 10000));
  app.add_option("--runs", options.runs, "Runs of each")->check(CLI::Range(1, 100));
  CLI11_PARSE(app, argc, argv);
  for (const char* codec : {"quic", "lz", "glz"}) {
    for (const char* scene : {"text", "ui", "photo", "gradient"}) {
      if (const auto done = cassia::bench::compare(codec, scene, options); !done) {
        std::fprintf(stderr, "encode_bench: %s\n", done.error().message().c_str());
        return 1;
      }
    }
  }
  return 0;
}
