// SPDX-License-Identifier: Apache-2.0
// "--connect" without a network: parsing against the schema, performing on a scripted gateway,
// rendering.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <sstream>

#include "client/disk/remote_main.h"
#include "client/disk/remote_render.h"

namespace cassia::client {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

RemoteCommand parsed(const std::vector<std::string>& args) {
  auto command = parse_remote_command(args);
  EXPECT_TRUE(command) << command.error().message();
  return command ? *command : RemoteCommand{};
}

std::string complaint(const std::vector<std::string>& args) {
  const auto command = parse_remote_command(args);
  EXPECT_FALSE(command);
  return command ? "" : command.error().message();
}

TEST(RemoteCommand, TakesWordsAndFlagsOfTheSchema) {
  EXPECT_EQ(parsed({"list"}).verb->name, "disk.list");
  const RemoteCommand attach =
      parsed({"--password-file", "f", "attach", "new.qcow2", "--bus=scsi", "--read-only"});
  EXPECT_EQ(attach.verb->name, "disk.attach");
  EXPECT_EQ(attach.password_file, "f");
  EXPECT_EQ(attach.params, (json{{"image", "new.qcow2"}, {"bus", "scsi"}, {"read_only", true}}));
  EXPECT_EQ(parsed({"detach", "d", "--wait", "9"}).params["wait"], 9);
  const RemoteCommand convert =
      parsed({"-p", "convert", "-c", "-O", "qcow2", "disk-a", "copy.qcow2"});
  EXPECT_TRUE(convert.progress);
  EXPECT_EQ(convert.params["compress"], true);
  EXPECT_EQ(convert.params["target"], "copy.qcow2");
  EXPECT_TRUE(parsed({"images", "--output", "json"}).json_output);
}

TEST(RemoteCommand, TheFlagTellsSnapshotVerbsApart) {
  const RemoteCommand create = parsed({"snapshot", "-c", "one", "disk-a", "--kind", "overlay"});
  EXPECT_EQ(create.verb->name, "disk.snapshot.create");
  EXPECT_EQ(create.params, (json{{"name", "one"}, {"disk", "disk-a"}, {"kind", "overlay"}}));
  EXPECT_EQ(parsed({"snapshot", "-l", "disk-a"}).verb->name, "disk.snapshot.list");
  EXPECT_EQ(parsed({"snapshot", "-d", "one", "disk-a"}).verb->name, "disk.snapshot.delete");
}

TEST(RemoteCommand, SaysWhatIsWrong) {
  EXPECT_THAT(complaint({}), HasSubstr("list, attach"));
  EXPECT_THAT(complaint({"explode"}), HasSubstr("explode"));
  EXPECT_THAT(complaint({"snapshot", "disk-a"}), HasSubstr("-c, -l, -d"));
  EXPECT_THAT(complaint({"attach"}), HasSubstr("usage: cassia-disk --connect URI attach IMAGE"));
  EXPECT_THAT(complaint({"list", "extra"}), HasSubstr("usage"));
  EXPECT_THAT(complaint({"attach", "a", "--bus", "ide"}), HasSubstr("auto|virtio|scsi"));
  EXPECT_THAT(complaint({"detach", "d", "--wait", "long"}), HasSubstr("not a number"));
  EXPECT_THAT(complaint({"list", "--output", "xml"}), HasSubstr("xml"));
}

TEST(RemoteCommand, EveryVerbHasAWord) {
  for (const storage::Verb& verb : storage::verbs()) {
    EXPECT_THAT(remote_usage(),
                HasSubstr(std::string(verb.command.substr(0, verb.command.find(' ')))));
  }
}

/// Answers in order, and notes what was asked.
class ScriptedStorage final : public RemoteStorage {
 public:
  Result<json> call(std::string_view verb, const json& params) override {
    asked += std::string(verb) + params.dump() + " ";
    if (answers.empty()) return fail(ErrorKind::closed, "the connection is lost");
    Result<json> next = std::move(answers.front());
    answers.pop_front();
    return next;
  }
  std::string asked;
  std::deque<Result<json>> answers;
};

struct RemoteRun : testing::Test {
  std::ostringstream out;
  std::ostringstream err;
  Console console{out, err, false};
  ScriptedStorage gateway;

  int run(const std::vector<std::string>& args) {
    return perform_remote(gateway, parsed(args), console);
  }
  static json job(const char* state, int done) {
    return {{"id", "7"},
            {"verb", "disk.convert"},
            {"target", "copy.qcow2"},
            {"state", state},
            {"done", done},
            {"total", 100},
            {"error", "disk full"},
            {"error_kind", "no_space"}};
  }
};

TEST_F(RemoteRun, PrintsTables) {
  gateway.answers.push_back(json::array({{{"id", "disk-a"},
                                          {"state", "attached"},
                                          {"bus", "virtio"},
                                          {"format", "qcow2"},
                                          {"virtual_size", 268435456},
                                          {"actual_size", 0},
                                          {"snapshots", 2},
                                          {"image", "a\x1b[31m.qcow2"}}}));
  EXPECT_EQ(run({"list"}), 0);
  EXPECT_EQ(out.str(),
            "DISK    STATE     BUS     FORMAT  SIZE     USED  SNAPSHOTS  IMAGE\n"
            "disk-a  attached  virtio  qcow2   256 MiB  0 B   2          a?[31m.qcow2\n");
}

TEST_F(RemoteRun, PrintsJson) {
  gateway.answers.push_back(json{{"disk", "d"}, {"state", "detached"}});
  EXPECT_EQ(run({"detach", "d", "--output", "json"}), 0);
  EXPECT_EQ(json::parse(out.str())["state"], "detached");
}

TEST_F(RemoteRun, WaitsForTheJob) {
  gateway.answers = {job("running", 10), job("running", 50), job("done", 100)};
  EXPECT_EQ(run({"convert", "disk-a", "copy.qcow2", "-p"}), 0);
  EXPECT_THAT(gateway.asked, HasSubstr("job.show{\"job\":\"7\"}"));
  EXPECT_THAT(out.str(), HasSubstr("100"));
}

TEST_F(RemoteRun, AFailureIsOneLineAndAStatus) {
  gateway.answers.push_back(fail(ErrorKind::not_found, "there is no disk 'x'"));
  EXPECT_EQ(run({"detach", "x"}), 1);
  EXPECT_EQ(err.str(), "cassia-disk: there is no disk 'x'\n");
  err.str("");
  gateway.answers = {job("running", 10), job("failed", 20)};
  EXPECT_EQ(run({"convert", "disk-a", "copy.qcow2"}), 1);
  EXPECT_EQ(err.str(), "cassia-disk: disk full\n");
  gateway.answers = {job("running", 10)};
  EXPECT_EQ(run({"convert", "disk-a", "copy.qcow2"}), 1);
  gateway.answers = {json{{"state", "dancing"}}};
  EXPECT_EQ(run({"convert", "disk-a", "copy.qcow2"}), 1);
}

}  // namespace
}  // namespace cassia::client
