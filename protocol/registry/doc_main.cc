// SPDX-License-Identifier: Apache-2.0
// Rewrites the tables of docs/protocol.md.
#include <cstdio>

#include "base/file.h"
#include "protocol/registry/page.h"

namespace {

cassia::Result<void> refresh(const char* path) {
  const cassia::Bytes page = CASSIA_TRY(cassia::read_file(path));
  const std::string text = CASSIA_TRY(cassia::registry::refresh_page(cassia::as_text(page)));
  return cassia::write_file_atomically(path, cassia::as_bytes(text));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: spice_registry_doc docs/protocol.md\n", stderr);
    return 2;
  }
  if (const auto done = refresh(argv[1]); !done) {
    std::fprintf(stderr, "spice_registry_doc: %s\n", done.error().message().c_str());
    return 1;
  }
  return 0;
}
