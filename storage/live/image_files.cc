// SPDX-License-Identifier: Apache-2.0
#include "storage/live/image_files.h"

#include <nlohmann/json.hpp>

#include "storage/ops/info.h"

namespace cassia::storage {
namespace {

using nlohmann::json;

/// `path` as callers see it: below the root its path, elsewhere the name alone.
std::string shown(const StorageRoot& root, const std::filesystem::path& path) {
  const std::string inside = root.relative(path);
  return inside.empty() ? path.filename().string() : inside;
}

Result<std::vector<InfoEntry>> look(const ImageEnvironment& environment,
                                    const std::filesystem::path& path, bool chain) {
  InfoSpec spec;
  spec.path = path.string();
  spec.force_share = true;
  spec.backing_chain = chain;
  return image_info(environment, spec);
}

Result<json> facts(const StorageRoot& root, const ImageEnvironment& environment,
                   const std::string& relative) {
  const auto path = CASSIA_TRY(root.existing(relative));
  const auto entries = CASSIA_TRY(look(environment, path, false));
  const InfoEntry& entry = entries.front();
  return json{{"image", relative},
              {"format", entry.image.format},
              {"virtual_size", entry.image.virtual_size},
              {"actual_size", entry.actual_size},
              {"snapshots", entry.image.snapshots.size()},
              {"backing", entry.image.backing_file},
              {"problem", ""}};
}

}  // namespace

json image_record(const StorageRoot& root, const ImageEnvironment& environment,
                  const std::string& relative) {
  auto record = facts(root, environment, relative);
  if (record) return std::move(*record);
  return {{"image", relative},
          {"format", ""},
          {"virtual_size", 0},
          {"actual_size", 0},
          {"snapshots", 0},
          {"backing", ""},
          {"problem", record.error().message()}};
}

Result<json> list_images(const StorageRoot& root, const ImageEnvironment& environment,
                         const std::string& folder) {
  json list = json::array();
  for (const std::string& name : CASSIA_TRY(root.files(folder))) {
    list.push_back(image_record(root, environment, name));
  }
  return list;
}

Result<DiskInfo> describe_image(const StorageRoot& root, const ImageEnvironment& environment,
                                const std::filesystem::path& path) {
  const auto entries = CASSIA_TRY(look(environment, path, true));
  const InfoEntry& top = entries.front();
  DiskInfo info;
  info.format = top.image.format;
  info.virtual_size = top.image.virtual_size;
  info.actual_size = top.actual_size;
  info.snapshots = top.image.snapshots.size();
  info.image = shown(root, path);
  info.in_root = !root.relative(path).empty();
  for (std::size_t i = 1; i < entries.size(); ++i) {
    info.chain.push_back(shown(root, entries[i].filename));
  }
  return info;
}

}  // namespace cassia::storage
