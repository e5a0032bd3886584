// SPDX-License-Identifier: Apache-2.0
// The stock client library's device channels: opens a port and says something until it hears it
// back, or shares a folder. One line on standard output for each thing that happens:
//   port org.example opened    heard TEXT    channel port:1 event 23
// With --say it ends with status 0 once it has heard its text; otherwise it stays until it is
// ended.

#include <cstring>

#include "tests/support/gtk_program.h"

namespace cassia::test {
namespace {

struct Client : GtkProgram {
  Client() : GtkProgram(1) {}

  char* uri = nullptr;
  char* port = nullptr;
  char* text = nullptr;
  char* folder = nullptr;
  SpicePortChannel* channel = nullptr;
  std::string heard;
};

void on_event(SpiceChannel* channel, SpiceChannelEvent event, gpointer data) {
  say("channel " + name_of(channel) + " event " + std::to_string(event));
  Client& client = *static_cast<Client*>(data);
  if (SPICE_IS_MAIN_CHANNEL(channel) && event != SPICE_CHANNEL_OPENED)
    client.finish(client.status());
}

/// Again and again: what a guest's serial port is told before somebody listens there is lost.
gboolean talk(gpointer data) {
  Client& client = *static_cast<Client*>(data);
  if (client.channel == nullptr) return G_SOURCE_REMOVE;
  spice_port_channel_write_async(client.channel, client.text, std::strlen(client.text), nullptr,
                                 nullptr, nullptr);
  return G_SOURCE_CONTINUE;
}

void on_port_event(SpicePortChannel* channel, gint event, gpointer data) {
  Client& client = *static_cast<Client*>(data);
  char* name = nullptr;
  g_object_get(channel, "port-name", &name, nullptr);
  say(std::string("port ") + name +
      (event == SPICE_PORT_EVENT_OPENED ? " opened" : " event " + std::to_string(event)));
  const bool wanted = client.port != nullptr && std::strcmp(name, client.port) == 0;
  g_free(name);
  if (!wanted || event != SPICE_PORT_EVENT_OPENED || client.text == nullptr) return;
  client.channel = channel;
  talk(&client);
  g_timeout_add(500, talk, &client);
}

void on_port_data(SpicePortChannel* channel, gpointer bytes, gint size, gpointer data) {
  Client& client = *static_cast<Client*>(data);
  if (channel != client.channel) return;
  client.heard.append(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  if (client.heard.find(client.text) == std::string::npos) return;
  say(std::string("heard ") + client.text);
  client.finish(0);
}

void on_new_channel(SpiceSession*, SpiceChannel* channel, gpointer data) {
  g_signal_connect(channel, "channel-event", G_CALLBACK(on_event), data);
  if (SPICE_IS_MAIN_CHANNEL(channel)) return;
  if (SPICE_IS_PORT_CHANNEL(channel)) {
    g_signal_connect(channel, "port-event", G_CALLBACK(on_port_event), data);
    g_signal_connect(channel, "port-data", G_CALLBACK(on_port_data), data);
  }
  const Client& client = *static_cast<Client*>(data);
  const bool folder = SPICE_IS_WEBDAV_CHANNEL(channel);
  if (folder ? client.folder != nullptr : SPICE_IS_PORT_CHANNEL(channel) && client.port != nullptr)
    spice_channel_connect(channel);
}

}  // namespace
}  // namespace cassia::test

int main(int argc, char** argv) {
  using namespace cassia::test;  // NOLINT(google-build-using-namespace)
  Client client;
  const GOptionEntry entries[] = {
      {"uri", 0, 0, G_OPTION_ARG_STRING, &client.uri, "server", "URI"},
      {"port", 0, 0, G_OPTION_ARG_STRING, &client.port, "port to talk to", "NAME"},
      {"say", 0, 0, G_OPTION_ARG_STRING, &client.text, "what to say", "TEXT"},
      {"share", 0, 0, G_OPTION_ARG_STRING, &client.folder, "folder to share", "DIR"},
      {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
  if (!parse_options(argc, argv, entries) || client.uri == nullptr) return 2;
  g_object_set(client.session(), "uri", client.uri, nullptr);
  if (client.folder != nullptr) {
    g_object_set(client.session(), "shared-dir", client.folder, nullptr);
  }
  return client.run(&client, on_new_channel, 4, 0);
}
