// SPDX-License-Identifier: Apache-2.0
#include "tests/support/paths.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>

namespace cassia::test {

namespace fs = std::filesystem;

fs::path program(std::string_view name) { return fs::path(CASSIA_BUILD_DIR) / "bin" / name; }

fs::path source(std::string_view relative) { return fs::path(CASSIA_SOURCE_DIR) / relative; }

fs::path evidence_folder() {
  fs::path folder = fs::path(CASSIA_BUILD_DIR) / "test-evidence";
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  return folder;
}

fs::path find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    fs::path candidate = fs::path(folder) / name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace cassia::test
