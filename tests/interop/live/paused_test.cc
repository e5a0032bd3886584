// SPDX-License-Identifier: Apache-2.0
// The verbs on a QEMU whose guest never runs (-S): the block layer is all they need.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "tests/interop/live/service_client.h"
#include "tests/support/process.h"
#include "tests/support/qmp_client.h"
#include "tests/support/temporary_folder.h"

namespace cassia::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::uint64_t mib = 1u << 20;

struct Machine {
  const char* name;
  std::vector<std::string> devices;
  const char* bus;  ///< that "auto" picks
};

/// QEMU with one qcow2 and one raw disk in folder/images, which is the storage root.
class LiveVm : public ::testing::Test {
 protected:
  virtual Machine machine() const { return {"pc", {}, "virtio"}; }

  void SetUp() override {
    fs::create_directory(images());
    tool({"create", "-f", "qcow2", image("a.qcow2"), "32M"});
    tool({"create", "-f", "raw", image("b.raw"), "16M"});
    tool({"create", "-f", "qcow2", image("new.qcow2"), "8M"});
    fill(image("b.raw"), 16 * mib);
    start_qemu();
    auto client = ServiceClient::create(images(), socket());
    ASSERT_TRUE(client) << client.error().message();
    client_ = std::move(*client);
  }

  void start_qemu() {
    std::vector<std::string> command{
        "qemu-system-x86_64", "-M", machine().name, "-accel", "tcg", "-m", "64", "-nodefaults",
        "-display", "none", "-S", "-name", "test-vm", "-qmp",
        "unix:" + socket().string() + ",server=on,wait=off", "-qmp",
        "unix:" + second_socket().string() + ",server=on,wait=off", "-blockdev",
        "qcow2,node-name=a,discard=unmap,file.driver=file,file.filename=" + image("a.qcow2"),
        "-device", "virtio-blk-pci,drive=a,id=first", "-drive",
        "if=none,id=second,format=raw,file=" + image("b.raw"), "-device",
        "virtio-blk-pci,drive=second,id=second",
        // Every read takes a second: work on it is still under way when a test looks.
        "-blockdev", "null-co,node-name=slow,size=268435456,latency-ns=1000000000", "-device",
        "virtio-blk-pci,drive=slow,id=slow"};
    for (const std::string& word : machine().devices) command.push_back(word);
    auto qemu = Process::start(command);
    ASSERT_TRUE(qemu) << qemu.error().message();
    qemu_ = std::move(*qemu);
    auto monitor = QmpClient::connect(second_socket());
    ASSERT_TRUE(monitor) << monitor.error().message() << qemu_->errors();
    monitor_ = std::move(*monitor);
  }

  fs::path images() const { return folder_ / "images"; }
  std::string image(const std::string& name) const { return (images() / name).string(); }
  fs::path socket() const { return folder_ / "qmp"; }
  fs::path second_socket() const { return folder_ / "qmp2"; }

  static std::string tool(std::vector<std::string> words) {
    words.insert(words.begin(), "qemu-img");
    const auto done = run(words);
    EXPECT_TRUE(done && done->status == 0) << (done ? done->errors : done.error().message());
    return done ? done->output : "";
  }
  static void fill(const std::string& path, std::size_t size) {
    std::ofstream file(path, std::ios::binary | std::ios::in);
    std::uint32_t state = 12345;
    for (std::size_t i = 0; i < size; i += 4) {
      state = state * 1664525 + 1013904223;
      file.write(reinterpret_cast<const char*>(&state), 4);
    }
  }
  std::vector<std::string> leftovers() const {
    std::vector<std::string> hidden;
    for (const auto& entry : fs::directory_iterator(images())) {
      const std::string name = entry.path().filename();
      if (name.front() == '.') hidden.push_back(name);
    }
    return hidden;
  }
  std::size_t our_nodes() {
    const auto nodes = monitor_->execute("query-named-block-nodes", {{"flat", true}});
    std::size_t count = 0;
    for (const json& node : *nodes) {
      count += node["node-name"].get<std::string>().starts_with("cassia-") ? 1 : 0;
    }
    return count;
  }

  TemporaryFolder folder_;
  std::optional<Process> qemu_;
  std::optional<QmpClient> monitor_;
  std::unique_ptr<ServiceClient> client_;
};

TEST_F(LiveVm, ShowsTheVmAndItsDisks) {
  const json vm = client_->call("vm.show").value();
  EXPECT_EQ(vm["name"], "test-vm");
  EXPECT_EQ(vm["connected"], true);
  EXPECT_EQ(vm["status"], "prelaunch");
  const json first = client_->disk("first");
  EXPECT_EQ(first["bus"], "virtio");
  EXPECT_EQ(first["format"], "qcow2");
  EXPECT_EQ(first["virtual_size"], 32 * mib);
  EXPECT_EQ(first["image"], "a.qcow2");
  EXPECT_EQ(first["in_root"], true);
  EXPECT_EQ(client_->disk("second")["format"], "raw");
}

