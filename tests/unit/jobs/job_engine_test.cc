// SPDX-License-Identifier: Apache-2.0
#include "storage/jobs/job_engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>

namespace cassia::storage {
namespace {

using nlohmann::json;

/// Work that a test steps: it begins, then waits for finish().
struct Stepped {
  std::promise<void> begun;
  std::promise<Result<void>> outcome;

  JobWork work() {
    return [this](Progress& progress) -> Result<void> {
      progress.set_total(100);
      CASSIA_TRY(progress.advance(40));
      begun.set_value();
      CASSIA_TRY(outcome.get_future().get());
      return progress.advance(60);
    };
  }
};

JobInfo wait_until_ended(JobEngine& engine, const std::string& id) {
  for (;;) {
    auto info = engine.show(id);
    if (!info || ended(info->state)) return info.value();
    std::this_thread::yield();
  }
}

struct JobEngineTest : testing::Test {
  std::atomic<std::int64_t> now{1000};
  std::unique_ptr<JobEngine> engine =
      JobEngine::create({.threads = 1, .wall_clock_ms = [this] { return now.load(); }});
};

TEST_F(JobEngineTest, RunsAndRemembers) {
  Stepped step;
  const std::string id = engine->start({"image.convert", "a", "b", "ann"}, step.work());
  step.begun.get_future().get();
  const JobInfo running = engine->show(id).value();
  EXPECT_EQ(running.state, JobState::running);
  EXPECT_EQ(running.percent(), 40u);
  EXPECT_EQ(engine->job_on("a")->id, id);
  EXPECT_EQ(engine->job_on("b")->id, id);
  now = 2000;
  step.outcome.set_value({});
  const JobInfo done = wait_until_ended(*engine, id);
  EXPECT_EQ(done.state, JobState::done);
  EXPECT_EQ(done.percent(), 100u);
  EXPECT_EQ(done.started_ms, 1000);
  EXPECT_EQ(done.ended_ms, 2000);
  EXPECT_FALSE(engine->job_on("a"));
  EXPECT_EQ(engine->list()->size(), 1u);
}

TEST_F(JobEngineTest, QueuesBeyondItsThreadsAndCancelsWhatWaits) {
  Stepped first;
  Stepped second;
  const std::string one = engine->start({}, first.work());
  const std::string two = engine->start({}, second.work());
  first.begun.get_future().get();
  EXPECT_EQ(engine->show(two)->state, JobState::queued);
  ASSERT_TRUE(engine->cancel(two));
  EXPECT_EQ(engine->show(two)->state, JobState::canceled);
  EXPECT_EQ(engine->cancel(two).error().kind(), ErrorKind::invalid_argument);
  first.outcome.set_value(fail(ErrorKind::no_space, "disk full"));
  const JobInfo failed = wait_until_ended(*engine, one);
  EXPECT_EQ(failed.state, JobState::failed);
  EXPECT_EQ(failed.error->kind(), ErrorKind::no_space);
}

TEST_F(JobEngineTest, CancelsPausesAndResumesWhatRuns) {
  std::promise<void> begun;
  const std::string id = engine->start({}, [&](Progress& progress) -> Result<void> {
    begun.set_value();
    for (;;) CASSIA_TRY(progress.advance(1));
  });
  begun.get_future().get();
  ASSERT_TRUE(engine->pause(id));
  EXPECT_EQ(engine->show(id)->state, JobState::paused);
  ASSERT_TRUE(engine->resume(id));
  EXPECT_EQ(engine->show(id)->state, JobState::running);
  ASSERT_TRUE(engine->pause(id));
  ASSERT_TRUE(engine->cancel(id));
  EXPECT_EQ(wait_until_ended(*engine, id).state, JobState::canceled);
  EXPECT_EQ(engine->pause("99").error().kind(), ErrorKind::not_found);
}

TEST_F(JobEngineTest, DestructionCancelsWhatRuns) {
  std::promise<void> begun;
  std::atomic<bool> canceled{false};
  engine->start({}, [&](Progress& progress) -> Result<void> {
    begun.set_value();
    Result<void> step;
    while ((step = progress.advance(1))) {
    }
    canceled = true;
    return step;
  });
  begun.get_future().get();
  engine.reset();
  EXPECT_TRUE(canceled);
}

TEST_F(JobEngineTest, SubmitChecksThroughTheMaker) {
  engine->add_maker("image.convert", [](const json& params) -> Result<PreparedJob> {
    if (!params.contains("image")) return fail(ErrorKind::not_found, "no image");
    return PreparedJob{{.subject = params["image"]}, [](Progress&) -> Result<void> { return {}; }};
  });
  EXPECT_EQ(engine->submit("disk.list", nullptr, "ann").error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(engine->submit("image.convert", json::object(), "ann").error().message(), "no image");
  EXPECT_TRUE(engine->list()->empty());
  const auto id = engine->submit("image.convert", {{"image", "a"}}, "ann");
  ASSERT_TRUE(id);
  const JobInfo info = wait_until_ended(*engine, *id);
  EXPECT_EQ(info.about.owner, "ann");
  EXPECT_EQ(info.about.verb, "image.convert");
}

TEST_F(JobEngineTest, ListsJobsThatRunElsewhere) {
  std::string told;
  auto job = engine->adopt({"disk.convert", "disk1", "t", "bob"},
                           {[&] { told += "c"; }, [&] { told += "p"; }, [&] { told += "r"; }});
  job->report(5, 10);
  EXPECT_EQ(engine->show(job->id())->percent(), 50u);
  ASSERT_TRUE(engine->pause(job->id()));
  ASSERT_TRUE(engine->resume(job->id()));
  ASSERT_TRUE(engine->cancel(job->id()));
  EXPECT_EQ(told, "prc");
  job->report_paused(true);
  EXPECT_EQ(engine->show(job->id())->state, JobState::paused);
  const std::string id = job->id();
  job->finish(fail(ErrorKind::canceled, "canceled"));
  job.reset();
  EXPECT_EQ(engine->show(id)->state, JobState::canceled);
  std::string abandoned;
  {
    auto other = engine->adopt({}, {});
    abandoned = other->id();
  }
  EXPECT_EQ(engine->show(abandoned)->state, JobState::failed);
}

TEST(JobJson, SurvivesTheWire) {
  JobInfo info{.id = "7",
               .about = {"disk.convert", "d", "t", "o"},
               .state = JobState::failed,
               .done = 3,
               .total = 9,
               .started_ms = 5,
               .ended_ms = 6,
               .error = Error(ErrorKind::busy, "in use")};
  const JobInfo back = job_from_json(to_json(info)).value();
  EXPECT_EQ(to_json(back), to_json(info));
  EXPECT_EQ(back.error->kind(), ErrorKind::busy);
  EXPECT_FALSE(job_from_json({{"state", "sleeping"}}));
  EXPECT_FALSE(job_from_json(3));
}

TEST(MemoryJobHistory, IsBounded) {
  MemoryJobHistory history(2);
  for (const char* id : {"1", "2", "3"}) history.add({.id = id});
  ASSERT_EQ(history.list().size(), 2u);
  EXPECT_EQ(history.list()[0].id, "2");
}

}  // namespace
}  // namespace cassia::storage
