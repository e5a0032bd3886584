// SPDX-License-Identifier: Apache-2.0
// Whole client processes on the same recorded bytes: cassia-viewer --headless and the stock client
// library (spice_gtk_client), in turn, against one spice-replay. Prints the medians of CPU time and
// peak memory, and our share of theirs.
//   session_bench [--speed N] [--runs N] RECORDING...

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "tests/bench/session/child_usage.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace cassia::bench {
namespace {

struct Options {
  std::vector<std::string> recordings;
  double speed = 0;
  int runs = 5;
  std::string renderer = "cairo";
};

struct Samples {
  std::vector<double> cpu, peak;
  void add(const ChildUsage& usage) {
    cpu.push_back(usage.cpu_s);
    peak.push_back(usage.peak_mib);
  }
};

/// Long enough for any pause inside a recording.
constexpr const char* rest_ms = "1500";

Result<std::string> address_of(test::Process& server) {
  CASSIA_TRY(server.wait_for_text("READY "));
  const std::string output = server.output();
  const std::string line = output.substr(output.find("READY ") + 6);
  return line.substr(0, line.find('\n'));
}

Result<void> compare(const std::string& recording, const Options& options) {
  auto server = CASSIA_TRY(test::Process::start(
      {test::program("spice-replay"), "--speed", std::to_string(options.speed), recording}));
  const std::string uri = "spice://" + CASSIA_TRY(address_of(server));
  Samples ours, theirs;
  for (int i = 0; i <= options.runs; ++i) {
    const ChildUsage us =
        CASSIA_TRY(run_counted({test::program("cassia-viewer"), "--headless", "--renderer",
                                options.renderer, "--settle", rest_ms, uri}));
    const ChildUsage them = CASSIA_TRY(run_counted({test::program("spice_gtk_client"), "--timeout",
                                                    "300", "--settle", rest_ms, "--uri", uri}));
    if (i == 0) continue;  // the first pair warms the page cache
    ours.add(us);
    theirs.add(them);
  }
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.cpu.size(); ++i) ratios.push_back(ours.cpu[i] / theirs.cpu[i]);
  std::printf(
      "%-24s cpu %.3f s, stock %.3f s, ratio %.2f (%.2f to %.2f); peak %.0f MiB, stock %.0f MiB\n",
      std::filesystem::path(recording).stem().c_str(), median(ours.cpu), median(theirs.cpu),
      median(ratios), *std::min_element(ratios.begin(), ratios.end()),
      *std::max_element(ratios.begin(), ratios.end()), median(ours.peak), median(theirs.peak));
  std::fflush(stdout);
  return {};
}

}  // namespace
}  // namespace cassia::bench

int main(int argc, char** argv) {
  cassia::bench::Options options;
  CLI::App app("Our client and the stock one on the same recorded sessions.", "session_bench");
  app.add_option("RECORDING", options.recordings, "Files of spice-record")->required();
  app.add_option("--speed", options.speed, "0: as fast as the client reads (video wants 1)");
  app.add_option("--runs", options.runs, "Pairs that count")->check(CLI::Range(1, 100));
  app.add_option("--renderer", options.renderer, "Ours");
  CLI11_PARSE(app, argc, argv);
  for (const std::string& recording : options.recordings) {
    if (const auto done = cassia::bench::compare(recording, options); !done) {
      std::fprintf(stderr, "session_bench: %s: %s\n", recording.c_str(),
                   done.error().message().c_str());
      return 1;
    }
  }
  return 0;
}