/// The same on each kind of place for another disk.
class PluggingVm : public LiveVm, public ::testing::WithParamInterface<Machine> {
 protected:
  Machine machine() const override { return GetParam(); }
};

TEST_P(PluggingVm, AttachesOnAFreePlace) {
  const auto disk = client_->call("disk.attach", {{"image", "new.qcow2"}});
  ASSERT_TRUE(disk) << disk.error().message();
  EXPECT_EQ((*disk)["bus"], GetParam().bus);
  EXPECT_EQ((*disk)["image"], "new.qcow2");
  const std::string id = (*disk)["id"];
  EXPECT_EQ(client_->disk(id)["state"], "attached");
  const auto again = client_->call("disk.attach", {{"image", "new.qcow2"}});
  EXPECT_EQ(again.error().kind(), ErrorKind::busy);
  EXPECT_THAT(again.error().message(), HasSubstr("as disk " + id));
  EXPECT_EQ(client_->call("disk.attach", {{"image", "b.raw"}}).error().kind(), ErrorKind::busy);
}

TEST_P(PluggingVm, DetachWaitsForTheGuestHoweverLate) {
  const auto disk = client_->call("disk.attach", {{"image", "new.qcow2"}, {"id", "extra"}});
  ASSERT_TRUE(disk) << disk.error().message();
  const auto detached = client_->call("disk.detach", {{"disk", "extra"}, {"wait", 1}});
  ASSERT_TRUE(detached) << detached.error().message();
  if ((*disk)["bus"] == "scsi") {  // QEMU does not ask the guest
    EXPECT_EQ((*detached)["state"], "detached");
  } else {
    EXPECT_EQ((*detached)["state"], "detach pending");
    EXPECT_EQ(client_->disk("extra")["state"], "detach pending");
    EXPECT_EQ(client_->call("disk.detach", {{"disk", "extra"}, {"wait", 0}}).value()["state"],
              "detach pending");
    EXPECT_EQ(
        client_->call("disk.snapshot.create", {{"disk", "extra"}, {"name", "x"}}).error().kind(),
        ErrorKind::busy);
    // A reset makes QEMU finish what the guest has not answered.
    ASSERT_TRUE(monitor_->execute("system_reset"));
  }
  ASSERT_TRUE(client_->run_until([&] { return client_->disk("extra").is_null(); }));
  ASSERT_TRUE(client_->run_until([&] { return our_nodes() == 0; }));
  tool({"check", image("new.qcow2")});  // not locked any more
  EXPECT_EQ(client_->call("disk.detach", {{"disk", "extra"}}).error().kind(), ErrorKind::not_found);
}

TEST_F(LiveVm, TakesListsAndDeletesInternalSnapshots) {
  const auto taken = client_->call("disk.snapshot.create", {{"disk", "first"}, {"name", "one"}});
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ((*taken)["kind"], "internal");
  EXPECT_EQ(client_->disk("first")["snapshots"], 1);
  EXPECT_THAT(tool({"snapshot", "-U", "-l", image("a.qcow2")}), HasSubstr("one"));
  EXPECT_EQ(
      client_->call("disk.snapshot.create", {{"disk", "first"}, {"name", "one"}}).error().kind(),
      ErrorKind::exists);
  const auto on_raw = client_->call("disk.snapshot.create", {{"disk", "second"}, {"name", "one"}});
  EXPECT_EQ(on_raw.error().kind(), ErrorKind::unsupported);
  EXPECT_THAT(on_raw.error().message(), HasSubstr("overlay"));
  ASSERT_TRUE(client_->call("disk.snapshot.delete", {{"disk", "first"}, {"name", "one"}}));
  EXPECT_TRUE(client_->call("disk.snapshot.list", {{"disk", "first"}})->empty());
  EXPECT_EQ(
      client_->call("disk.snapshot.delete", {{"disk", "first"}, {"name", "one"}}).error().kind(),
      ErrorKind::not_found);
}

