// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/session/child_usage.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>

extern char** environ;

namespace cassia::bench {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

Result<pid_t> spawn(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return fail_errno(failed, command[0]);
  return pid;
}

}  // namespace

Result<ChildUsage> run_counted(const std::vector<std::string>& command) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t pid = CASSIA_TRY(spawn(command));
  int status = 0;
  rusage usage{};
  if (wait4(pid, &status, 0, &usage) != pid) return fail_errno(errno, command[0]);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(ErrorKind::io, "{} ended with status {:#x}", command[0], status);
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  return ChildUsage{seconds(usage.ru_utime) + seconds(usage.ru_stime), wall.count(),
                    static_cast<double>(usage.ru_maxrss) / 1024};
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace cassia::bench
