// SPDX-License-Identifier: Apache-2.0
// The whole service on a guest without QEMU, spoken to in JSON-RPC.
#include "protocol/storage/rpc.h"
#include "storage/live/storage_service.h"
#include "tests/unit/live/live_fixture.h"

namespace cassia::storage {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class ServiceTest : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    make("a.qcow2", "qcow2", 4 << 20);
    make("b.raw", "raw", 1 << 20);
    make("spare.qcow2", "qcow2", 2 << 20);
    StorageService::Options options;
    options.root = folder_ / "root";
    options.local_disks = {{"disk-a", "a.qcow2"}, {"disk-b", "b.raw"}};
    options.vm_name = "demo";
    start(std::move(options));
  }
  void start(StorageService::Options options) {
    auto service = StorageService::create(io_.get_executor(), clock_, std::move(options));
    ASSERT_TRUE(service) << service.error().message();
    service_ = std::move(*service);
  }
  std::string raw(std::string text, Right right = Right::manage) {
    return run(service_->handle(std::move(text), Caller{"ann", right}));
  }
  Result<json> call(const std::string& verb, const json& params = nullptr,
                    Right right = Right::manage) {
    return parse_answer(raw(make_request(1, verb, params), right)).value().result;
  }
  json wait_job(const std::string& id) {
    for (;;) {
      const json job = call("job.show", {{"job", id}}).value();
      if (job["state"] != "running" && job["state"] != "queued") return job;
    }
  }

  SteadyClock clock_;
  std::shared_ptr<StorageService> service_;
};

TEST_F(ServiceTest, ListsDisksAndImages) {
  EXPECT_EQ(call("vm.show").value()["name"], "demo");
  const json disks = call("disk.list").value();
  ASSERT_EQ(disks.size(), 2u);
  EXPECT_EQ(disks[0]["format"], "qcow2");
  EXPECT_EQ(disks[0]["virtual_size"], 4 << 20);
  EXPECT_EQ(call("image.list").value().size(), 3u);
  EXPECT_EQ(call("image.show", {{"image", "b.raw"}}).value()["format"], "raw");
  EXPECT_EQ(call("image.show", {{"image", "none"}}).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(call("storage.describe", nullptr, Right::none).value().size(), verbs().size());
}

TEST_F(ServiceTest, AttachesAndDetaches) {
  EXPECT_EQ(call("disk.attach", {{"image", "spare.qcow2"}, {"id", "extra"}}).value()["id"],
            "extra");
  EXPECT_EQ(call("disk.attach", {{"image", "spare.qcow2"}}).error().kind(), ErrorKind::busy);
  EXPECT_EQ(call("disk.attach", {{"image", "../x"}}).error().kind(), ErrorKind::permission);
  EXPECT_EQ(call("disk.attach", {{"image", "b.raw"}, {"id", "9x"}}).error().kind(),
            ErrorKind::busy);
  EXPECT_EQ(call("disk.detach", {{"disk", "extra"}}).value()["state"], "detached");
  EXPECT_EQ(call("disk.detach", {{"disk", "extra"}}).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(call("disk.list").value().size(), 2u);
}

TEST_F(ServiceTest, SnapshotsBothWays) {
  ASSERT_TRUE(call("disk.snapshot.create", {{"disk", "disk-a"}, {"name", "one"}}));
  EXPECT_EQ(call("disk.snapshot.create", {{"disk", "disk-a"}, {"name", "one"}}).error().kind(),
            ErrorKind::exists);
  EXPECT_EQ(call("disk.snapshot.create", {{"disk", "disk-a"}, {"name", "../x"}}).error().kind(),
            ErrorKind::invalid_argument);
  EXPECT_FALSE(call("disk.snapshot.create", {{"disk", "disk-b"}, {"name", "one"}}));
  const json overlay = {{"disk", "disk-b"}, {"name", "two"}, {"kind", "overlay"}};
  EXPECT_EQ(call("disk.snapshot.create", overlay).value()["name"], "b-two.qcow2");
  const json list = call("disk.snapshot.list", {{"disk", "disk-b"}}).value();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["image"], "b.raw");
  ASSERT_TRUE(call("disk.snapshot.delete", {{"disk", "disk-a"}, {"name", "one"}}));
  EXPECT_TRUE(call("disk.snapshot.list", {{"disk", "disk-a"}}).value().empty());
}

TEST_F(ServiceTest, ConvertsAsJobs) {
  const json disk_job =
      call("disk.convert", {{"disk", "disk-a"}, {"target", "copy.raw"}, {"format", "raw"}}).value();
  EXPECT_EQ(disk_job["owner"], "ann");
  EXPECT_EQ(wait_job(disk_job["id"])["state"], "done");
  EXPECT_EQ(std::filesystem::file_size(in_root("copy.raw")), 4u << 20);
  const json image_job = call("image.convert", {{"image", "b.raw"}, {"target", "b.qcow2"}}).value();
  EXPECT_EQ(wait_job(image_job["id"])["state"], "done");
  EXPECT_EQ(call("image.show", {{"image", "b.qcow2"}}).value()["virtual_size"], 1 << 20);
  EXPECT_EQ(call("image.convert", {{"image", "b.raw"}, {"target", "b.qcow2"}}).error().kind(),
            ErrorKind::exists);
  EXPECT_EQ(call("job.list").value().size(), 2u);
  EXPECT_EQ(call("job.cancel", {{"job", "1"}}).error().kind(), ErrorKind::invalid_argument);
}

TEST_F(ServiceTest, ChecksTheWholeRequestFirst) {
  EXPECT_THAT(raw("nonsense"), HasSubstr("-32700"));
  EXPECT_THAT(raw(R"({"jsonrpc":"2.0","id":1,"method":"disk.explode"})"), HasSubstr("-32601"));
  EXPECT_THAT(raw(R"({"jsonrpc":"2.0","id":1,"method":"disk.detach"})"), HasSubstr("-32602"));
  EXPECT_EQ(raw(R"({"jsonrpc":"2.0","method":"disk.list"})"), "");
  EXPECT_EQ(call("disk.detach", {{"disk", "disk-a"}}, Right::view).error().kind(),
            ErrorKind::permission);
  EXPECT_EQ(call("disk.list", nullptr, Right::none).error().kind(), ErrorKind::permission);
  EXPECT_EQ(call("disk.list").value().size(), 2u);
}

TEST_F(ServiceTest, EveryVerbOfTheSchemaIsServed) {
  for (const Verb& verb : verbs()) {
    json params = json::object();
    for (const Parameter& parameter : verb.parameters) {
      if (parameter.required) params[std::string(parameter.name)] = "none";
    }
    const auto result = call(std::string(verb.name), params);
    if (!result) {
      EXPECT_NE(result.error().kind(), ErrorKind::internal) << verb.name;
    }
  }
}

TEST_F(ServiceTest, WithoutRootOrVmItSaysWhatIsMissing) {
  start({});
  EXPECT_THAT(call("disk.list").error().message(), HasSubstr("--qmp"));
  EXPECT_THAT(call("image.list").error().message(), HasSubstr("--storage-root"));
  EXPECT_THAT(call("vm.show").value()["problem"].get<std::string>(), HasSubstr("--qmp"));
  StorageService::Options missing;
  missing.root = folder_ / "none";
  EXPECT_FALSE(StorageService::create(io_.get_executor(), clock_, missing));
}

}  // namespace
}  // namespace cassia::storage
