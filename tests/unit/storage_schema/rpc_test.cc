// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/rpc.h"

#include <gtest/gtest.h>

#include "protocol/storage/rpc_client.h"

namespace cassia::storage {
namespace {

using nlohmann::json;

RpcCode refusal(std::string_view text) {
  const auto request = parse_request(text);
  EXPECT_FALSE(request) << text;
  return request ? RpcCode::failed : request.error().code;
}

TEST(Rpc, ReadsRequests) {
  const auto request =
      parse_request(R"({"jsonrpc":"2.0","id":"x","method":"disk.list","params":{"a":1}})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, "x");
  EXPECT_EQ(request->method, "disk.list");
  EXPECT_EQ(request->params["a"], 1);
  EXPECT_FALSE(request->notification);
  EXPECT_TRUE(parse_request(R"({"jsonrpc":"2.0","method":"disk.list"})")->notification);
}

TEST(Rpc, RefusesByTheBook) {
  EXPECT_EQ(refusal("{"), RpcCode::parse_error);
  EXPECT_EQ(refusal("\xff\xfe"), RpcCode::parse_error);
  EXPECT_EQ(refusal(std::string(100000, '[')), RpcCode::parse_error);
  EXPECT_EQ(refusal("[]"), RpcCode::invalid_request);
  EXPECT_EQ(refusal("7"), RpcCode::invalid_request);
  EXPECT_EQ(refusal(R"({"id":1,"method":"a"})"), RpcCode::invalid_request);
  EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":{},"method":"a"})"), RpcCode::invalid_request);
  EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"method":9})"), RpcCode::invalid_request);
  EXPECT_EQ(refusal(R"({"jsonrpc":"2.0","id":1,"method":"a","params":[1]})"),
            RpcCode::invalid_params);
}

TEST(Rpc, ErrorsKeepTheirKindAcrossTheWire) {
  const std::string text = make_error(5, Error(ErrorKind::busy, "a.qcow2: in use"));
  EXPECT_EQ(json::parse(text)["error"]["code"], -32000);
  const auto answer = parse_answer(text);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->id, 5u);
  EXPECT_EQ(answer->result.error().kind(), ErrorKind::busy);
  EXPECT_EQ(answer->result.error().message(), "a.qcow2: in use");
  EXPECT_EQ(json::parse(make_error(5, Error(ErrorKind::invalid_argument, "x")))["error"]["code"],
            -32602);
}

TEST(Rpc, RefusesAnswersThatAreNone) {
  for (const char* text :
       {"7", "{}", R"({"id":1})", R"({"id":"1","result":1})", R"({"id":-1,"result":1})",
        R"({"id":1,"result":1,"error":{}})", R"({"id":null,"result":1})"}) {
    EXPECT_FALSE(parse_answer(text)) << text;
  }
}

struct RpcClientTest : testing::Test {
  std::vector<std::string> sent;
  StorageFramer framer;
  RpcClient client{[this](Bytes bytes) {
    ASSERT_TRUE(framer.receive(bytes, [&](std::string_view text) -> Result<void> {
      sent.emplace_back(text);
      return {};
    }));
  }};
  std::string log;

  RpcClient::Reply note(std::string name) {
    return [this, name](Result<json> result) {
      log += name + (result ? result->dump() : "!" + result.error().message()) + " ";
    };
  }
  Result<void> answer(std::string_view text) { return client.receive(frame_message(text).value()); }
};

TEST_F(RpcClientTest, MatchesAnswersInAnyOrder) {
  client.call("disk.list", nullptr, note("a"));
  client.call("job.show", {{"job", "1"}}, note("b"));
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(json::parse(sent[0])["method"], "disk.list");
  ASSERT_TRUE(answer(make_answer(2, "two")));
  ASSERT_TRUE(answer(make_error(1, Error(ErrorKind::io, "no"))));
  EXPECT_EQ(log, "b\"two\" a!no ");
  EXPECT_EQ(client.waiting(), 0u);
}

TEST_F(RpcClientTest, StrangersAndClosing) {
  client.call("disk.list", nullptr, note("a"));
  EXPECT_FALSE(answer(make_answer(9, 1)));
  client.closed(Error(ErrorKind::closed, "gone"));
  EXPECT_EQ(log, "a!gone ");
}

TEST_F(RpcClientTest, ARequestTooLongIsRefusedHere) {
  client.call("disk.attach", {{"image", std::string(max_message, 'x')}}, note("a"));
  EXPECT_TRUE(sent.empty());
  EXPECT_NE(log.find("a!"), std::string::npos);
}

}  // namespace
}  // namespace cassia::storage
