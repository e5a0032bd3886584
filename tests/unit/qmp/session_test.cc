// SPDX-License-Identifier: Apache-2.0
#include "protocol/qmp/session.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "protocol/json/json_text.h"

namespace cassia::qmp {
namespace {

using nlohmann::json;

constexpr std::string_view greeting =
    R"({"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, )"
    R"("capabilities": ["oob"]}})"
    "\r\n";

struct SessionTest : testing::Test {
  std::vector<std::string> events;
  std::int64_t last_stamp = -1;
  std::optional<Error> why;
  int ready = 0;
  Session session{{[this](const Greeting&) { ++ready; },
                   [this](const Event& event) {
                     events.push_back(std::string(event.name) + " " + to_text(event.data));
                     last_stamp = event.timestamp_us;
                   },
                   [this](const Error& error) { why = error; }}};

  Result<void> feed(std::string_view text) { return session.receive(as_bytes(text), {}); }

  std::vector<json> sent() {
    std::vector<json> messages;
    for (const SharedBytes& piece : session.take_output()) {
      messages.push_back(json::parse(as_text(piece.view())));
    }
    return messages;
  }

  void connect() {
    ASSERT_TRUE(feed(greeting));
    ASSERT_EQ(sent().size(), 1u);
    ASSERT_TRUE(feed("{\"return\": {}, \"id\": 1}\r\n"));
    ASSERT_TRUE(session.ready());
  }
};

TEST_F(SessionTest, GreetsAndNegotiates) {
  EXPECT_FALSE(session.greeted());
  ASSERT_TRUE(feed(greeting));
  EXPECT_TRUE(session.greeted());
  EXPECT_FALSE(session.ready());
  const auto messages = sent();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0]["execute"], "qmp_capabilities");
  ASSERT_TRUE(feed("{\"return\": {}, \"id\": 1}\r\n"));
  EXPECT_EQ(ready, 1);
  EXPECT_EQ(session.greeting().major, 7);
  EXPECT_EQ(session.greeting().micro, 22);
  EXPECT_EQ(session.greeting().package, "Debian");
}

TEST_F(SessionTest, HoldsCommandsUntilReady) {
  int replies = 0;
  session.execute("query-status", nullptr, [&](Result<json> r) { replies += r ? 1 : 100; });
  EXPECT_TRUE(sent().empty());
  ASSERT_TRUE(feed(greeting));
  EXPECT_EQ(sent()[0]["execute"], "qmp_capabilities");
  ASSERT_TRUE(feed("{\"return\": {}, \"id\": 2}\r\n"));
  const auto held = sent();
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0]["execute"], "query-status");
  EXPECT_FALSE(held[0].contains("arguments"));
  ASSERT_TRUE(feed("{\"return\": {\"status\": \"running\"}, \"id\": 1}\r\n"));
  EXPECT_EQ(replies, 1);
}

TEST_F(SessionTest, MatchesRepliesByIdInAnyOrderAndSplit) {
  connect();
  std::string order;
  session.execute("a", json{{"x", 1}}, [&](Result<json> r) { order += "a" + r->dump(); });
  session.execute("b", nullptr, [&](Result<json> r) { order += "b" + r->dump(); });
  EXPECT_EQ(sent()[0]["arguments"]["x"], 1);
  const std::string text = "{\"return\": 2, \"id\": 3}\r\n{\"return\": 1, \"id\": 2}\r\n";
  for (const char c : text) ASSERT_TRUE(feed({&c, 1}));
  EXPECT_EQ(order, "b2a1");
}

TEST_F(SessionTest, TurnsErrorsIntoKindsAndSentences) {
  connect();
  const auto ask = [&](std::string_view error) {
    std::optional<Error> got;
    session.execute("blockdev-add", nullptr, [&](Result<json> r) { got = r.error(); });
    const auto id = sent()[0]["id"].get<int>();
    EXPECT_TRUE(feed(fmt::format("{{\"error\": {}, \"id\": {}}}\n", error, id)));
    return *got;
  };
  EXPECT_EQ(ask(R"({"class":"CommandNotFound","desc":"no such command"})").kind(),
            ErrorKind::unsupported);
  const Error busy = ask(R"({"class":"GenericError","desc":"Failed to get \"write\" lock"})");
  EXPECT_EQ(busy.kind(), ErrorKind::busy);
  EXPECT_EQ(busy.message(), "blockdev-add: Failed to get \"write\" lock");
  EXPECT_EQ(
      ask(R"({"class":"GenericError","desc":"Could not open 'x': No such file or directory"})")
          .kind(),
      ErrorKind::not_found);
}

TEST_F(SessionTest, DeliversEventsWithTheirTime) {
  connect();
  ASSERT_TRUE(feed(R"({"timestamp": {"seconds": 1700000000, "microseconds": 5}, )"
                   R"("event": "DEVICE_DELETED", "data": {"device": "d1"}})"
                   "\r\n"));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0], R"(DEVICE_DELETED {"device":"d1"})");
  EXPECT_EQ(last_stamp, 1700000000000005);
  ASSERT_TRUE(
      feed("{\"timestamp\": {\"seconds\": -1, \"microseconds\": -1}, \"event\": \"STOP\"}\n"));
  EXPECT_EQ(last_stamp, 0);
}

TEST_F(SessionTest, RefusesGarbage) {
  EXPECT_EQ(feed("SSH-2.0-OpenSSH_9.2\r\n").error().kind(), ErrorKind::malformed);
  EXPECT_EQ(Session({}).receive(as_bytes("{\"hello\": 1}\n"), {}).error().kind(),
            ErrorKind::malformed);
  connect();
  EXPECT_FALSE(feed("[1]\n"));
  EXPECT_FALSE(feed("{\"return\": {}, \"id\": 99}\n"));
  EXPECT_FALSE(feed("{\"return\": {}, \"id\": \"1\"}\n"));
  EXPECT_FALSE(feed("{\"error\": {\"class\": \"GenericError\", \"desc\": \"parse error\"}}\n"));
  EXPECT_FALSE(feed("{}\n"));
  EXPECT_FALSE(feed("{\"event\": 7}\n"));
  EXPECT_FALSE(feed(std::string(1000, '[') + "\n"));
}

TEST_F(SessionTest, CapsTheLine) {
  connect();
  const std::string chunk(1u << 20, 'x');
  Result<void> result;
  std::size_t taken = 0;
  while ((result = feed(chunk))) taken += chunk.size();
  EXPECT_EQ(taken, max_line);
  EXPECT_EQ(result.error().kind(), ErrorKind::malformed);
}

TEST_F(SessionTest, ClosingFailsWhatWaitsOnceAndLaterCommandsAtOnce) {
  connect();
  int failures = 0;
  const auto count = [&](Result<json> r) {
    EXPECT_EQ(r.error().kind(), ErrorKind::closed);
    ++failures;
  };
  session.execute("a", nullptr, count);
  session.execute("b", nullptr, [&](Result<json> r) {
    count(r);
    session.execute("again", nullptr, count);
  });
  session.closed(Error(ErrorKind::closed, "peer closed"));
  EXPECT_EQ(failures, 3);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->message(), "peer closed");
}

TEST_F(SessionTest, RefusedCapabilitiesEndTheSession) {
  ASSERT_TRUE(feed(greeting));
  ASSERT_TRUE(feed(R"({"error": {"class": "GenericError", "desc": "no"}, "id": 1})"
                   "\n"));
  EXPECT_TRUE(session.finished());
  EXPECT_EQ(ready, 0);
}

}  // namespace
}  // namespace cassia::qmp
