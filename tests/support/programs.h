// SPDX-License-Identifier: Apache-2.0
#pragma once

// The programs of this project and the stock client, as tests run them.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/support/picture.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {

/// What spice-gtk's spicy-screenshot shows of a server.
Result<Picture> spicy_screenshot(const std::string& uri, const std::string& password = {});

struct ViewerOptions {
  std::string renderer;  ///< auto, gl, cairo; empty: the default
  std::string type;      ///< text to type; a newline is the Enter key
  Timeout settle{1500};  ///< the picture is taken after this long without a display message
  std::vector<std::string> more;  ///< further arguments
};

struct ViewerResult {
  Picture screenshot;
  std::string stats;  ///< the text of --stats
  Finished finished;
};

/// Runs cassia-viewer --headless once; an error if it does not end well.
Result<ViewerResult> view(const std::string& uri, const ViewerOptions& options = {});

/// A running cassia-gateway on a free TCP port of 127.0.0.1.
class Gateway {
 public:
  /// `arguments` come on top of --listen. Returns once it accepts connections. Without
  /// --password-file among the arguments it gets --no-auth.
  static Result<std::unique_ptr<Gateway>> start(std::vector<std::string> arguments);

  std::string uri() const { return "spice://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }
  Process& process() { return *process_; }

 private:
  Gateway() = default;

  std::uint16_t port_ = 0;
  std::optional<Process> process_;
};

/// Runs cassia-disk with these arguments to its end.
Result<Finished> disk(std::vector<std::string> arguments, Timeout limit = std::chrono::seconds(60));

}  // namespace cassia::test