TEST_F(LiveVm, GoesOnInOverlays) {
  const json before = {{"disk", "second"}, {"name", "before"}, {"kind", "overlay"}};
  const auto taken = client_->call("disk.snapshot.create", before);
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ((*taken)["image"], "b.raw");
  const auto second = client_->call(
      "disk.snapshot.create",
      {{"disk", "second"}, {"name", "x"}, {"kind", "overlay"}, {"target", "top.qcow2"}});
  ASSERT_TRUE(second) << second.error().message();
  const json disk = client_->disk("second");
  EXPECT_EQ(disk["image"], "top.qcow2");
  EXPECT_EQ(disk["chain"], json({"b-before.qcow2", "b.raw"}));
  const json list = client_->call("disk.snapshot.list", {{"disk", "second"}}).value();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]["image"], "b.raw");
  EXPECT_EQ(list[1]["name"], "top.qcow2");
  const json info = json::parse(tool({"info", "-U", "--output=json", image("top.qcow2")}));
  EXPECT_EQ(info["backing-filename"], "b-before.qcow2");
  EXPECT_EQ(info["backing-filename-format"], "qcow2");
  tool({"compare", "-U", image("b.raw"), image("top.qcow2")});
  const auto taken_name = client_->call(
      "disk.snapshot.create",
      {{"disk", "second"}, {"name", "y"}, {"kind", "overlay"}, {"target", "a.qcow2"}});
  EXPECT_EQ(taken_name.error().kind(), ErrorKind::exists);
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(LiveVm, ConvertsWhileInUse) {
  for (const json& params :
       {json{{"disk", "second"}, {"target", "copy.qcow2"}},
        json{{"disk", "second"}, {"target", "small.qcow2"}, {"compress", true}},
        json{{"disk", "second"}, {"target", "copy.raw"}, {"format", "raw"}}}) {
    const auto job = client_->call("disk.convert", params);
    ASSERT_TRUE(job) << job.error().message();
    EXPECT_EQ((*job)["subject"], "second");
    const json done = client_->wait_job((*job)["id"]).value();
    EXPECT_EQ(done["state"], "done") << done;
    EXPECT_EQ(done["percent"], 100);
    tool({"compare", "-U", image("b.raw"), image(params["target"])});
  }
  tool({"check", image("copy.qcow2")});
  tool({"check", image("small.qcow2")});
  EXPECT_EQ(our_nodes(), 0u);
  EXPECT_TRUE(leftovers().empty());
  EXPECT_EQ(
      client_->call("disk.convert", {{"disk", "second"}, {"target", "copy.raw"}}).error().kind(),
      ErrorKind::exists);
  EXPECT_EQ(
      client_->call("disk.convert", {{"disk", "second"}, {"target", "no/copy.raw"}}).error().kind(),
      ErrorKind::not_found);
}

TEST_F(LiveVm, ACopyCanRestAndACanceledOneLeavesNothing) {
  const auto job = client_->call("disk.convert", {{"disk", "slow"}, {"target", "one.qcow2"}});
  ASSERT_TRUE(job) << job.error().message();
  const json id = {{"job", (*job)["id"]}};
  const auto state = [&] { return client_->call("job.show", id).value()["state"]; };
  ASSERT_TRUE(client_->call("job.pause", id));
  ASSERT_TRUE(client_->run_until([&] { return state() == "paused"; }));
  const auto busy = client_->call("disk.detach", {{"disk", "slow"}});
  EXPECT_EQ(busy.error().kind(), ErrorKind::busy);
  EXPECT_EQ(busy.error().message(), "disk slow is busy: job 1 (disk.convert) by test");
  EXPECT_EQ(
      client_->call("disk.convert", {{"disk", "second"}, {"target", "one.qcow2"}}).error().kind(),
      ErrorKind::busy);
  ASSERT_TRUE(client_->call("job.resume", id));
  ASSERT_TRUE(client_->run_until([&] { return state() == "running"; }));
  EXPECT_FALSE(fs::exists(image("one.qcow2")));
  EXPECT_EQ(leftovers().size(), 1u);
  ASSERT_TRUE(client_->call("job.cancel", id));
  EXPECT_EQ(client_->wait_job(id["job"]).value()["state"], "canceled");
  EXPECT_FALSE(fs::exists(image("one.qcow2")));
  EXPECT_TRUE(leftovers().empty());
  EXPECT_EQ(our_nodes(), 0u);
  EXPECT_EQ(client_->call("job.cancel", id).error().kind(), ErrorKind::invalid_argument);
}

