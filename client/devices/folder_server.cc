// SPDX-License-Identifier: Apache-2.0
#include "client/devices/folder_server.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <libphodav/phodav-virtual-dir.h>
#include <libphodav/phodav.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <thread>

#include "base/log.h"

namespace cassia::client {
namespace {

template <class T>
struct Unref {
  void operator()(T* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref<T>>;

class Server final : public FolderServer {
 public:
  Server(std::string folder, bool read_only)
      : context_(g_main_context_new()), loop_(g_main_loop_new(context_, FALSE)) {
    std::promise<void> ready;
    auto is_ready = ready.get_future();
    thread_ = std::thread(
        [this, folder = std::move(folder), read_only, &ready] { serve(folder, read_only, ready); });
    is_ready.wait();
  }
  ~Server() override {
    invoke([](void* self) { g_main_loop_quit(static_cast<Server*>(self)->loop_); }, this);
    thread_.join();
    g_main_loop_unref(loop_);
    g_main_context_unref(context_);
  }

  Result<FileDescriptor> connect() override {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
      return fail_errno(errno, "socketpair");
    }
    auto* job = new Accept{this, ends[1]};
    invoke(
        [](void* data) {
          const std::unique_ptr<Accept> accept(static_cast<Accept*>(data));
          accept->server->take(accept->descriptor);
        },
        job);
    return FileDescriptor(ends[0]);
  }

  void publish(std::vector<PublishedFile> files, std::function<void(Result<void>)> done) override {
    invoke(
        [](void* data) {
          const std::unique_ptr<Publish> job(static_cast<Publish*>(data));
          Result<void> result;
          for (const PublishedFile& file : job->files) {
            if (result) result = job->server->serve_file(file);
          }
          job->done(std::move(result));
        },
        new Publish{this, std::move(files), std::move(done)});
  }

 private:
  struct Publish {
    Server* server;
    std::vector<PublishedFile> files;
    std::function<void(Result<void>)> done;
  };
  struct Accept {
    Server* server;
    int descriptor;
  };
  using Job = void (*)(void*);
  struct Posted {
    Job job;
    void* data;
  };

  void invoke(Job job, void* data) {
    GSource* source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(
        source,
        [](gpointer posted) -> gboolean {
          const std::unique_ptr<Posted> p(static_cast<Posted*>(posted));
          p->job(p->data);
          return G_SOURCE_REMOVE;
        },
        new Posted{job, data}, nullptr);
    g_source_attach(source, context_);
    g_source_unref(source);
  }

  void serve(const std::string& folder, bool read_only, std::promise<void>& ready) {
    g_main_context_push_thread_default(context_);
    root_.reset(phodav_virtual_dir_new_root());
    phodav_virtual_dir_root_set_real(root_.get(), folder.c_str());
    phodav_.reset(phodav_server_new_for_root_file(G_FILE(root_.get())));
    g_object_set(phodav_.get(), "read-only", read_only ? TRUE : FALSE, nullptr);
    ready.set_value();
    g_main_loop_run(loop_);
    phodav_.reset();
    clipboard_.reset();
    root_.reset();
    g_main_context_pop_thread_default(context_);
  }

  Result<void> serve_file(const PublishedFile& file) {
    // The folder of all is made when it is first needed: until then the guest sees none.
    if (!clipboard_) {
      clipboard_ = make_folder(std::string(clipboard_folder).c_str());
      if (!clipboard_) return fail(ErrorKind::io, "{} cannot be served", clipboard_folder);
    }
    const Owned<PhodavVirtualDir> folder = make_folder(file.folder.c_str());
    const Owned<GFile> real(g_file_new_for_path(file.path.c_str()));
    if (!folder || phodav_virtual_dir_attach_real_child(folder.get(), real.get()) == FALSE) {
      return fail(ErrorKind::io, "{} cannot be served", file.path);
    }
    return {};
  }

  Owned<PhodavVirtualDir> make_folder(const char* name) {
    GError* error = nullptr;
    Owned<PhodavVirtualDir> folder(phodav_virtual_dir_new_dir(root_.get(), name, &error));
    if (!folder) complain(error);
    return folder;
  }

  void take(int descriptor) {
    GError* error = nullptr;
    const Owned<GSocket> socket(g_socket_new_from_fd(descriptor, &error));
    if (!socket) {
      ::close(descriptor);
      return complain(error);
    }
    const Owned<GSocketConnection> connection(
        g_socket_connection_factory_create_connection(socket.get()));
    // The HTTP server wants addresses; a socket pair has none.
    const Owned<GSocketAddress> address(g_inet_socket_address_new_from_string("127.0.0.1", 0));
    if (soup_server_accept_iostream(phodav_server_get_soup_server(phodav_.get()),
                                    G_IO_STREAM(connection.get()), address.get(), address.get(),
                                    &error) == FALSE) {
      complain(error);
    }
  }

  static void complain(GError* error) {
    log_warn("webdav", "{}", error ? error->message : "the folder's server takes no connection");
    g_clear_error(&error);
  }

  GMainContext* context_;
  GMainLoop* loop_;
  // The thread's.
  Owned<PhodavVirtualDir> root_, clipboard_;
  Owned<PhodavServer> phodav_;
  std::thread thread_;
};

}  // namespace

Result<std::shared_ptr<FolderServer>> FolderServer::start(const std::string& folder,
                                                          bool read_only) {
  return std::shared_ptr<FolderServer>(std::make_shared<Server>(folder, read_only));
}

}  // namespace cassia::client
