// SPDX-License-Identifier: Apache-2.0
// The whole viewer. cassia-viewer becomes this one when it needs more than it has.
#include <cstdio>

#include "client/app/headless.h"
#include "client/app/memory_policy.h"
#include "client/app/options.h"
#include "client/app/viewer.h"

namespace {

using namespace cassia;

int complain(const Error& error, int status) {
  std::fprintf(stderr, "cassia-viewer: %s\n", error.message().c_str());
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  client::use_large_pages();
  const auto line = client::parse_command_line(argc, argv);
  if (!line) return complain(line.error(), exit_code(line.error()));
  if (!line->options) {
    std::fputs(line->text.c_str(), stdout);
    return 0;
  }
  const auto run = line->options->headless ? client::run_headless(*line->options)
                                           : client::run_viewer(*line->options);
  // Whatever went wrong after the command line was understood is a failure, not a wrong usage.
  return run ? 0 : complain(run.error(), 1);
}
