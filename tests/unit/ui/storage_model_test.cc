// SPDX-License-Identifier: Apache-2.0
#include "client/ui/storage_model.h"

#include <gtest/gtest.h>

#include "tests/unit/ui/fake_storage.h"

namespace cassia::client {
namespace {

using namespace std::chrono_literals;

TEST(StorageModel, AsksWhenTheChannelComesAndForgetsWhenItGoes) {
  FakeStorage storage;
  StorageModel model(storage.call());
  model.refresh();
  EXPECT_TRUE(storage.calls.empty());
  model.set_available(true);
  EXPECT_FALSE(model.complete());
  storage.answer_all();
  EXPECT_TRUE(model.complete());
  ASSERT_EQ(model.disks().size(), 2u);
  EXPECT_EQ(model.disks()[1].state, "detach pending");
  EXPECT_EQ(model.selected(), "disk0");
  storage.answer_all();  // the snapshots of the disk that was selected
  ASSERT_EQ(model.snapshots().size(), 1u);
  model.set_available(false);
  EXPECT_TRUE(model.disks().empty());
}

TEST(StorageModel, CellsFollowTheSchemasTitles) {
  FakeStorage storage;
  StorageModel model(storage.call());
  model.set_available(true);
  storage.answer_all();
  const auto titles = column_titles(*storage::find_verb("disk.list")->result);
  const auto& cells = model.disks()[0].cells;
  ASSERT_EQ(titles.size(), cells.size());
  const auto at = [&](const std::string& title) {
    return cells[static_cast<std::size_t>(std::find(titles.begin(), titles.end(), title) -
                                          titles.begin())];
  };
  EXPECT_EQ(at("FORMAT"), "qcow2");
  EXPECT_EQ(at("SIZE"), "64 MiB");
  EXPECT_EQ(at("USED"), "196 KiB");
}

TEST(StorageModel, PollsJobsWhileOneRunsAndDisksWhenItEnds) {
  FakeStorage storage;
  ManualClock clock;
  StorageModel model(storage.call());
  storage.jobs = nlohmann::json::parse(
      R"([{"id":"j1","verb":"disk.convert","subject":"disk0","state":"running","percent":40}])");
  model.set_available(true);
  storage.answer_all();
  storage.answer_all();
  model.tick(clock.now());
  storage.answer_all();
  clock.advance(1s);
  ASSERT_EQ(model.jobs().size(), 1u);
  EXPECT_EQ(model.jobs()[0].percent, 40);
  EXPECT_TRUE(model.jobs()[0].active());

  storage.jobs[0]["state"] = "failed";
  storage.jobs[0]["error"] = "No space left on device";
  model.tick(clock.now());
  storage.answer_all();
  EXPECT_TRUE(storage.waits_for("disk.list"));
  EXPECT_NE(model.error().find("No space left"), std::string::npos);
}

TEST(StorageModel, NeverAsksTheSameThingTwiceAtATime) {
  FakeStorage storage;
  ManualClock clock;
  StorageModel model(storage.call());
  model.set_available(true);
  const std::size_t first = storage.calls.size();
  for (int i = 0; i < 10; ++i) {
    clock.advance(10s);
    model.tick(clock.now());
  }
  EXPECT_EQ(storage.calls.size(), first);
}

TEST(StorageModel, AnActionsErrorIsALineAndTheModelGoesOn) {
  FakeStorage storage;
  StorageModel model(storage.call());
  model.set_available(true);
  storage.answer_all();
  storage.answer_all();
  storage.refuse.emplace("disk.attach", Error(ErrorKind::not_found, "new.qcow2: No such file"));
  model.perform(*storage::find_verb("disk.attach"), {{"image", "new.qcow2"}});
  EXPECT_TRUE(model.busy());
  storage.answer_all();
  EXPECT_FALSE(model.busy());
  EXPECT_EQ(model.error(), "attach: new.qcow2: No such file");
  storage.refuse.clear();
  model.perform(*storage::find_verb("disk.attach"), {{"image", "new.qcow2"}});
  storage.answer_all();
  EXPECT_EQ(model.notice(), "attach: attached");
  EXPECT_TRUE(model.error().empty());
  EXPECT_TRUE(storage.waits_for("disk.list"));
}

TEST(StorageModel, RepliesAfterItsEndAreDropped) {
  FakeStorage storage;
  {
    StorageModel model(storage.call());
    model.set_available(true);
  }
  storage.answer_all();
}

}  // namespace
}  // namespace cassia::client
