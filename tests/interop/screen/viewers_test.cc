// SPDX-License-Identifier: Apache-2.0
// Several viewers of one guest: late ones, killed ones, stopped ones.

#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "tests/support/paths.h"
#include "tests/support/programs.h"
#include "tests/support/qemu_guest.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;

class ViewersTest : public ::testing::Test {
 protected:
  void start(const GuestOptions& options) {
    auto guest = QemuGuest::start(options);
    ASSERT_TRUE(guest) << guest.error().message();
    guest_ = std::move(*guest);
    auto gateway = Gateway::start({"--upstream", guest_->uri()});
    ASSERT_TRUE(gateway) << gateway.error().message();
    gateway_ = std::move(*gateway);
  }

  /// A viewer that stays for `duration` and leaves its picture and statistics under `name`.
  Process stay(const std::string& name, int duration) {
    auto viewer =
        Process::start({program("cassia-viewer"), "--headless", "--duration",
                        std::to_string(duration), "--screenshot", folder_ / (name + ".png"),
                        "--stats", folder_ / (name + ".json"), gateway_->uri()});
    EXPECT_TRUE(viewer) << viewer.error().message();
    return std::move(*viewer);
  }

  Picture picture(const std::string& name) {
    auto loaded = load_picture(folder_ / (name + ".png"));
    EXPECT_TRUE(loaded) << loaded.error().message();
    return loaded ? *loaded : Picture{};
  }

  std::size_t gateway_memory() {
    const auto usage = gateway_->process().usage();
    EXPECT_TRUE(usage) << usage.error().message();
    return usage ? usage->resident : 0;
  }

  std::unique_ptr<QemuGuest> guest_;
  std::unique_ptr<Gateway> gateway_;
  TemporaryFolder folder_;
};

TEST_F(ViewersTest, TwoAtOnceAndALateOneSeeTheSame) {
  start({.vga = "qxl"});
  Process first = stay("first", 12);
  Process second = stay("second", 12);
  ASSERT_TRUE(guest_->qmp().type("ls -l /bin; seq 1 100; echo MANY-$((6*7)) | tee /dev/ttyS0\n"));
  ASSERT_TRUE(guest_->wait_serial("MANY-42"));
  const auto screen = guest_->qmp().steady_screen();
  ASSERT_TRUE(screen) << screen.error().message();

  const auto late = view(gateway_->uri());
  ASSERT_TRUE(late) << late.error().message();
  EXPECT_TRUE(same_picture(late->screenshot, *screen, "viewers-late"));
  for (Process* viewer : {&first, &second}) {
    const auto status = viewer->wait(seconds(60));
    ASSERT_TRUE(status) << status.error().message();
    EXPECT_EQ(*status, 0) << viewer->errors();
  }
  EXPECT_TRUE(same_picture(picture("first"), *screen, "viewers-first"));
  EXPECT_TRUE(same_picture(picture("second"), *screen, "viewers-second"));
}

TEST_F(ViewersTest, AKilledOneTakesNothingWithIt) {
  start({.vga = "std"});
  Process victim = stay("victim", 60);
  Process other = stay("other", 10);
  ASSERT_TRUE(guest_->qmp().type("ls -l /bin\n"));
  victim.signal(SIGKILL);
  ASSERT_TRUE(victim.wait(seconds(10)));
  ASSERT_TRUE(guest_->qmp().type("echo AFTER-$((6*7)) | tee /dev/ttyS0\n"));
  const auto said = guest_->wait_serial("AFTER-42");
  EXPECT_TRUE(said) << "the guest suffered: " << said.error().message();
  const auto screen = guest_->qmp().steady_screen();
  ASSERT_TRUE(screen) << screen.error().message();
  const auto status = other.wait(seconds(60));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(*status, 0) << other.errors();
  EXPECT_TRUE(same_picture(picture("other"), *screen, "viewers-other"));
  EXPECT_TRUE(gateway_->process().running());
}

TEST_F(ViewersTest, AGuestThatRestartsKeepsItsViewers) {
  start({.vga = "std", .mode = "still"});
  const auto screen = guest_->qmp().steady_screen();
  ASSERT_TRUE(screen) << screen.error().message();
  Process patient = stay("patient", 45);
  guest_->stop();

  // While it is away a viewer that comes sees the last picture with the notice on it.
  std::optional<Picture> notice;
  ASSERT_TRUE(wait_until([&] {
    const auto seen = view(gateway_->uri(), {.settle = std::chrono::milliseconds(500)});
    if (seen && !(seen->screenshot == *screen)) notice = seen->screenshot;
    return notice.has_value();
  }));
  EXPECT_TRUE(notice->width == screen->width && notice->height == screen->height);

  const auto restarted = guest_->restart();
  ASSERT_TRUE(restarted) << restarted.error().message();
  const auto again = guest_->qmp().steady_screen();
  ASSERT_TRUE(again) << again.error().message();
  const auto status = patient.wait(seconds(90));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(*status, 0) << patient.errors();
  EXPECT_TRUE(same_picture(picture("patient"), *again, "viewers-restart"));
}

/// The longest time between two frames that the viewer committed, from its statistics.
double longest_frame_gap_ms(const std::filesystem::path& stats) {
  const auto bytes = read_file(stats);
  if (!bytes) return -1;
  const auto json = nlohmann::json::parse(bytes->begin(), bytes->end(), nullptr, false);
  return json.is_object() && json.contains("frames") ? json["frames"].value("max_gap_ms", -1.0)
                                                     : -1;
}

TEST_F(ViewersTest, AStoppedOneCostsTheOthersNothing) {
  start({.vga = "std", .mode = "burst"});
  {  // the measure: alone
    Process alone = stay("alone", 8);
    const auto status = alone.wait(seconds(60));
    ASSERT_TRUE(status) << status.error().message();
    ASSERT_EQ(*status, 0) << alone.errors();
  }
  Process stopped = stay("stopped", 600);
  ASSERT_TRUE(wait_until([&] {
    const auto usage = stopped.usage();
    return usage && usage->cpu.count() > 100;  // it draws
  }));
  stopped.signal(SIGSTOP);
  const std::size_t before = gateway_memory();
  Process other = stay("other", 8);
  const auto status = other.wait(seconds(60));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(*status, 0) << other.errors();

  // A queue is bounded: what a stopped viewer costs does not grow with time.
  EXPECT_LT(gateway_memory(), before + (64u << 20));
  const double alone_gap = longest_frame_gap_ms(folder_ / "alone.json");
  const double other_gap = longest_frame_gap_ms(folder_ / "other.json");
  ASSERT_GE(alone_gap, 0) << "no frames.max_gap_ms in the statistics";
  EXPECT_LT(other_gap, 3 * alone_gap + 200) << "alone it was " << alone_gap << " ms";
  EXPECT_TRUE(guest_->qemu().running());
}

}  // namespace
}  // namespace cassia::test
