// SPDX-License-Identifier: Apache-2.0
// A stock client (libspice-client-glib, headless) that does with the guest's agent what it is told,
// for tests. Its arguments, after the URI, are steps:
//   wait=TEXT     until an event whose line begins with TEXT, each event once, in any order
//   grab=TEXT     own the clipboard; TEXT is given to whoever asks
//   request       ask for the clipboard's text
//   release       own it no longer
//   type=TEXT     type (a-z, 0-9, space; \n is Enter)
//   size=WxH      ask the guest for a screen of this size
//   file=PATH     copy a file into the guest; file!=PATH copies and cancels at the first progress
// It prints an event a line: "opened inputs", "agent 1", "caps", "grab 0 1", "data 0 1 TEXT",
// "asked 0 1", "release 0", "primary 800x600", "file NAME done", "file NAME failed: WHY". Exit
// status 0 when all steps are done, 8 when the time is over before that.

#include <spice/vd_agent.h>

#include <cstdlib>
#include <deque>
#include <vector>

#include "tests/support/gtk_program.h"

namespace cassia::test {
namespace {

constexpr int time_over = 8;
constexpr int selection_clipboard = VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD;

struct Client : GtkProgram {
  Client() : GtkProgram(time_over) {}

  SpiceMainChannel* main = nullptr;
  SpiceInputsChannel* inputs = nullptr;
  std::vector<std::string> steps;
  std::size_t next = 0;
  std::deque<std::string> events;  // that no step has waited for
  std::string text;
  bool cancel = false;
};

void go_on(Client& client);

gboolean go_on_idle(gpointer data) {
  go_on(*static_cast<Client*>(data));
  return G_SOURCE_REMOVE;
}

void event(Client& client, const std::string& line) {
  say(line);
  client.events.push_back(line);
  g_idle_add(go_on_idle, &client);  // not from inside the library's signal
}

unsigned scancode(char c) {
  static const std::string rows[] = {"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"};
  static const unsigned first[] = {0x02, 0x10, 0x1e, 0x2c};
  if (c == ' ') return 0x39;
  if (c == '\n') return 0x1c;
  for (int i = 0; i < 4; ++i) {
    if (const auto at = rows[i].find(c); at != std::string::npos)
      return first[i] + static_cast<unsigned>(at);
  }
  return 0x35;
}

void type(Client& client, const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool enter = text.compare(i, 2, "\\n") == 0;
    const unsigned code = scancode(enter ? '\n' : text[i]);
    if (enter) ++i;
    spice_inputs_channel_key_press(client.inputs, code);
    spice_inputs_channel_key_release(client.inputs, code);
  }
}

void on_finished(SpiceFileTransferTask* task, GError* error, gpointer data) {
  char* name = spice_file_transfer_task_get_filename(task);
  const std::string line = std::string("file ") + (name ? name : "?");
  g_free(name);
  event(*static_cast<Client*>(data), error ? line + " failed: " + error->message : line + " done");
}

void on_progress(SpiceFileTransferTask* task, GParamSpec*, gpointer data) {
  if (static_cast<Client*>(data)->cancel) spice_file_transfer_task_cancel(task);
}

void on_transfer(SpiceMainChannel*, SpiceFileTransferTask* task, gpointer data) {
  g_signal_connect(task, "finished", G_CALLBACK(on_finished), data);
  g_signal_connect(task, "notify::progress", G_CALLBACK(on_progress), data);
}

void copy(Client& client, const std::string& path, bool cancel) {
  client.cancel = cancel;
  GFile* files[] = {g_file_new_for_path(path.c_str()), nullptr};
  spice_main_channel_file_copy_async(client.main, files, G_FILE_COPY_NONE, nullptr, nullptr,
                                     nullptr, nullptr, nullptr);
  g_object_unref(files[0]);
}

/// True if the step is done.
bool take_step(Client& client, const std::string& step) {
  const auto equals = step.find('=');
  const std::string verb = step.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : step.substr(equals + 1);
  if (verb == "wait") {
    for (auto line = client.events.begin(); line != client.events.end(); ++line) {
      if (line->compare(0, value.size(), value) != 0) continue;
      client.events.erase(line);
      return true;
    }
    return false;
  }
  guint32 text_type = VD_AGENT_CLIPBOARD_UTF8_TEXT;
  if (verb == "grab") {
    client.text = value;
    spice_main_channel_clipboard_selection_grab(client.main, selection_clipboard, &text_type, 1);
  } else if (verb == "request") {
    spice_main_channel_clipboard_selection_request(client.main, selection_clipboard, text_type);
  } else if (verb == "release") {
    spice_main_channel_clipboard_selection_release(client.main, selection_clipboard);
  } else if (verb == "type") {
    type(client, value);
  } else if (verb == "size") {
    int width = 0, height = 0;
    std::sscanf(value.c_str(), "%dx%d", &width, &height);
    spice_main_channel_update_display_enabled(client.main, 0, TRUE, FALSE);
    spice_main_channel_update_display(client.main, 0, 0, 0, width, height, FALSE);
    spice_main_channel_send_monitor_config(client.main);
  } else if (verb == "file" || verb == "file!") {
    copy(client, value, verb == "file!");
  } else {
    std::fprintf(stderr, "unknown step %s\n", step.c_str());
    std::exit(2);
  }
  return true;
}

void go_on(Client& client) {
  while (client.next < client.steps.size() && take_step(client, client.steps[client.next])) {
    ++client.next;
  }
  if (client.next < client.steps.size()) return;
  client.finish(0);
}

std::string pair_of(const char* what, guint selection, guint type) {
  return std::string(what) + " " + std::to_string(selection) + " " + std::to_string(type);
}

void on_agent(SpiceMainChannel* main, GParamSpec*, gpointer data) {
  gboolean connected = FALSE;
  g_object_get(main, "agent-connected", &connected, nullptr);
  event(*static_cast<Client*>(data), connected ? "agent 1" : "agent 0");
}
void on_caps(SpiceMainChannel* main, gpointer data) {
  // The signal comes when they are forgotten, too.
  if (!spice_main_channel_agent_test_capability(main, VD_AGENT_CAP_CLIPBOARD_BY_DEMAND)) return;
  event(*static_cast<Client*>(data), "caps");
}
gboolean on_grab(SpiceMainChannel*, guint selection, gpointer types, guint count, gpointer data) {
  event(*static_cast<Client*>(data),
        pair_of("grab", selection, count > 0 ? static_cast<guint32*>(types)[0] : 0));
  return TRUE;
}
void on_data(SpiceMainChannel*, guint selection, guint type, gpointer bytes, guint size,
             gpointer data) {
  const std::string text(static_cast<const char*>(bytes), size);
  event(*static_cast<Client*>(data), pair_of("data", selection, type) + " " + text);
}
gboolean on_asked(SpiceMainChannel* main, guint selection, guint type, gpointer data) {
  Client& client = *static_cast<Client*>(data);
  spice_main_channel_clipboard_selection_notify(main, selection, type,
                                                reinterpret_cast<const guchar*>(client.text.data()),
                                                client.text.size());
  event(client, pair_of("asked", selection, type));
  return TRUE;
}
void on_release(SpiceMainChannel*, guint selection, gpointer data) {
  event(*static_cast<Client*>(data), "release " + std::to_string(selection));
}
void on_primary(SpiceChannel*, gint, gint width, gint height, gint, gint, gpointer, gpointer data) {
  event(*static_cast<Client*>(data),
        "primary " + std::to_string(width) + "x" + std::to_string(height));
}
void on_channel_event(SpiceChannel* channel, SpiceChannelEvent what, gpointer data) {
  const char* name = SPICE_IS_MAIN_CHANNEL(channel) ? "main" : "inputs";
  const char* verb = what == SPICE_CHANNEL_OPENED ? "opened " : "failed ";
  event(*static_cast<Client*>(data), std::string(verb) + name);
}

void on_new_channel(SpiceSession*, SpiceChannel* channel, gpointer data) {
  Client& client = *static_cast<Client*>(data);
  if (SPICE_IS_MAIN_CHANNEL(channel)) {
    client.main = SPICE_MAIN_CHANNEL(channel);
    // The steps alone say when a screen is to be asked for.
    g_object_set(channel, "disable-display-position", TRUE, nullptr);
    g_signal_connect(channel, "channel-event", G_CALLBACK(on_channel_event), data);
    g_signal_connect(channel, "notify::agent-connected", G_CALLBACK(on_agent), data);
    g_signal_connect(channel, "main-agent-update", G_CALLBACK(on_caps), data);
    g_signal_connect(channel, "main-clipboard-selection-grab", G_CALLBACK(on_grab), data);
    g_signal_connect(channel, "main-clipboard-selection", G_CALLBACK(on_data), data);
    g_signal_connect(channel, "main-clipboard-selection-request", G_CALLBACK(on_asked), data);
    g_signal_connect(channel, "main-clipboard-selection-release", G_CALLBACK(on_release), data);
    g_signal_connect(channel, "new-file-transfer", G_CALLBACK(on_transfer), data);
    return;
  }
  if (SPICE_IS_DISPLAY_CHANNEL(channel)) {
    g_signal_connect(channel, "display-primary-create", G_CALLBACK(on_primary), data);
    spice_channel_connect(channel);
  }
  if (SPICE_IS_INPUTS_CHANNEL(channel)) {
    client.inputs = SPICE_INPUTS_CHANNEL(channel);
    g_signal_connect(channel, "channel-event", G_CALLBACK(on_channel_event), data);
    spice_channel_connect(channel);
  }
}

}  // namespace
}  // namespace cassia::test

int main(int argc, char** argv) {
  using namespace cassia::test;  // NOLINT(google-build-using-namespace)
  if (argc < 3) {
    std::fputs("usage: spice_gtk_agent URI STEP...\n", stderr);
    return 2;
  }
  Client client;
  client.steps.assign(argv + 2, argv + argc);
  g_object_set(client.session(), "uri", argv[1], nullptr);
  const int status = client.run(&client, on_new_channel, 4, 40);
  if (status == time_over) {
    std::fprintf(stderr, "time over at step %zu: %s\n", client.next,
                 client.steps[client.next].c_str());
  }
  return status;
}
