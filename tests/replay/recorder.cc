// SPDX-License-Identifier: Apache-2.0
#include "tests/replay/recorder.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/log.h"

namespace cassia::test {
namespace {

constexpr auto component = "record";
constexpr std::size_t chunk = std::size_t{256} << 10;

/// One connection on its way into the file.
class ConnectionRecord {
 public:
  ConnectionRecord(RecordingFile& file, bool client_messages)
      : file_(file),
        tap_({[this](const recording::OpenInfo& info) { opened(info); },
              [this](ByteView message) { add(recording::RecordKind::server, message); },
              [this, client_messages](ByteView message) {
                if (client_messages) add(recording::RecordKind::client, message);
              }}) {}
  ~ConnectionRecord() {
    if (number_) file_.add(recording::RecordKind::close, *number_, {});
  }

  Result<void> saw(ByteView bytes, bool from_client) {
    CASSIA_TRY(from_client ? tap_.from_client(bytes) : tap_.from_server(bytes));
    return failed_ ? Result<void>(fail(*failed_)) : Result<void>();
  }

 private:
  void opened(const recording::OpenInfo& info) {
    auto number = file_.new_connection();
    if (!number) {
      failed_ = number.error();
      return;
    }
    number_ = *number;
    add(recording::RecordKind::open, info.encode());
  }
  void add(recording::RecordKind kind, ByteView payload) {
    if (number_) file_.add(kind, *number_, payload);
  }

  RecordingFile& file_;
  std::optional<std::uint8_t> number_;
  std::optional<Error> failed_;
  recording::WireTap tap_;
};

net::Task<> carry(net::Stream& from, net::Stream& to, ConnectionRecord& record, bool from_client) {
  Bytes buffer(chunk);
  for (;;) {
    const auto got = co_await from.read_some(buffer);
    if (!got || *got == 0) break;
    const ByteView bytes = ByteView(buffer).first(*got);
    // Before it is passed on: what the other side answers depends on it.
    if (const auto seen = record.saw(bytes, from_client); !seen) {
      log_warn(component, "{}: {}", from.peer(), seen.error().message());
      break;
    }
    const SharedBytes pieces[] = {to_bytes(bytes)};
    if (!co_await to.write(pieces)) break;
  }
  from.close();
  to.close();
}

}  // namespace

RecordingFile::RecordingFile(const std::string& path, const Clock& clock)
    : path_(path),
      out_(path, std::ios::binary | std::ios::trunc),
      clock_(clock),
      begin_(clock.now()) {
  const std::string_view magic = as_text(recording::file_magic());
  out_.write(magic.data(), static_cast<std::streamsize>(magic.size()));
}

Result<std::unique_ptr<RecordingFile>> RecordingFile::create(const std::string& path,
                                                             const Clock& clock) {
  std::unique_ptr<RecordingFile> file(new RecordingFile(path, clock));
  if (!file->out_) return fail(ErrorKind::io, "{}: cannot be written", path);
  return file;
}

Result<std::uint8_t> RecordingFile::new_connection() {
  if (connections_ > 255) return fail(ErrorKind::unsupported, "more than 256 connections");
  return static_cast<std::uint8_t>(connections_++);
}

void RecordingFile::add(recording::RecordKind kind, std::uint8_t connection, ByteView payload) {
  const Bytes record = recording::encode({kind, connection, clock_.now() - begin_, payload});
  out_.write(reinterpret_cast<const char*>(record.data()),
             static_cast<std::streamsize>(record.size()));
}

Result<void> RecordingFile::finish() {
  out_.flush();
  if (!out_) return fail(ErrorKind::io, "{}: not all of it could be written", path_);
  return {};
}

net::Task<> record_connection(std::unique_ptr<net::Stream> client, RecorderOptions options,
                              RecordingFile& file) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto server = co_await net::connect(options.server);
  if (!server) {
    log_warn(component, "{}", server.error().message());
    co_return;
  }
  ConnectionRecord record(file, options.client_messages);
  co_await (carry(*client, **server, record, true) && carry(**server, *client, record, false));
}

}  // namespace cassia::test
