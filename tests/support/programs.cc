// SPDX-License-Identifier: Apache-2.0
#include "tests/support/programs.h"

#include <algorithm>

#include "base/file.h"
#include "tests/support/paths.h"

namespace cassia::test {

Result<Picture> spicy_screenshot(const std::string& uri, const std::string& password) {
  TemporaryFolder folder;
  const auto file = folder / "screen.ppm";
  std::vector<std::string> command = {"spicy-screenshot", "--uri=" + uri, "-o", file};
  if (!password.empty()) command.insert(command.end(), {"-w", password});
  const Finished finished = CASSIA_TRY(run(std::move(command)));
  if (!std::filesystem::exists(file)) {
    return fail(ErrorKind::io, "spicy-screenshot made no picture: {}{}", finished.output,
                finished.errors);
  }
  return load_picture(file);
}

Result<ViewerResult> view(const std::string& uri, const ViewerOptions& options) {
  TemporaryFolder folder;
  const auto png = folder / "screen.png", stats = folder / "stats.json";
  std::vector<std::string> command = {program("cassia-viewer"),
                                      "--headless",
                                      "--screenshot",
                                      png,
                                      "--stats",
                                      stats,
                                      "--settle",
                                      std::to_string(options.settle.count())};
  if (!options.renderer.empty()) command.insert(command.end(), {"--renderer", options.renderer});
  if (!options.type.empty()) command.insert(command.end(), {"--type", options.type});
  command.insert(command.end(), options.more.begin(), options.more.end());
  command.push_back(uri);

  ViewerResult result;
  result.finished = CASSIA_TRY(run(std::move(command), {}, std::chrono::minutes(2)));
  if (result.finished.status != 0) {
    return fail(ErrorKind::io, "cassia-viewer ended with {}: {}{}", result.finished.status,
                result.finished.output, result.finished.errors);
  }
  result.screenshot = CASSIA_TRY(load_picture(png));
  const Bytes text = CASSIA_TRY(read_file(stats));
  result.stats.assign(text.begin(), text.end());
  return result;
}

Result<std::unique_ptr<Gateway>> Gateway::start(std::vector<std::string> arguments) {
  std::unique_ptr<Gateway> gateway(new Gateway);
  gateway->port_ = CASSIA_TRY(free_port());
  std::vector<std::string> command = {program("cassia-gateway"), "--listen",
                                      "127.0.0.1:" + std::to_string(gateway->port_)};
  if (std::find(arguments.begin(), arguments.end(), "--password-file") == arguments.end()) {
    command.push_back("--no-auth");
  }
  command.insert(command.end(), arguments.begin(), arguments.end());
  gateway->process_ = CASSIA_TRY(Process::start(std::move(command)));
  Process& process = *gateway->process_;
  const auto ready = [&] { return !process.running() || port_answers(gateway->port_); };
  if (!wait_until(ready) || !process.running()) {
    return fail(ErrorKind::closed, "cassia-gateway does not listen: {}{}", process.output(),
                process.errors());
  }
  return gateway;
}

Result<Finished> disk(std::vector<std::string> arguments, Timeout limit) {
  arguments.insert(arguments.begin(), program("cassia-disk"));
  return run(std::move(arguments), {}, limit);
}

}  // namespace cassia::test
