// SPDX-License-Identifier: Apache-2.0
// A small headless client on libspice-client-glib, the library of every stock viewer, for tests
// that need what spicy-screenshot has no option for: user names, certificates, secured channels,
// proxies. It says on standard output what happened, one line each, and ends as soon as the picture
// is there:
//   channel main:0 opened    primary 1024x768    updates 17    bytes 20480    complete
// Exit status: 0 the picture is complete (and written), 2 usage, 3 authentication failed,
// 4 no connection, 5 TLS refused, 6 link refused, 7 connection lost, 8 time over.

#include <cstring>
#include <vector>

#include "tests/support/gtk_program.h"

namespace cassia::test {
namespace {

enum Status {
  ok = 0,
  usage = 2,
  auth = 3,
  connect_failed = 4,
  tls = 5,
  link = 6,
  io = 7,
  late = 8
};

struct Options {
  char* uri = nullptr;
  char* user = nullptr;
  char* password = nullptr;
  char* ca_file = nullptr;
  char* host_subject = nullptr;
  char* secure_channels = nullptr;
  char* proxy = nullptr;
  char* compression = nullptr;
  char* output = nullptr;
  int timeout_s = 30;
  int settle_ms = 0;
};

struct Client : GtkProgram {
  Client() : GtkProgram(late) {}

