// SPDX-License-Identifier: Apache-2.0
#include "storage/live/image_chain.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cassia::storage {
namespace {

using nlohmann::json;

constexpr std::size_t max_chain = 64;

struct Look {
  std::string format;
  std::string backing_file;
  std::string backing_format;
};

// Somebody may be using the image: only its header is read, and QEMU takes the lock later.
Result<Look> look_at(const ImageEnvironment& environment, const std::filesystem::path& path,
                     std::string_view format) {
  OpenSpec spec;
  spec.path = path;
  spec.format = format;
  spec.force_share = true;
  spec.with_backing = false;
  const OpenedImage opened = CASSIA_TRY(open_image(environment, spec));
  const ImageInfo info = opened.image->info();
  return Look{info.format, info.backing_file, info.backing_format};
}

/// The image that `look` at `path` names as its backing file, relative to the root.
Result<std::string> backing_inside(const StorageRoot& root, const std::filesystem::path& path,
                                   const Look& look) {
  const std::string name = root.relative(path);
  if (look.backing_format.empty()) {
    return fail(
        ErrorKind::permission,
        "{}: names the backing file '{}' without its format, so it is not attached (qemu-img "
        "rebase -u -F FORMAT states it)",
        name, look.backing_file);
  }
  const auto target = CASSIA_TRY(resolve_reference(path, look.backing_file));
  std::string inside = root.relative(target);
  if (inside.empty()) {
    return fail(ErrorKind::permission, "{}: its backing file '{}' lies outside the storage root",
                name, look.backing_file);
  }
  return inside;
}

}  // namespace

Result<std::vector<ChainLink>> inspect_chain(const StorageRoot& root,
                                             const ImageEnvironment& environment,
                                             std::string_view image, std::string_view format) {
  std::vector<ChainLink> chain;
  std::string name(image);
  std::string stated(format);
  for (;;) {
    const auto path = CASSIA_TRY(root.existing(name));
    const auto same = [&](const ChainLink& link) { return link.path == path; };
    if (chain.size() >= max_chain || std::any_of(chain.begin(), chain.end(), same)) {
      return fail(ErrorKind::malformed, "{}: its backing files go in a circle or are more than {}",
                  image, max_chain);
    }
    const Look look = CASSIA_TRY(look_at(environment, path, stated));
    chain.push_back({path, look.format});
    if (look.backing_file.empty()) return chain;
    name = CASSIA_TRY(backing_inside(root, path, look));
    stated = look.backing_format;
  }
}

json node_graph(const std::vector<ChainLink>& chain, const std::string& prefix, bool read_only) {
  json below = nullptr;
  for (std::size_t i = chain.size(); i-- > 0;) {
    const std::string name = i == 0 ? prefix : fmt::format("{}-b{}", prefix, i);
    json node = {{"driver", chain[i].format}, {"node-name", name + "-fmt"}};
    node["file"] = {{"driver", "file"},
                    {"node-name", name + "-file"},
                    {"filename", chain[i].path.string()},
                    {"discard", "unmap"}};
    if (chain[i].format != "raw") node["backing"] = std::move(below);
    node["read-only"] = read_only || i > 0;
    if (i == 0) {
      node["discard"] = "unmap";
      if (!read_only) node["detect-zeroes"] = "unmap";
    }
    below = std::move(node);
  }
  return below;
}

}  // namespace cassia::storage
