// SPDX-License-Identifier: Apache-2.0
// The connection and the verbs against a scripted QEMU: silence, garbage, an end in the middle.
#include "storage/live/vm_connection.h"

#include <deque>

#include "net/stream.h"
#include "protocol/json/json_text.h"
#include "protocol/storage/rpc.h"
#include "storage/live/storage_service.h"
#include "tests/unit/live/live_fixture.h"

namespace cassia::storage {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

/// A QMP server whose answers a test chooses. Anything not scripted is answered with {}.
class FakeQemu {
 public:
  FakeQemu(net::Executor executor, const std::filesystem::path& socket) : executor_(executor) {
    auto listener =
        net::Listener::create(executor, {net::Transport::unix_socket, {}, 0, socket.string()});
    EXPECT_TRUE(listener) << listener.error().message();
    listener_ = std::move(*listener);
    boost::asio::co_spawn(executor_, accept(), boost::asio::detached);
  }
  ~FakeQemu() { close(); }
  void close() {
    listener_->close();
    drop();
  }
  void drop() {
    if (stream_) stream_->close();
  }
  void send(const std::string& text) {
    boost::asio::co_spawn(executor_, write(text), boost::asio::detached);
  }

  bool greet = true;
  std::string greeting =
      R"({"QMP":{"version":{"qemu":{"major":7,"minor":2,"micro":0},"package":""},"capabilities":[]}})";
  std::map<std::string, json> returns;  ///< by command
  std::string die_at;                   ///< closes instead of answering this command
  std::vector<std::string> commands;
  int connections = 0;

 private:
  net::Task<> accept() {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      ++connections;
      stream_ = std::move(*stream);
      co_await serve(stream_);
    }
  }
  net::Task<> serve(std::shared_ptr<net::Stream> stream) {
    if (greet) co_await write(greeting);
    std::string pending;
    std::array<std::uint8_t, 4096> buffer;
    for (;;) {
      const auto got = co_await stream->read_some(buffer);
      if (!got || *got == 0) co_return;
      pending.append(reinterpret_cast<const char*>(buffer.data()), *got);
      for (std::size_t end; (end = pending.find('\n')) != std::string::npos;) {
        const json command = json::parse(pending.substr(0, end));
        pending.erase(0, end + 1);
        commands.push_back(command["execute"]);
        if (commands.back() == die_at) {
          stream->close();
          co_return;
        }
        json reply = {{"id", command["id"]}};
        const auto scripted = returns.find(commands.back());
        reply["return"] = scripted == returns.end() ? json::object() : scripted->second;
        co_await write(reply.dump());
      }
    }
  }
  net::Task<> write(std::string text) {
    const auto stream = stream_;
    std::vector<SharedBytes> pieces;
    pieces.emplace_back(to_bytes(text + "\r\n"));
    (void)co_await stream->write(pieces);
  }

  net::Executor executor_;
  std::unique_ptr<net::Listener> listener_;
  std::shared_ptr<net::Stream> stream_;
};

class VmConnectionTest : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    qemu_ = std::make_unique<FakeQemu>(io_.get_executor(), socket());
  }
  void TearDown() override {
    if (vm_) vm_->stop();
    if (service_) service_->stop();
    qemu_->close();
    service_.reset();
    io_.restart();
    io_.run_for(std::chrono::seconds(5));
    LiveTest::TearDown();
  }
  std::filesystem::path socket() const { return folder_ / "qmp"; }

  void connect(Duration greeting_timeout = std::chrono::seconds(20)) {
    VmConnection::Options options;
    options.address = {net::Transport::unix_socket, {}, 0, socket().string()};
    options.greeting_timeout = greeting_timeout;
    options.retry = std::chrono::milliseconds(5);
    vm_ = VmConnection::create(io_.get_executor(), clock_, options);
    boost::asio::co_spawn(io_, vm_->run(), boost::asio::detached);
  }
  bool run_until(const std::function<bool()>& condition) {
    io_.restart();
    while (!condition()) {
      if (io_.run_one_for(std::chrono::seconds(20)) == 0) return false;
    }
    return true;
  }

  SteadyClock clock_;
  std::unique_ptr<FakeQemu> qemu_;
  std::shared_ptr<VmConnection> vm_;
  std::shared_ptr<StorageService> service_;
};

