// SPDX-License-Identifier: Apache-2.0
#include "client/disk/render_info.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "client/disk/console.h"

namespace cassia::client {
namespace {

using Json = nlohmann::ordered_json;
using storage::FormatFact;
using storage::InfoEntry;
using storage::SnapshotInfo;

std::string spaced(std::string name) {
  std::replace(name.begin(), name.end(), '-', ' ');
  return name;
}

/// "name: value" lines, lists below their name and two levels further in, as qemu-img has them.
void fact_lines(std::string& text, const FormatFact& fact, std::size_t indent) {
  const std::string margin(indent, ' ');
  const std::string inner(indent + 4, ' ');
  text += margin + spaced(fact.name) + ":";
  if (const bool* yes = std::get_if<bool>(&fact.value)) {
    text += *yes ? " true\n" : " false\n";
  } else if (const auto* number = std::get_if<std::int64_t>(&fact.value)) {
    text += fmt::format(" {}\n", *number);
  } else if (const auto* words = std::get_if<std::string>(&fact.value)) {
    text += " " + *words + "\n";
  } else if (const auto* list = std::get_if<std::vector<std::string>>(&fact.value)) {
    text += "\n";
    for (std::size_t i = 0; i < list->size(); ++i) {
      text += fmt::format("{}[{}]: {}\n", inner, i, (*list)[i]);
    }
  } else {
    text += "\n";
    const auto& groups = std::get<std::vector<storage::FactGroup>>(fact.value);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      text += fmt::format("{}[{}]:\n", inner, i);
      for (const FormatFact& each : groups[i]) fact_lines(text, each, indent + 8);
    }
  }
}

Json group_json(const storage::FactGroup& group);

Json fact_json(const FormatFact& fact) {
  if (const auto* groups = std::get_if<std::vector<storage::FactGroup>>(&fact.value)) {
    Json list = Json::array();
    for (const storage::FactGroup& group : *groups) list.push_back(group_json(group));
    return list;
  }
  return std::visit(
      [](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>,
                                     std::vector<storage::FactGroup>>)
          return Json();
        else
          return Json(value);
      },
      fact.value);
}

Json group_json(const storage::FactGroup& group) {
  Json json;
  for (const FormatFact& fact : group) json[fact.name] = fact_json(fact);
  return json;
}

Json snapshot_json(const SnapshotInfo& snapshot) {
  Json json;
  if (snapshot.icount >= 0) json["icount"] = snapshot.icount;
  json["vm-clock-nsec"] = snapshot.vm_clock_nsec % 1000000000;
  json["name"] = snapshot.name;
  json["date-sec"] = snapshot.date_sec;
  json["date-nsec"] = snapshot.date_nsec;
  json["vm-clock-sec"] = snapshot.vm_clock_nsec / 1000000000;
  json["id"] = snapshot.id;
  json["vm-state-size"] = snapshot.vm_state_size;
  return json;
}

/// Keys in the order in which qemu-img happens to print them.
Json entry_json(const InfoEntry& entry) {
  const storage::ImageInfo& image = entry.image;
  Json json;
  if (!image.backing_format.empty()) json["backing-filename-format"] = image.backing_format;
  if (!image.snapshots.empty()) {
    for (const SnapshotInfo& snapshot : image.snapshots) {
      json["snapshots"].push_back(snapshot_json(snapshot));
    }
  }
  json["virtual-size"] = image.virtual_size;
  json["filename"] = entry.filename;
  if (image.cluster_size != 0) json["cluster-size"] = image.cluster_size;
  json["format"] = image.format;
  json["actual-size"] = entry.actual_size;
  if (!image.facts.empty()) {
    json["format-specific"] = {{"type", image.format}, {"data", group_json(image.facts)}};
  }
  if (!image.backing_file.empty()) {
    json["full-backing-filename"] = entry.full_backing_filename;
    json["backing-filename"] = image.backing_file;
  }
  json["dirty-flag"] = image.dirty;
  return json;
}

std::string dump(const Json& json) {
  // Names in an image can hold any bytes; JSON cannot.
  const std::string text = json.dump(4, ' ', false, Json::error_handler_t::replace);
  // qemu-img breaks the line inside an empty list. A "[]" at a line's end is never in a string.
  static const std::regex empty_list("^( *)(.*)\\[\\](,?)$", std::regex::multiline);
  return std::regex_replace(text, empty_list, "$1$2[\n$1]$3") + "\n";
}

}  // namespace

std::string snapshot_table(const std::vector<SnapshotInfo>& snapshots) {
  std::string text = "Snapshot list:\n";
  text += fmt::format("{:<9} {:<16} {:>8}{:>20}{:>13}{:>11}\n", "ID", "TAG", "VM SIZE", "DATE",
                      "VM CLOCK", "ICOUNT");
  for (const SnapshotInfo& s : snapshots) {
    text += fmt::format("{:<9} {:<16} {:>8}{:>20}{:>13}{:>11}\n", s.id, s.name,
                        human_size(s.vm_state_size), local_time(s.date_sec),
                        clock_time(s.vm_clock_nsec), s.icount < 0 ? "" : std::to_string(s.icount));
  }
  return text;
}

std::string info_text(const InfoEntry& entry) {
  const storage::ImageInfo& image = entry.image;
  std::string text =
      fmt::format("image: {}\nfile format: {}\nvirtual size: {} ({} bytes)\ndisk size: {}\n",
                  entry.filename, image.format, human_size(image.virtual_size), image.virtual_size,
                  human_size(entry.actual_size));
  if (image.encrypted) text += "encrypted: yes\n";
  if (image.cluster_size != 0) text += fmt::format("cluster_size: {}\n", image.cluster_size);
  if (image.dirty) text += "cleanly shut down: no\n";
  if (!image.backing_file.empty()) {
    text += "backing file: " + image.backing_file;
    if (entry.full_backing_filename != image.backing_file) {
      text += " (actual path: " + entry.full_backing_filename + ")";
    }
    text += "\n";
    if (!image.backing_format.empty()) {
      text += "backing file format: " + image.backing_format + "\n";
    }
  }
  if (!image.snapshots.empty()) text += snapshot_table(image.snapshots);
  if (!image.facts.empty()) text += "Format specific information:\n";
  for (const FormatFact& fact : image.facts) fact_lines(text, fact, 4);
  return text;
}

std::string info_json(const std::vector<InfoEntry>& entries, bool chain) {
  if (!chain) return dump(entry_json(entries.front()));
  Json list = Json::array();
  for (const InfoEntry& entry : entries) list.push_back(entry_json(entry));
  return dump(list);
}

}  // namespace cassia::client
