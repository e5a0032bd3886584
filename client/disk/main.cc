// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <iostream>

#include "client/disk/cli.h"
#include "client/disk/remote_main.h"

int main(int argc, char** argv) {
  cassia::client::Console console{std::cout, std::cerr, ::isatty(STDOUT_FILENO) == 1};
  const int status =
      cassia::client::run_cli({argv + 1, argv + argc}, console, cassia::client::run_remote);
  std::cout.flush();
  if (!std::cout && status == 0) return 1;
  return status;
}
