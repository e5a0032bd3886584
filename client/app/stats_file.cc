// SPDX-License-Identifier: Apache-2.0
#include "client/app/stats_file.h"

#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "base/file.h"

namespace cassia::client {
namespace {

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

double process_cpu_ms() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

void add_sound(nlohmann::json& json, const SessionStatistics& s) {
  if (s.playback) {
    json["playback"] = {{"codec", s.playback->codec},
                        {"packets", s.playback->packets},
                        {"broken_packets", s.playback->broken_packets},
                        {"frames_played", s.playback->frames_played},
                        {"frames_skipped", s.playback->frames_skipped},
                        {"underruns", s.playback->underruns},
                        {"latency_ms", s.playback->latency_ms},
                        {"target_ms", s.playback->target_ms}};
  }
  if (s.record) {
    json["record"] = {{"codec", s.record->codec},
                      {"packets_sent", s.record->packets_sent},
                      {"packets_dropped", s.record->packets_dropped}};
  }
}

}  // namespace

std::string to_json(const ViewerStatistics& s) {
  nlohmann::json json;
  nlohmann::json& channels = json["channels"] = nlohmann::json::object();
  for (const auto& [name, traffic] : s.session.channels) {
    channels[name] = {{"bytes_received", traffic.bytes_received},
                      {"bytes_sent", traffic.bytes_sent},
                      {"messages_received", traffic.messages_received},
                      {"messages_sent", traffic.messages_sent}};
  }
  add_sound(json, s.session);
  json["video"] = {{"frames", s.session.video.frames},
                   {"shown", s.session.video.shown},
                   {"late", s.session.video.late},
                   {"failed", s.session.video.failed}};
  json["server"] = s.session.server;
  json["migrations"] = s.session.migrations;
  json["renderer"] = s.renderer;
  json["cpu_ms"] = {{"decode", milliseconds(s.session.decode_time)},
                    {"render", milliseconds(s.render_time)},
                    {"process", process_cpu_ms()}};
  json["frames"] = {{"count", s.frames.count()},
                    {"max_gap_ms", milliseconds(s.frames.longest_gap())}};
  json["draws"] = s.draws;
  json["failed_draws"] = s.failed_draws;
  json["first_picture_ms"] = nullptr;
  if (s.first_picture) json["first_picture_ms"] = milliseconds(*s.first_picture);
  json["duration_ms"] = milliseconds(s.ran);
  return json.dump(2) + "\n";
}

Result<void> write_stats(const ViewerStatistics& statistics, const std::string& path) {
  return write_file_atomically(path, as_bytes(to_json(statistics)));
}

}  // namespace cassia::client
