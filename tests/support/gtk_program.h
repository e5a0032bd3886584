// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the small stock clients of the tests share: programs on libspice-client-glib without a
// window, which say on standard output what happens, a line each, and end with a status of their
// own.

#include <spice-client.h>

#include <cstdio>
#include <string>

namespace cassia::test {

inline void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

inline std::string type_of(SpiceChannel* channel) {
  gint type = 0;
  g_object_get(channel, "channel-type", &type, nullptr);
  return spice_channel_type_to_string(type);
}

inline int id_of(SpiceChannel* channel) {
  gint id = 0;
  g_object_get(channel, "channel-id", &id, nullptr);
  return id;
}

/// "display:0".
inline std::string name_of(SpiceChannel* channel) {
  return type_of(channel) + ":" + std::to_string(id_of(channel));
}

/// `entries` end with a null one. False: a usage error, and GLib has said which.
inline bool parse_options(int argc, char** argv, const GOptionEntry* entries) {
  GOptionContext* context = g_option_context_new(nullptr);
  g_option_context_add_main_entries(context, entries, nullptr);
  GError* error = nullptr;
  const bool good = g_option_context_parse(context, &argc, &argv, &error) != FALSE;
  if (error != nullptr) std::fprintf(stderr, "%s\n", error->message);
  g_clear_error(&error);
  g_option_context_free(context);
  return good;
}

/// A session and the loop that it runs in. Programs derive their state from it.
class GtkProgram {
 public:
  /// `status` is that of a program which never calls finish().
  explicit GtkProgram(int status) : status_(status) {}
  GtkProgram(const GtkProgram&) = delete;
  GtkProgram& operator=(const GtkProgram&) = delete;
  ~GtkProgram() {
    g_object_unref(session_);
    g_main_loop_unref(loop_);
  }

  SpiceSession* session() { return session_; }
  int status() const { return status_; }
  void finish(int status) {
    status_ = status;
    g_main_loop_quit(loop_);
  }

  /// Connects and runs until finish(), at most `timeout_s` seconds (0: without end).
  /// `new_channel`: a handler of "channel-new", which gets `self`, as every other may. The exit
  /// status; `refused` where the library cannot even begin.
  template <class Self>
  int run(Self* self, void (*new_channel)(SpiceSession*, SpiceChannel*, gpointer), int refused,
          int timeout_s) {
    g_signal_connect(session_, "channel-new", G_CALLBACK(new_channel), self);
    if (!spice_session_connect(session_)) return refused;
    if (timeout_s > 0) g_timeout_add_seconds(static_cast<guint>(timeout_s), on_timeout, loop_);
    g_main_loop_run(loop_);
    spice_session_disconnect(session_);
    return status_;
  }

 private:
  static gboolean on_timeout(gpointer loop) {
    g_main_loop_quit(static_cast<GMainLoop*>(loop));
    return G_SOURCE_REMOVE;
  }

  GMainLoop* loop_ = g_main_loop_new(nullptr, FALSE);
  SpiceSession* session_ = spice_session_new();
  int status_;
};

}  // namespace cassia::test
