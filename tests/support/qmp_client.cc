// SPDX-License-Identifier: Apache-2.0
#include "tests/support/qmp_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace cassia::test {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

Result<FileDescriptor> connect_unix(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) {
    return fail(ErrorKind::invalid_argument, "{}: too long for a socket", path.string());
  }
  std::strcpy(address.sun_path, path.c_str());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return fail_errno(errno, path.string());
  }
  return socket;
}

/// QEMU's names of the keys that give a character on a US keyboard.
std::vector<std::string> keys_of(char c) {
  static constexpr std::string_view plain = " \n\t-=[];'`\\,./";
  static constexpr std::string_view shifted = "_+{}:\"~|<>?";
  static const std::vector<std::string> names = {
      "spc",          "ret",           "tab",       "minus",      "equal",
      "bracket_left", "bracket_right", "semicolon", "apostrophe", "grave_accent",
      "backslash",    "comma",         "dot",       "slash"};
  static constexpr std::string_view digits = ")!@#$%^&*(";
  const auto byte = static_cast<unsigned char>(c);
  if (std::isupper(byte)) return {"shift", std::string(1, static_cast<char>(std::tolower(byte)))};
  if (std::islower(byte) || std::isdigit(byte)) return {std::string(1, c)};
  if (const auto at = plain.find(c); at != std::string_view::npos) return {names[at]};
  // The shifted row stands in the order of the plain one, from "-" on.
  if (const auto at = shifted.find(c); at != std::string_view::npos)
    return {"shift", names[at + 3]};
  if (const auto at = digits.find(c); at != std::string_view::npos) {
    return {"shift", std::to_string(at)};
  }
  return {};
}

}  // namespace

Result<QmpClient> QmpClient::connect(const std::filesystem::path& socket, Timeout limit) {
  QmpClient client;
  Result<FileDescriptor> connected = fail(ErrorKind::timeout, "{}: no answer", socket.string());
  wait_until([&] { return (connected = connect_unix(socket)).has_value(); }, limit);
  client.socket_ = CASSIA_TRY(std::move(connected));
  CASSIA_TRY(client.next_message(limit));  // the greeting
  CASSIA_TRY(client.execute("qmp_capabilities"));
  return client;
}

Result<json> QmpClient::next_message(Timeout limit) {
  const auto deadline = steady_clock::now() + limit;
  while (true) {
    if (const auto end = received_.find('\n'); end != std::string::npos) {
      const std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      json message = json::parse(line, nullptr, false);
      if (!message.is_object()) return fail(ErrorKind::malformed, "QMP sent {}", line);
      return message;
    }
    const auto left = std::chrono::duration_cast<Timeout>(deadline - steady_clock::now());
    pollfd readable{socket_.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) {
      return fail(ErrorKind::timeout, "QMP said nothing within {} ms", limit.count());
    }
    char chunk[4096];
    const ssize_t n = ::read(socket_.get(), chunk, sizeof chunk);
    if (n <= 0) return fail(ErrorKind::closed, "QEMU closed its QMP socket");
    received_.append(chunk, static_cast<std::size_t>(n));
  }
}

Result<json> QmpClient::execute(std::string_view command, json arguments) {
  const std::string line = json{{"execute", command}, {"arguments", arguments}}.dump() + "\n";
  if (::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(line.size())) {
    return fail_errno(errno, "QMP");
  }
  while (true) {
    json message = CASSIA_TRY(next_message(std::chrono::seconds(60)));
    if (message.contains("return")) return message["return"];
    if (message.contains("error")) {
      return fail(ErrorKind::io, "{}: {}", command, message["error"].value("desc", "?"));
    }
    events_.push_back(std::move(message));
  }
}

Result<json> QmpClient::wait_event(std::string_view name, Timeout limit) {
  const auto deadline = steady_clock::now() + limit;
  while (true) {
    for (auto event = events_.begin(); event != events_.end(); ++event) {
      if (event->value("event", "") != name) continue;
      json found = std::move(*event);
      events_.erase(event);
      return found;
    }
    const auto left = std::chrono::duration_cast<Timeout>(deadline - steady_clock::now());
    if (left.count() <= 0) {
      return fail(ErrorKind::timeout, "no event {} within {} ms", name, limit.count());
    }
    events_.push_back(CASSIA_TRY(next_message(left)));
  }
}

Result<void> QmpClient::press(const std::vector<std::string>& keys) {
  json values = json::array();
  for (const auto& key : keys) values.push_back({{"type", "qcode"}, {"data", key}});
  CASSIA_TRY(execute("send-key", {{"keys", values}, {"hold-time", 20}}));
  return {};
}

Result<void> QmpClient::type(std::string_view text) {
  for (char c : text) {
    const auto keys = keys_of(c);
    if (keys.empty()) return fail(ErrorKind::invalid_argument, "no key types '{}'", c);
    CASSIA_TRY(press(keys));
  }
  return {};
}

Result<Picture> QmpClient::screendump() {
  TemporaryFolder folder;
  const auto file = folder / "screen.ppm";
  CASSIA_TRY(execute("screendump", {{"filename", file.string()}}));
  return load_picture(file);
}

Result<Picture> QmpClient::steady_screen(Timeout limit) {
  const auto deadline = steady_clock::now() + limit;
  Picture seen = CASSIA_TRY(screendump());
  for (int same = 0; same < 10;) {
    if (steady_clock::now() > deadline) {
      return fail(ErrorKind::timeout, "the screen still changes after {} ms", limit.count());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    Picture now = CASSIA_TRY(screendump());
    same = now == seen ? same + 1 : 0;
    seen = std::move(now);
  }
  return seen;
}

}  // namespace cassia::test
