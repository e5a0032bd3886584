// SPDX-License-Identifier: Apache-2.0
#include "tests/support/gtk_client.h"

#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {

Result<GtkClientResult> gtk_client(const std::string& uri, std::vector<std::string> arguments,
                                   ProcessOptions options) {
  TemporaryFolder folder;
  const std::string file = folder / "screen.ppm";
  std::vector<std::string> command = {program("spice_gtk_client"), "--uri", uri, "--out", file};
  command.insert(command.end(), arguments.begin(), arguments.end());
  Finished finished = CASSIA_TRY(run(std::move(command), std::move(options)));
  GtkClientResult result;
  result.status = static_cast<GtkStatus>(finished.status);
  result.output = std::move(finished.output);
  result.errors = std::move(finished.errors);
  if (result.status == GtkStatus::complete) result.picture = CASSIA_TRY(load_picture(file));
  return result;
}

}  // namespace cassia::test
