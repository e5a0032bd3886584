// SPDX-License-Identifier: Apache-2.0
// Lists of files: of the guest's agent, and of programs of this machine.

#include "client/clipboard/uri_list.h"

using cassia::spice::FileList;

namespace {

void check(const cassia::Result<FileList>& list) {
  if (!list) return;
  if (list->paths.empty() || list->paths.size() > cassia::spice::most_listed_files) {
    __builtin_trap();
  }
  for (const std::string& path : list->paths) {
    if (!cassia::spice::is_plain_path(path)) __builtin_trap();
  }
  const auto agent = cassia::spice::read_file_list(cassia::spice::write_file_list(*list));
  const auto gnome = cassia::client::read_copied_files(cassia::client::write_copied_files(*list));
  const auto uris = cassia::client::read_uri_list(cassia::client::write_uri_list(*list));
  if (!agent || !gnome || !uris) __builtin_trap();
  if (*agent != *list || *gnome != *list || uris->paths != list->paths) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(cassia::spice::read_file_list({data, size}));
  check(cassia::client::read_uri_list(text));
  check(cassia::client::read_copied_files(text));
  return 0;
}
