// SPDX-License-Identifier: Apache-2.0
#pragma once

// Programs that a test runs. What they write is kept in memory files, so nothing blocks and a
// failing test can show all of it. They end with the test: at the latest when it dies itself.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "tests/support/wait.h"

namespace cassia::test {

struct ProcessOptions {
  std::vector<std::string> environment;  ///< "NAME=value", on top of the test's own
  std::filesystem::path folder;          ///< where it starts; empty: the test's own folder
  std::string input;                     ///< what it reads on its standard input
  std::vector<int> inherit;              ///< descriptors it gets under the same numbers
};

/// What a process has used so far, from /proc.
struct Usage {
  std::chrono::milliseconds cpu{};  ///< user and system time of all its threads
  std::size_t resident = 0;         ///< bytes of memory
};

/// A running or finished program. Not thread-safe. Moving it keeps it running.
class Process {
 public:
  /// `command` is the program (looked up on PATH if it has no slash) and its arguments.
  static Result<Process> start(std::vector<std::string> command, ProcessOptions options = {});

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();  ///< stop()

  pid_t pid() const { return pid_; }
  bool running() const;

  /// Waits for its end; the exit status, or 128 + the signal that ended it.
  Result<int> wait(Timeout limit);

  void signal(int number) const;

  /// Asks it to end, insists after five seconds. Does nothing if it has ended. The exit status.
  int stop();

  std::string output() const;  ///< all it has written on standard output so far
  std::string errors() const;  ///< all it has written on standard error so far

  /// Waits until either stream holds `text`; fails when it ends or the time is up before that.
  Result<void> wait_for_text(std::string_view text, Timeout limit = std::chrono::seconds(20));

  Result<Usage> usage() const;

 private:
  Process() = default;
  std::optional<int> reap(bool block);

  pid_t pid_ = -1;
  std::string name_;
  FileDescriptor handle_, output_, errors_;
  std::optional<int> status_;
};

struct Finished {
  int status = -1;  ///< as Process::wait()
  std::string output, errors;
};

/// Runs a program to its end; an error only if it could not start or did not end in time.
Result<Finished> run(std::vector<std::string> command, ProcessOptions options = {},
                     Timeout limit = std::chrono::seconds(60));

}  // namespace cassia::test
