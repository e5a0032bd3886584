// SPDX-License-Identifier: Apache-2.0
// The gateway beside the server it stands in front of: the same X workload in Xspice as Debian has
// it, and in an uncompressed Xspice behind cassia-gateway; the stock client watches both. Printed:
// the servers' processor time in all, the bytes the client read from its display channel, and the
// updates it saw.
//   gateway_bench [--seconds N] [--runs N] [--only NAME] [--gateway-option TEXT]...

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
  int seconds = 10, runs = 3;
  std::string only;
  std::vector<std::string> gateway;
};
constexpr int width = 1920, height = 1080;

struct Job {
  const char* name;
  std::vector<std::string> kind;  ///< of x_workload
  int pace;
  std::vector<std::string> more;  ///< size
};
const Job jobs[] = {{"terminal", {"terminal"}, 20, {}},
                    {"windows", {"windows"}, 30, {}},
                    {"photos", {"photos"}, 10, {}},
                    {"video640", {"video"}, 30, {"640", "480"}},
                    {"video1080", {"video"}, 30, {"1920", "1080"}}};

struct Cost {
  double cpu_s = 0, mbytes = 0, updates = 0, late = 0;
};

double number_after(const std::string& text, std::string_view word) {
  const auto at = text.rfind(word);
  return at == std::string::npos ? 0 : std::atof(text.c_str() + at + word.size());
}

Result<double> cpu_of(const std::vector<const Process*>& servers) {
  double sum = 0;
  for (const Process* server : servers) {
    sum += std::chrono::duration<double>(CASSIA_TRY(server->usage()).cpu).count();
  }
  return sum;
}

Result<Cost> time_job(const Job& job, const Options& options, XServer& x, const std::string& uri,
                      const std::vector<const Process*>& servers) {
  auto client = CASSIA_TRY(Process::start(
      {test::program("spice_gtk_client"), "--uri", uri, "--settle", "2500", "--timeout", "300"}));
  CASSIA_TRY(client.wait_for_text("marked"));
  const double before = CASSIA_TRY(cpu_of(servers));
  std::vector<std::string> command{test::program("x_workload"), job.kind.front(),
                                   std::to_string(options.seconds), std::to_string(job.pace)};
  command.insert(command.end(), job.more.begin(), job.more.end());
  auto workload = CASSIA_TRY(x.client(command));
  CASSIA_TRY(workload.wait_for_text("done", std::chrono::seconds(300)));
  if (const int status = CASSIA_TRY(client.wait(std::chrono::seconds(300))); status != 0) {
    return fail(ErrorKind::io, "the client ended with {}: {}", status, client.errors());
  }
  const double after = CASSIA_TRY(cpu_of(servers));
  return Cost{after - before, number_after(client.output(), "bytes ") / 1e6,
              number_after(client.output(), "updates "),
              number_after(workload.output(), "steps, ")};
}

Result<Cost> stock(const Job& job, const Options& options) {
  const auto x = CASSIA_TRY(XServer::start_xspice(width, height));
  return time_job(job, options, *x, x->uri(), {&x->process()});
}

Result<Cost> ours(const Job& job, const Options& options) {
  const auto x = CASSIA_TRY(XServer::start_xspice(
      width, height, {"XSPICE_IMAGE_COMPRESSION=off", "XSPICE_STREAMING_VIDEO=off"}));
  std::vector<std::string> arguments{"--upstream", x->uri()};
  arguments.insert(arguments.end(), options.gateway.begin(), options.gateway.end());
  const auto gateway = CASSIA_TRY(Gateway::start(arguments));
  return time_job(job, options, *x, gateway->uri(), {&x->process(), &gateway->process()});
}

struct Side {
  std::vector<double> cpu, mbytes, updates, late;
  void add(const Cost& cost) {
    cpu.push_back(cost.cpu_s);
    mbytes.push_back(cost.mbytes);
    updates.push_back(cost.updates);
    late.push_back(cost.late);
  }
  std::string text() const {
    return fmt::format("{:5.2f} s {:7.2f} MB {:5.0f} updates {:3.0f} late", median(cpu),
                       median(mbytes), median(updates), median(late));
  }
};

Result<void> compare(const Job& job, const Options& options) {
  Side theirs, mine;
  for (int i = 0; i < options.runs; ++i) {
    theirs.add(CASSIA_TRY(stock(job, options)));
    mine.add(CASSIA_TRY(ours(job, options)));
  }
  std::printf("%-9s Xspice %s | with cassia-gateway %s | cpu %.2f bytes %.2f\n", job.name,
              theirs.text().c_str(), mine.text().c_str(), median(mine.cpu) / median(theirs.cpu),
              median(mine.mbytes) / median(theirs.mbytes));
  std::fflush(stdout);
  return {};
}

}  // namespace
}  // namespace cassia::bench

int main(int argc, char** argv) {
  cassia::bench::Options options;
  CLI::App app("What the gateway costs and saves beside libspice-server.", "gateway_bench");
  app.add_option("--seconds", options.seconds, "Of work a run")->check(CLI::Range(1, 1000));
  app.add_option("--runs", options.runs, "Runs of each")->check(CLI::Range(1, 100));
  app.add_option("--only", options.only, "One kind of work");
  app.add_option("--gateway-option", options.gateway, "Passed on to cassia-gateway");
  CLI11_PARSE(app, argc, argv);
  for (const auto& job : cassia::bench::jobs) {
    if (!options.only.empty() && options.only != job.name) continue;
    if (const auto done = cassia::bench::compare(job, options); !done) {
      std::fprintf(stderr, "gateway_bench: %s\n", done.error().message().c_str());
      return 1;
    }
  }
  return 0;
}
