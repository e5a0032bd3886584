// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <optional>

#include "tests/support/temporary_folder.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(Process, KeepsBothStreamsAndTheStatus) {
  const auto finished = run({"sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(finished) << finished.error().message();
  EXPECT_EQ(finished->status, 3);
  EXPECT_EQ(finished->output, "out\n");
  EXPECT_EQ(finished->errors, "err\n");
}

TEST(Process, GetsInputEnvironmentAndFolder) {
  TemporaryFolder folder;
  const auto finished =
      run({"sh", "-c", "cat; echo $NAME; pwd"},
          {.environment = {"NAME=value"}, .folder = folder.path(), .input = "in\n"});
  ASSERT_TRUE(finished) << finished.error().message();
  EXPECT_EQ(finished->output, "in\nvalue\n" + folder.path().string() + "\n");
}

TEST(Process, ReportsTheSignalThatEndedIt) {
  auto process = Process::start({"sleep", "1000"});
  ASSERT_TRUE(process) << process.error().message();
  process->signal(SIGKILL);
  const auto status = process->wait(seconds(20));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(*status, 128 + SIGKILL);
  EXPECT_FALSE(process->running());
}

TEST(Process, EndsWithItsObject) {
  pid_t pid = 0;
  {
    auto process = Process::start({"sleep", "1000"});
    ASSERT_TRUE(process) << process.error().message();
    pid = process->pid();
    EXPECT_TRUE(process->running());
  }
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(Process, StopsOneThatIsStopped) {
  auto process = Process::start({"sleep", "1000"});
  ASSERT_TRUE(process) << process.error().message();
  process->signal(SIGSTOP);
  EXPECT_EQ(process->stop(), 128 + SIGTERM);
}

TEST(Process, WaitsForWhatItWrites) {
  auto process = Process::start({"sh", "-c", "echo ready; exec sleep 1000"});
  ASSERT_TRUE(process) << process.error().message();
  const auto found = process->wait_for_text("ready");
  EXPECT_TRUE(found) << found.error().message();
}

TEST(Process, SaysWhatAProgramWroteThatEndedTooEarly) {
  auto process = Process::start({"sh", "-c", "echo broken >&2"});
  ASSERT_TRUE(process) << process.error().message();
  const auto found = process->wait_for_text("ready");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message(), HasSubstr("broken"));
}

TEST(Process, CountsTheProcessorTimeAndMemoryItUses) {
  auto process = Process::start({"sh", "-c", "while :; do :; done"});
  ASSERT_TRUE(process) << process.error().message();
  EXPECT_TRUE(wait_until([&] {
    const auto usage = process->usage();
    return usage && usage->cpu.count() > 50 && usage->resident > 10000;
  }));
}

TEST(Process, DoesNotStartWhatIsNotThere) {
  const auto process = Process::start({"no-such-program-of-cassia"});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().kind(), ErrorKind::not_found);
}

}  // namespace
}  // namespace cassia::test
