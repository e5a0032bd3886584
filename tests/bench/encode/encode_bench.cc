// SPDX-License-Identifier: Apache-2.0
// Encoding in whole processes, under the same X workload: Xspice, whose libspice-server compresses,
// and an uncompressed Xspice behind cassia-gateway, which does. The stock client is the viewer of
// both and asks for the codec. Printed is the processor time that compression adds to each: the
// server's time with the codec less its time with images sent raw (so the writing that compression
// saves counts for it); and how many updates the client saw, which must be about as many for both.
//   encode_bench [--count N] [--runs N] [--period MS]

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
  int count = 100, runs = 3, period_ms = 25;
};
constexpr int width = 1280, height = 800;

struct Cost {
  double cpu_s = 0;
  double updates = 0;  ///< that the client saw
};

/// What `server` spends while the workload runs to its end at a watching stock client.
Result<Cost> time_workload(const std::string& scene, const std::string& codec,
                           const Options& options, XServer& x, const std::string& uri,
                           const Process& server) {
  auto client =
      CASSIA_TRY(Process::start({test::program("spice_gtk_client"), "--uri", uri, "--compression",
                                 codec, "--settle", "2500", "--timeout", "300"}));
  CASSIA_TRY(client.wait_for_text("marked"));
  const auto before = CASSIA_TRY(server.usage()).cpu;
  auto workload = CASSIA_TRY(
      x.client({test::program("x_pictures"), scene, std::to_string(options.count),
                std::to_string(width), std::to_string(height), std::to_string(options.period_ms)}));
  CASSIA_TRY(workload.wait_for_text("shown", std::chrono::seconds(200)));
  const int status = CASSIA_TRY(client.wait(std::chrono::seconds(200)));
  if (status != 0)
    return fail(ErrorKind::io, "the client ended with {}: {}", status, client.errors());
  const auto after = CASSIA_TRY(server.usage()).cpu;
  const std::string said = client.output();
  const auto updates = said.find("updates ");
  return Cost{std::chrono::duration<double>(after - before).count(),
              updates == std::string::npos ? 0 : std::stod(said.substr(updates + 8))};
}

Result<Cost> through_xspice(const std::string& scene, const std::string& codec,
                            const Options& options) {
  const auto x = CASSIA_TRY(XServer::start_xspice(
      width, height, {"XSPICE_IMAGE_COMPRESSION=" + codec, "XSPICE_STREAMING_VIDEO=off"}));
  return time_workload(scene, codec, options, *x, x->uri(), x->process());
}

Result<Cost> through_gateway(const std::string& scene, const std::string& codec,
                             const Options& options) {
  const auto x = CASSIA_TRY(XServer::start_xspice(
      width, height, {"XSPICE_IMAGE_COMPRESSION=off", "XSPICE_STREAMING_VIDEO=off"}));
  const auto gateway = CASSIA_TRY(Gateway::start({"--upstream", x->uri()}));
  return time_workload(scene, codec, options, *x, gateway->uri(), gateway->process());
}

struct Side {
  std::vector<double> added, coded, raw, updates;
  void add(const Cost& with_codec, const Cost& without) {
    added.push_back(with_codec.cpu_s - without.cpu_s);
    coded.push_back(with_codec.cpu_s);
    raw.push_back(without.cpu_s);
    updates.push_back(with_codec.updates);
  }
  std::string text() const {
    return fmt::format("{:5.2f} s ({:.2f} less {:.2f}), {:4.0f} updates", median(added),
                       median(coded), median(raw), median(updates));
  }
};

Result<void> compare(const std::string& codec, const std::string& scene, const Options& options) {
  Side theirs, ours;
  for (int i = 0; i < options.runs; ++i) {
    theirs.add(CASSIA_TRY(through_xspice(scene, codec, options)),
               CASSIA_TRY(through_xspice(scene, "off", options)));
    ours.add(CASSIA_TRY(through_gateway(scene, codec, options)),
             CASSIA_TRY(through_gateway(scene, "off", options)));
  }
  std::printf("%-5s %-9s libspice-server %s; cassia-gateway %s\n", codec.c_str(), scene.c_str(),
              theirs.text().c_str(), ours.text().c_str());
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
  app.add_option("--period", options.period_ms, "Milliseconds from one picture to the next")
      ->check(CLI::Range(0, 10000));
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
