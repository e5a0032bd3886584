// SPDX-License-Identifier: Apache-2.0
#include "client/devices/webdav_share.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <deque>

#include "base/log.h"
#include "channels/port/port_channel.h"
#include "channels/webdav/webdav_hub.h"
#include "client/devices/folder_server.h"

namespace cassia::client {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using channels::MuxId;
using channels::PortEvent;
using Socket = asio::local::stream_protocol::socket;

class Share;

/// One HTTP connection. Handlers hold it; `owner` is null once the share has let go of it.
struct Local : std::enable_shared_from_this<Local> {
  Local(asio::io_context& io, Share* share, MuxId number) : socket(io), owner(share), id(number) {}
  void read();
  void write(ByteView data);
  void write_next();
  void drop() {
    owner = nullptr;
    error_code ignored;
    socket.close(ignored);
  }

  Socket socket;
  Share* owner;
  const MuxId id;
  bool reading = false;  ///< a read is under way
  bool waiting = false;  ///< the channel takes nothing now: read when it does
  std::array<std::uint8_t, 16384> buffer;
  std::deque<Bytes> output;  ///< bounded by the hub's backlog
};

class Share final : public ClientDevice,
                    public channels::PortEvents,
                    public channels::WebdavConnections {
 public:
  Share(asio::io_context& io, std::shared_ptr<FolderServer> server,
        std::function<void(bool)> opened)
      : io_(io), server_(std::move(server)), opened_(std::move(opened)), hub_(*this) {}
  ~Share() override { drop_all(); }

  std::unique_ptr<channels::Channel> make_channel() override {
    auto channel = channels::PortClient::create(*this);
    channel_ = channel.get();
    return channel;
  }

  // What the connections say.
  void from_server(Local& local, ByteView data) { hub_.answer(local.id, data); }
  void ended(Local& local) {
    const auto held = local.shared_from_this();
    if (locals_.erase(local.id) == 0) return;
    local.drop();
    hub_.answer(local.id, {});
  }
  void written(const Local& local, std::size_t size) { hub_.written(local.id, size); }
  bool takes() const { return channel_ && channel_->link()->writable(); }

 private:
  void port_opened(const std::string& name, bool opened) override {
    if (name != channels::webdav_port_name) {
      log_warn("webdav", "the webdav channel is a port named {}, which is none", name);
      return channel_->link()->close();
    }
    if (opened) hub_.reset();
    opened_(opened);
  }
  void port_data(ByteView data) override { hub_.receive(data); }
  void port_event(PortEvent event) override {
    if (event == PortEvent::break_) return;
    hub_.reset();
    opened_(event == PortEvent::opened);
  }
  void port_writable() override;
  void port_closed(const Error&) override {
    channel_ = nullptr;
    opened_(false);
    drop_all();
  }

  void webdav_open(MuxId id) override;
  void webdav_data(MuxId id, ByteView data) override {
    const auto found = locals_.find(id);
    if (found != locals_.end()) found->second->write(data);
  }
  void webdav_close(MuxId id) override {
    const auto found = locals_.find(id);
    if (found == locals_.end()) return;
    found->second->drop();
    locals_.erase(found);
  }
  void webdav_send(Bytes frames) override {
    if (channel_) channel_->send_data(frames);
  }
  void webdav_pause(bool paused) override {
    if (channel_) channel_->link()->pause_reading(paused);
  }

  void drop_all() {
    for (const auto& [id, local] : std::exchange(locals_, {})) local->drop();
  }

  asio::io_context& io_;
  std::shared_ptr<FolderServer> server_;
  const std::function<void(bool)> opened_;
  channels::WebdavHub hub_;
  channels::PortClient* channel_ = nullptr;
  std::map<MuxId, std::shared_ptr<Local>> locals_;
};

void Share::webdav_open(MuxId id) {
  const auto local = std::make_shared<Local>(io_, this, id);
  locals_[id] = local;
  auto end = server_->connect();
  error_code ec;
  if (end) local->socket.assign(asio::local::stream_protocol(), end->release(), ec);
  if (!end || ec) {
    log_warn("webdav", "{}", end ? ec.message() : end.error().message());
    // Told once the hub is done with what made it.
    return asio::post(io_, [local] {
      if (local->owner) local->owner->ended(*local);
    });
  }
  local->read();
}

void Share::port_writable() {
  const auto locals = locals_;  // reading may end some of them
  for (const auto& [id, local] : locals) {
    if (local->owner && local->waiting) local->read();
  }
}

void Local::read() {
  if (reading || owner == nullptr) return;
  waiting = !owner->takes();
  if (waiting) return;
  reading = true;
  socket.async_read_some(asio::buffer(buffer),
                         [self = shared_from_this()](const error_code& ec, std::size_t size) {
                           self->reading = false;
                           if (self->owner == nullptr) return;
                           if (ec) return self->owner->ended(*self);
                           self->owner->from_server(*self, {self->buffer.data(), size});
                           self->read();
                         });
}

void Local::write(ByteView data) {
  if (output.size() > 1) {  // small pieces become one write; the first is under way
    output.back().insert(output.back().end(), data.begin(), data.end());
    return;
  }
  output.push_back(to_bytes(data));
  if (output.size() == 1) write_next();
}

void Local::write_next() {
  asio::async_write(socket, asio::buffer(output.front()),
                    [self = shared_from_this()](const error_code& ec, std::size_t) {
                      if (self->owner == nullptr) return;
                      if (ec) return self->owner->ended(*self);
                      const std::size_t size = self->output.front().size();
                      self->output.pop_front();
                      if (!self->output.empty()) self->write_next();
                      self->owner->written(*self, size);
                    });
}

}  // namespace

std::unique_ptr<ClientDevice> make_webdav_share(asio::io_context& io,
                                                std::shared_ptr<FolderServer> server,
                                                std::function<void(bool)> opened) {
  return std::make_unique<Share>(io, std::move(server), std::move(opened));
}

}  // namespace cassia::client
