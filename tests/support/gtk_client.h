// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "tests/support/picture.h"
#include "tests/support/process.h"

namespace cassia::test {

/// How a run of spice_gtk_client (tests/support/spice_gtk_client.cc) ended.
enum class GtkStatus {
  complete = 0,
  usage = 2,
  auth = 3,
  connect = 4,
  tls = 5,
  link = 6,
  lost = 7,
  late = 8
};

struct GtkClientResult {
  GtkStatus status = GtkStatus::late;
  Picture picture;  ///< if `complete`
  std::string output, errors;
};

/// Runs the stock client library, headless, against `uri`: its arguments on top of --uri and --out.
Result<GtkClientResult> gtk_client(const std::string& uri, std::vector<std::string> arguments = {},
                                   ProcessOptions options = {});

}  // namespace cassia::test