  Options options;
  SpiceChannel* display = nullptr;
  bool marked = false;
  bool drawn = false;
  unsigned updates = 0;
  guint settling = 0;
};

bool write_ppm(Client& client) {
  if (client.options.output == nullptr) return true;
  SpiceDisplayPrimary primary{};
  if (!spice_display_channel_get_primary(client.display, 0, &primary)) return false;
  std::FILE* file = std::fopen(client.options.output, "wb");
  if (file == nullptr) return false;
  std::fprintf(file, "P6\n%d %d\n255\n", primary.width, primary.height);
  std::vector<unsigned char> row(static_cast<std::size_t>(primary.width) * 3);
  for (int y = 0; y < primary.height; ++y) {
    const unsigned char* from = primary.data + static_cast<std::ptrdiff_t>(y) * primary.stride;
    for (int x = 0; x < primary.width; ++x) {
      row[3 * x] = from[4 * x + 2];
      row[3 * x + 1] = from[4 * x + 1];
      row[3 * x + 2] = from[4 * x];
    }
    std::fwrite(row.data(), 1, row.size(), file);
  }
  return std::fclose(file) == 0;
}

gboolean settled(gpointer data) {
  Client& client = *static_cast<Client*>(data);
  client.settling = 0;
  gulong bytes = 0;
  g_object_get(client.display, "total-read-bytes", &bytes, nullptr);
  say("updates " + std::to_string(client.updates));
  say("bytes " + std::to_string(bytes));
  say("complete");
  client.finish(write_ppm(client) ? ok : io);
  return G_SOURCE_REMOVE;
}

void look(Client& client) {
  if (!client.marked || !client.drawn) return;
  if (client.settling != 0) g_source_remove(client.settling);
  client.settling = g_timeout_add(static_cast<guint>(client.options.settle_ms), settled, &client);
}

void on_primary(SpiceChannel*, gint, gint width, gint height, gint, gint, gpointer, gpointer data) {
  say("primary " + std::to_string(width) + "x" + std::to_string(height));
  static_cast<Client*>(data)->drawn = false;
}

void on_mark(SpiceChannel*, gint mark, gpointer data) {
  if (mark != 0) say("marked");
  static_cast<Client*>(data)->marked = mark != 0;
  look(*static_cast<Client*>(data));
}

void on_invalidate(SpiceChannel*, gint, gint, gint, gint, gpointer data) {
  static_cast<Client*>(data)->drawn = true;
  ++static_cast<Client*>(data)->updates;
  look(*static_cast<Client*>(data));
}

/// What the error of a channel comes to as an exit status.
int status_of(SpiceChannel* channel, SpiceChannelEvent event) {
  const GError* error = spice_channel_get_error(channel);
  if (error != nullptr) std::fprintf(stderr, "%s: %s\n", name_of(channel).c_str(), error->message);
  switch (event) {
    case SPICE_CHANNEL_ERROR_AUTH:
      return auth;
    case SPICE_CHANNEL_ERROR_TLS:
      return tls;
    case SPICE_CHANNEL_ERROR_LINK:
      return link;
    case SPICE_CHANNEL_ERROR_CONNECT:
      return connect_failed;
    default:
      return io;
  }
}

/// Asks for the codec of --compression.
void prefer(Client& client, SpiceChannel* channel) {
  if (client.options.compression == nullptr || !SPICE_IS_DISPLAY_CHANNEL(channel)) return;
  const struct {
    const char* name;
    int value;
  } codecs[] = {{"off", SPICE_IMAGE_COMPRESSION_OFF},
                {"quic", SPICE_IMAGE_COMPRESSION_QUIC},
                {"lz", SPICE_IMAGE_COMPRESSION_LZ},
                {"glz", SPICE_IMAGE_COMPRESSION_GLZ},
                {"lz4", SPICE_IMAGE_COMPRESSION_LZ4},
                {"auto_lz", SPICE_IMAGE_COMPRESSION_AUTO_LZ},
                {"auto_glz", SPICE_IMAGE_COMPRESSION_AUTO_GLZ}};
  for (const auto& codec : codecs) {
    if (std::strcmp(codec.name, client.options.compression) != 0) continue;
    spice_display_channel_change_preferred_compression(channel, codec.value);
  }
}

void on_event(SpiceChannel* channel, SpiceChannelEvent event, gpointer data) {
  Client& client = *static_cast<Client*>(data);
  if (event == SPICE_CHANNEL_OPENED) {
    prefer(client, channel);
    say("channel " + name_of(channel) + " opened");
    return;
  }
  if (event == SPICE_CHANNEL_SWITCHING) return;
  say("channel " + name_of(channel) + " event " + std::to_string(event));
  const bool matters = SPICE_IS_MAIN_CHANNEL(channel) || SPICE_IS_DISPLAY_CHANNEL(channel);
  if (matters && client.status() == late) client.finish(status_of(channel, event));
}

void on_new_channel(SpiceSession*, SpiceChannel* channel, gpointer data) {
  Client& client = *static_cast<Client*>(data);
  g_signal_connect(channel, "channel-event", G_CALLBACK(on_event), data);
  if (SPICE_IS_MAIN_CHANNEL(channel)) return;
  if (SPICE_IS_DISPLAY_CHANNEL(channel) && id_of(channel) == 0) {
    client.display = channel;
    g_signal_connect(channel, "display-primary-create", G_CALLBACK(on_primary), data);
    g_signal_connect(channel, "display-mark", G_CALLBACK(on_mark), data);
    g_signal_connect(channel, "display-invalidate", G_CALLBACK(on_invalidate), data);
  }
  if (SPICE_IS_DISPLAY_CHANNEL(channel) || SPICE_IS_INPUTS_CHANNEL(channel) ||
      SPICE_IS_CURSOR_CHANNEL(channel)) {
    spice_channel_connect(channel);
  }
}

void set_up(Client& client) {
  const Options& o = client.options;
  g_object_set(client.session(), "uri", o.uri, nullptr);
  if (o.user != nullptr) g_object_set(client.session(), "username", o.user, nullptr);
  if (o.password != nullptr) g_object_set(client.session(), "password", o.password, nullptr);
  if (o.ca_file != nullptr) g_object_set(client.session(), "ca-file", o.ca_file, nullptr);
  if (o.proxy != nullptr) g_object_set(client.session(), "proxy", o.proxy, nullptr);
  if (o.host_subject != nullptr) {
    g_object_set(client.session(), "cert-subject", o.host_subject, "verify",
                 SPICE_SESSION_VERIFY_SUBJECT, nullptr);
  }
  if (o.secure_channels != nullptr) {
    gchar** list = g_strsplit(o.secure_channels, ";", -1);
    g_object_set(client.session(), "secure-channels", list, nullptr);
    g_strfreev(list);
  }
}

bool parse(int argc, char** argv, Options& o) {
  const GOptionEntry entries[] = {
      {"uri", 0, 0, G_OPTION_ARG_STRING, &o.uri, "server", "URI"},
      {"user", 0, 0, G_OPTION_ARG_STRING, &o.user, "SASL user name", "NAME"},
      {"password", 0, 0, G_OPTION_ARG_STRING, &o.password, "password", "TEXT"},
      {"ca-file", 0, 0, G_OPTION_ARG_STRING, &o.ca_file, "certificates to trust", "FILE"},
      {"host-subject", 0, 0, G_OPTION_ARG_STRING, &o.host_subject, "certificate's subject", "TEXT"},
      {"secure-channels", 0, 0, G_OPTION_ARG_STRING, &o.secure_channels, "main;display;... or all",
       "LIST"},
      {"proxy", 0, 0, G_OPTION_ARG_STRING, &o.proxy, "HTTP proxy", "URI"},
      {"compression", 0, 0, G_OPTION_ARG_STRING, &o.compression,
       "ask for off, quic, lz, glz, lz4, auto_lz or auto_glz", "CODEC"},
      {"out", 'o', 0, G_OPTION_ARG_STRING, &o.output, "write the picture as PPM", "FILE"},
      {"timeout", 0, 0, G_OPTION_ARG_INT, &o.timeout_s, "give up after S seconds", "S"},
      {"settle", 0, 0, G_OPTION_ARG_INT, &o.settle_ms, "the picture must rest for MS", "MS"},
      {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
  return parse_options(argc, argv, entries) && o.uri != nullptr;
}

}  // namespace

}  // namespace cassia::test

int main(int argc, char** argv) {
  using namespace cassia::test;  // NOLINT(google-build-using-namespace)
  Client client;
  if (!parse(argc, argv, client.options)) {
    std::fputs("usage: spice_gtk_client --uri URI [--help for the rest]\n", stderr);
    return usage;
  }
  set_up(client);
  return client.run(&client, on_new_channel, connect_failed, client.options.timeout_s);
}