TEST_F(VmConnectionTest, ConnectsExecutesAndHearsEvents) {
  qemu_->returns["query-status"] = {{"status", "running"}};
  connect();
  ASSERT_TRUE(run(vm_->wait_ready(std::chrono::seconds(20))));
  EXPECT_EQ(vm_->problem(), "");
  EXPECT_EQ(run(vm_->execute("query-status")).value()["status"], "running");
  std::string heard;
  const auto subscription = vm_->on_event([&](const qmp::Event& event) { heard = event.name; });
  qemu_->send(R"({"event":"STOP","timestamp":{"seconds":1,"microseconds":2}})");
  EXPECT_TRUE(run_until([&] { return heard == "STOP"; }));
}

TEST_F(VmConnectionTest, SilenceMeansHeldByAnotherClient) {
  qemu_->greet = false;
  connect(std::chrono::milliseconds(20));
  ASSERT_TRUE(run_until(
      [&] { return vm_->problem().find("held by another client") != std::string::npos; }));
  EXPECT_THAT(vm_->problem(), HasSubstr(socket().string()));
  const auto refused = run(vm_->execute("query-status"));
  EXPECT_EQ(refused.error().kind(), ErrorKind::closed);
  EXPECT_THAT(refused.error().message(), HasSubstr("held by another client"));
  qemu_->greet = true;  // the other client has left
  EXPECT_TRUE(run(vm_->wait_ready(std::chrono::seconds(20))));
}

TEST_F(VmConnectionTest, GarbageIsNamedAndTriedAgain) {
  qemu_->greeting = "SSH-2.0-OpenSSH_9.2";
  connect();
  ASSERT_TRUE(
      run_until([&] { return vm_->problem().find("not valid JSON") != std::string::npos; }));
  qemu_->greeting = R"({"QMP":{"version":{"qemu":{"major":8,"minor":0,"micro":0},"package":""}}})";
  EXPECT_TRUE(run(vm_->wait_ready(std::chrono::seconds(20))));
  EXPECT_EQ(vm_->greeting().major, 8);
}

TEST_F(VmConnectionTest, AnEndInTheMiddleFailsTheCommandAndIsMended) {
  qemu_->die_at = "blockdev-add";
  connect();
  ASSERT_TRUE(run(vm_->wait_ready(std::chrono::seconds(20))));
  const auto generation = vm_->generation();
  const auto failed = run(vm_->execute("blockdev-add"));
  EXPECT_EQ(failed.error().kind(), ErrorKind::closed);
  EXPECT_THAT(failed.error().message(), HasSubstr(socket().string()));
  qemu_->die_at = "";
  EXPECT_TRUE(run_until([&] { return vm_->ready() && vm_->generation() > generation; }));
}

TEST_F(VmConnectionTest, AMissingSocketIsNamed) {
  qemu_->close();
  connect();
  ASSERT_TRUE(
      run_until([&] { return vm_->problem().find("not connected yet") == std::string::npos; }));
  EXPECT_THAT(vm_->problem(), HasSubstr(socket().string()));
}

TEST_F(VmConnectionTest, AQemuThatDiesDuringAConvertLeavesNothing) {
  qemu_->returns["query-block"] =
      json::array({{{"device", ""},
                    {"qdev", "/machine/peripheral/d/virtio-backend"},
                    {"inserted",
                     {{"node-name", "n"},
                      {"drv", "raw"},
                      {"image", {{"filename", "/x"}, {"virtual-size", 4096}}}}}}});
  for (const char* list : {"query-jobs", "query-named-block-nodes"})
    qemu_->returns[list] = json::array();
  StorageService::Options options;
  options.root = folder_ / "root";
  options.qmp = net::Address{net::Transport::unix_socket, {}, 0, socket().string()};
  options.retry = std::chrono::milliseconds(5);
  service_ = StorageService::create(io_.get_executor(), clock_, options).value();
  qemu_->die_at = "blockdev-create";
  const json params = {{"disk", "d"}, {"target", "copy.qcow2"}};
  const auto answer = parse_answer(
      run(service_->handle(make_request(1, "disk.convert", params), Caller{"ann", Right::manage})));
  EXPECT_EQ(answer->result.error().kind(), ErrorKind::closed);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "root"));
  qemu_->die_at = "";
}

}  // namespace
}  // namespace cassia::storage
