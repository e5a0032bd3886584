// SPDX-License-Identifier: Apache-2.0
// The sound of a stock client, on libspice-client-glib and without a sound card: writes the samples
// it got, speaks samples from a file as its microphone, and says on standard output what it was
// told, one line each. SPICE_DISABLE_OPUS in the environment makes the library ask for raw samples.
// Exit status: 0 all that was asked for has happened, 2 usage, 7 a channel was lost, 8 time over.

#include <vector>

#include "tests/support/gtk_program.h"

namespace cassia::test {
namespace {

enum Status { ok = 0, usage = 2, lost = 7, late = 8 };

constexpr std::size_t frame_bytes = 4;
constexpr std::size_t piece_bytes = 480 * frame_bytes;

struct Client : GtkProgram {
  Client() : GtkProgram(late) {}

  char* uri = nullptr;
  char* play_out = nullptr;   ///< raw samples, 16 bits
  char* record_in = nullptr;  ///< likewise
  int frames = 0;             ///< end once so many were heard
  int timeout_s = 40;

  SpiceRecordChannel* record = nullptr;
  std::FILE* out = nullptr;
  std::size_t heard = 0;
  std::vector<char> speech;
  std::size_t said = 0;
  gint64 began = 0;
  bool spoke = false;
};

void finish_if_done(Client& client) {
  const bool listened = client.heard >= static_cast<std::size_t>(client.frames);
  const bool speaking = client.record_in != nullptr && !client.spoke;
  if (listened && !speaking) client.finish(ok);
}

void on_start(SpicePlaybackChannel*, gint format, gint channels, gint rate, gpointer) {
  say("playback-start " + std::to_string(format) + " " + std::to_string(channels) + " " +
      std::to_string(rate));
}

void on_data(SpicePlaybackChannel*, gpointer data, gint size, gpointer user) {
  Client& client = *static_cast<Client*>(user);
  if (client.out != nullptr) {
    std::fwrite(data, 1, static_cast<std::size_t>(size), client.out);
    std::fflush(client.out);
  }
  client.heard += static_cast<std::size_t>(size) / frame_bytes;
  if (client.frames > 0) finish_if_done(client);
}

void on_stop(SpicePlaybackChannel*, gpointer) { say("playback-stop"); }

void on_volume(GObject* channel, GParamSpec*, gpointer) {
  guint16* volume = nullptr;
  guint count = 0;
  g_object_get(channel, "volume", &volume, "nchannels", &count, nullptr);
  std::string line = "volume";
  for (guint i = 0; volume != nullptr && i < count; ++i) line += " " + std::to_string(volume[i]);
  say(line);
}

void on_mute(GObject* channel, GParamSpec*, gpointer) {
  gboolean mute = FALSE;
  g_object_get(channel, "mute", &mute, nullptr);
  say(mute ? "mute 1" : "mute 0");
}

void on_latency(GObject* channel, GParamSpec*, gpointer) {
  guint milliseconds = 0;
  g_object_get(channel, "min-latency", &milliseconds, nullptr);
  say("latency " + std::to_string(milliseconds));
}

/// What the microphone has heard by now; a second of silence at the end takes the last of it along.
gboolean speak(gpointer user) {
  Client& client = *static_cast<Client*>(user);
  if (client.record == nullptr) return G_SOURCE_REMOVE;
  const gint64 due = (g_get_monotonic_time() - client.began) * 48 / 1000 * 4;
  while (static_cast<gint64>(client.said + piece_bytes) <= due &&
         client.said + piece_bytes <= client.speech.size()) {
    spice_record_channel_send_data(client.record, client.speech.data() + client.said, piece_bytes,
                                   static_cast<guint32>(client.said / frame_bytes / 48));
    client.said += piece_bytes;
  }
  if (client.said + piece_bytes <= client.speech.size()) return G_SOURCE_CONTINUE;
  client.spoke = true;
  finish_if_done(client);
  return G_SOURCE_REMOVE;
}

void on_record_start(SpiceRecordChannel* channel, gint format, gint channels, gint rate,
                     gpointer user) {
  Client& client = *static_cast<Client*>(user);
  say("record-start " + std::to_string(format) + " " + std::to_string(channels) + " " +
      std::to_string(rate));
  if (client.speech.empty()) return;
  client.record = channel;
  client.said = 0;
  client.began = g_get_monotonic_time();
  g_timeout_add(5, speak, user);
}

void on_record_stop(SpiceRecordChannel*, gpointer user) {
  say("record-stop");
  static_cast<Client*>(user)->record = nullptr;
}

void on_event(SpiceChannel* channel, SpiceChannelEvent event, gpointer user) {
  const std::string name = type_of(channel);
  if (event == SPICE_CHANNEL_OPENED) return say("opened " + name);
  say("event " + std::to_string(event) + " " + name);
  Client& client = *static_cast<Client*>(user);
  if (client.status() == late) client.finish(lost);
}

void on_new_channel(SpiceSession*, SpiceChannel* channel, gpointer user) {
  g_signal_connect(channel, "channel-event", G_CALLBACK(on_event), user);
  if (SPICE_IS_PLAYBACK_CHANNEL(channel)) {
    g_signal_connect(channel, "playback-start", G_CALLBACK(on_start), user);
    g_signal_connect(channel, "playback-data", G_CALLBACK(on_data), user);
    g_signal_connect(channel, "playback-stop", G_CALLBACK(on_stop), user);
    g_signal_connect(channel, "notify::volume", G_CALLBACK(on_volume), user);
    g_signal_connect(channel, "notify::mute", G_CALLBACK(on_mute), user);
    g_signal_connect(channel, "notify::min-latency", G_CALLBACK(on_latency), user);
    spice_channel_connect(channel);
  }
  if (SPICE_IS_RECORD_CHANNEL(channel)) {
    g_signal_connect(channel, "record-start", G_CALLBACK(on_record_start), user);
    g_signal_connect(channel, "record-stop", G_CALLBACK(on_record_stop), user);
    spice_channel_connect(channel);
  }
}

bool read_speech(Client& client) {
  if (client.record_in == nullptr) return true;
  gchar* text = nullptr;
  gsize size = 0;
  if (!g_file_get_contents(client.record_in, &text, &size, nullptr)) return false;
  client.speech.assign(text, text + size);
  client.speech.resize(size + 48000 * frame_bytes);
  g_free(text);
  return true;
}

bool parse(int argc, char** argv, Client& c) {
  const GOptionEntry entries[] = {
      {"uri", 0, 0, G_OPTION_ARG_STRING, &c.uri, "server", "URI"},
      {"play-out", 0, 0, G_OPTION_ARG_STRING, &c.play_out, "what was heard", "FILE"},
      {"record-in", 0, 0, G_OPTION_ARG_STRING, &c.record_in, "what the microphone hears", "FILE"},
      {"frames", 0, 0, G_OPTION_ARG_INT, &c.frames, "end once N frames were heard", "N"},
      {"timeout", 0, 0, G_OPTION_ARG_INT, &c.timeout_s, "give up after S seconds", "S"},
      {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
  return parse_options(argc, argv, entries) && c.uri != nullptr;
}

}  // namespace
}  // namespace cassia::test

int main(int argc, char** argv) {
  using namespace cassia::test;  // NOLINT(google-build-using-namespace)
  Client client;
  if (!parse(argc, argv, client) || !read_speech(client)) {
    std::fputs("usage: spice_gtk_audio --uri URI [--help for the rest]\n", stderr);
    return usage;
  }
  if (client.play_out != nullptr) client.out = std::fopen(client.play_out, "wb");
  g_object_set(client.session(), "uri", client.uri, nullptr);
  const int status = client.run(&client, on_new_channel, lost, client.timeout_s);
  if (client.out != nullptr) std::fclose(client.out);
  return status;
}
