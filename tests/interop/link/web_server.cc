// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/link/web_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace cassia::test {
namespace {

const char* type_of(const std::string& path) {
  const auto ends = [&path](std::string_view end) { return path.ends_with(end); };
  if (ends(".html")) return "text/html; charset=utf-8";
  if (ends(".js")) return "text/javascript";
  if (ends(".css")) return "text/css";
  return "application/octet-stream";
}

std::string with_head(const char* status, const char* type, const std::string& body) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "Connection: close\r\n\r\n{}",
      status, type, body.size(), body);
}

std::size_t content_length(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

Result<std::unique_ptr<WebServer>> WebServer::start(std::filesystem::path folder,
                                                    std::map<std::string, std::string> pages) {
  std::unique_ptr<WebServer> server(new WebServer);
  server->folder_ = std::move(folder);
  server->pages_ = std::move(pages);
  server->listener_ = FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(server->listener_.get(), raw, size) != 0 ||
      ::listen(server->listener_.get(), 64) != 0 ||
      ::getsockname(server->listener_.get(), raw, &size) != 0) {
    return fail_errno(errno, "web server of the test");
  }
  server->port_ = ntohs(address.sin_port);
  server->thread_ = std::thread([raw_server = server.get()] { raw_server->run(); });
  return server;
}

WebServer::~WebServer() {
  over_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);  // ends accept()
  thread_.join();
}

std::string WebServer::url(const std::string& path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

std::optional<std::string> WebServer::posted(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = posted_.find(path);
  if (found == posted_.end()) return std::nullopt;
  return found->second;
}

void WebServer::run() {
  while (!over_) {
    const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    // A browser opens connections that it may need later: none of them holds up the rest.
    const timeval patience{1, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    serve(connection);
    ::close(connection);
  }
}

void WebServer::serve(int connection) {
  std::string request;
  std::size_t wanted = std::string::npos;
  char buffer[65536];
  while (request.size() < wanted) {
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) return;
    request.append(buffer, static_cast<std::size_t>(got));
    const auto end = request.find("\r\n\r\n");
    if (wanted == std::string::npos && end != std::string::npos) {
      wanted = end + 4 + content_length(request.substr(0, end));
    }
  }
  const auto space = request.find(' ');
  std::string path = request.substr(space + 1, request.find(' ', space + 1) - space - 1);
  path = path.substr(0, path.find('?'));
  std::string answer;
  if (request.starts_with("POST")) {
    const std::lock_guard lock(mutex_);
    posted_[path] = request.substr(request.find("\r\n\r\n") + 4);
    answer = with_head("200 OK", "text/plain", "");
  } else {
    answer = answer_to(path);
  }
  for (std::size_t sent = 0; sent < answer.size();) {
    const ssize_t now =
        ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return;
    sent += static_cast<std::size_t>(now);
  }
}

std::string WebServer::answer_to(const std::string& path) const {
  if (const auto page = pages_.find(path); page != pages_.end()) {
    return with_head("200 OK", "text/html; charset=utf-8", page->second);
  }
  std::ifstream file(folder_ / path.substr(1), std::ios::binary);
  if (path.find("..") != std::string::npos || !file) {
    return with_head("404 Not Found", "text/plain", path);
  }
  return with_head("200 OK", type_of(path), std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace cassia::test
