// SPDX-License-Identifier: Apache-2.0
// cassia-viewer. Without a window and devices it does all by itself; for the rest it becomes
// cassia-viewer-full, which takes the system four times as long to load.

#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "client/app/headless.h"
#include "client/app/memory_policy.h"
#include "client/app/options.h"

namespace {

using namespace cassia;

int complain(const Error& error, int status) {
  std::fprintf(stderr, "cassia-viewer: %s\n", error.message().c_str());
  return status;
}

/// Returns only if there is no such program.
Error become_full(char** argv) {
  std::error_code ec;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", ec).parent_path();
  const std::filesystem::path beside = here / "cassia-viewer-full";
  const std::filesystem::path installed = here / "../" CASSIA_LIBEXEC "/cassia/cassia-viewer-full";
  for (const auto& program : {beside, installed}) ::execv(program.c_str(), argv);
  return Error(ErrorKind::not_found,
               installed.lexically_normal().string() + ": not there, but part of cassia-viewer");
}

}  // namespace

int main(int argc, char** argv) {
  if (client::needs_full_viewer(argc, argv)) return complain(become_full(argv), 1);
  client::use_large_pages();
  const auto line = client::parse_command_line(argc, argv);
  if (!line) return complain(line.error(), exit_code(line.error()));
  if (!line->options) {
    std::fputs(line->text.c_str(), stdout);
    return 0;
  }
  const auto run = client::run_headless(*line->options);
  // Whatever went wrong after the command line was understood is a failure, not a wrong usage.
  return run ? 0 : complain(run.error(), 1);
}