TEST_F(LiveVm, ACopyFailsCleanlyWhenQemuDies) {
  const auto job = client_->call("disk.convert", {{"disk", "slow"}, {"target", "one.qcow2"}});
  ASSERT_TRUE(job) << job.error().message();
  qemu_->signal(SIGKILL);
  (void)qemu_->wait(std::chrono::seconds(20));
  start_qemu();
  const json failed = client_->wait_job((*job)["id"]).value();
  EXPECT_EQ(failed["state"], "failed");
  EXPECT_THAT(failed["error"].get<std::string>(), HasSubstr("QEMU was restarted"));
  EXPECT_FALSE(fs::exists(image("one.qcow2")));
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(LiveVm, RefusesImagesThatLeadElsewhere) {
  const auto kind = [&](const std::string& name) {
    return client_->call("disk.attach", {{"image", name}}).error().kind();
  };
  fs::create_symlink("/etc/passwd", images() / "link.raw");
  tool(
      {"create", "-u", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", image("evil.qcow2"), "1M"});
  tool({"create", "-u", "-f", "qcow2", "-b", "../outside.raw", "-F", "raw", image("up.qcow2"),
        "1M"});
  tool({"create", "-u", "-f", "qcow2", "-b", "json:{}", "-F", "raw", image("json.qcow2"), "1M"});
  EXPECT_EQ(kind("/etc/passwd"), ErrorKind::permission);
  EXPECT_EQ(kind("../images/a.qcow2"), ErrorKind::permission);
  EXPECT_EQ(kind("link.raw"), ErrorKind::permission);
  EXPECT_EQ(kind("evil.qcow2"), ErrorKind::permission);
  EXPECT_EQ(kind("up.qcow2"), ErrorKind::permission);
  EXPECT_EQ(kind("json.qcow2"), ErrorKind::unsupported);
  EXPECT_EQ(kind("missing.qcow2"), ErrorKind::not_found);
  EXPECT_EQ(our_nodes(), 0u);
  // A backing file inside the root with a stated format is fine, and read-only below.
  tool({"create", "-f", "raw", image("base.raw"), "1M"});
  tool({"create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", image("good.qcow2")});
  const auto good = client_->call("disk.attach", {{"image", "good.qcow2"}, {"read_only", true}});
  ASSERT_TRUE(good) << good.error().message();
  EXPECT_EQ((*good)["chain"], json({"base.raw"}));
  EXPECT_EQ((*good)["read_only"], true);
}

TEST_F(LiveVm, SurvivesQemuGoingAndComingBack) {
  ASSERT_FALSE(client_->disk("first").is_null());
  qemu_->stop();
  std::string said;
  ASSERT_TRUE(client_->run_until([&] {
    const auto list = client_->call("disk.list");
    if (!list) said = list.error().message();
    return !list;
  }));
  EXPECT_THAT(said, HasSubstr(socket().string()));
  start_qemu();
  ASSERT_TRUE(client_->run_until([&] { return !client_->disk("first").is_null(); }));
  EXPECT_TRUE(client_->call("disk.snapshot.create", {{"disk", "first"}, {"name", "later"}}));
}

TEST_F(LiveVm, ASecondClientIsToldThatTheSocketIsHeld) {
  ASSERT_TRUE(client_->call("vm.show").value()["connected"]);
  auto other = ServiceClient::create(images(), socket());
  ASSERT_TRUE(other);
  const auto refused = (*other)->call("disk.list");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("held by another client"));
  // Once the first lets go the second gets it.
  client_.reset();
  EXPECT_TRUE((*other)->run_until([&] { return !(*other)->disk("first").is_null(); }));
}

TEST_F(LiveVm, AnEarlierGatewaysCopyIsClearedAway) {
  const auto job = client_->call("disk.convert", {{"disk", "slow"}, {"target", "lost.qcow2"}});
  ASSERT_TRUE(job) << job.error().message();
  EXPECT_EQ(monitor_->execute("query-jobs")->size(), 1u);
  client_.reset();  // the gateway ends in the middle
  auto next = ServiceClient::create(images(), socket());
  ASSERT_TRUE(next);
  client_ = std::move(*next);
  ASSERT_TRUE(client_->run_until([&] {
    return client_->call("vm.show").value()["connected"] == true && our_nodes() == 0 &&
           monitor_->execute("query-jobs")->empty() && leftovers().empty();
  }));
  EXPECT_FALSE(fs::exists(image("lost.qcow2")));
}

INSTANTIATE_TEST_SUITE_P(
    Machines, PluggingVm,
    ::testing::Values(Machine{"pc", {}, "virtio"},
                      Machine{"q35",
                              {"-device", "pcie-root-port,id=taken,chassis=1", "-device",
                               "virtio-rng-pci,bus=taken", "-device",
                               "pcie-root-port,id=free,chassis=2"},
                              "virtio"},
                      Machine{"q35", {"-device", "virtio-scsi-pci,id=controller"}, "scsi"}),
    [](const auto& info) { return std::string(info.param.name) + "_" + info.param.bus; });

/// q35 with nowhere to plug.
class FullVm : public LiveVm {
  Machine machine() const override { return {"q35", {}, ""}; }
};

TEST_F(FullVm, SaysWhatIsMissing) {
  const auto refused = client_->call("disk.attach", {{"image", "new.qcow2"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::unsupported);
  EXPECT_THAT(refused.error().message(), HasSubstr("pcie-root-port"));
  EXPECT_THAT(refused.error().message(), HasSubstr("virtio-scsi"));
  EXPECT_EQ(our_nodes(), 0u);
}

}  // namespace
}  // namespace cassia::test
