// SPDX-License-Identifier: Apache-2.0
#include "client/devices/shared_folder.h"

#include <sys/random.h>

#include <array>
#include <boost/asio/post.hpp>
#include <filesystem>

#include "protocol/spice/file_list.h"

namespace cassia::client {
namespace {

std::string random_uuid() {
  std::array<std::uint8_t, 16> b{};
  (void)!::getrandom(b.data(), b.size(), 0);
  b[6] = static_cast<std::uint8_t>((b[6] & 0x0f) | 0x40);  // RFC 4122: random
  b[8] = static_cast<std::uint8_t>((b[8] & 0x3f) | 0x80);
  std::string out;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", b[i]);
  }
  return out;
}

std::string real_path(const std::string& folder) {
  std::error_code ec;
  const auto real = std::filesystem::canonical(folder, ec);
  return ec ? std::string() : real.string();
}

}  // namespace

SharedFolder::SharedFolder(boost::asio::io_context& io, const DeviceOptions& options)
    : options_(options),
      way_(std::make_shared<Way>()),
      root_(options.share_folder.empty() ? std::string() : real_path(options.share_folder)) {
  way_->io = &io;
}

void SharedFolder::stop() {
  const std::lock_guard lock(way_->mutex);
  way_->io = nullptr;
}

Result<std::shared_ptr<FolderServer>> SharedFolder::server() {
  if (!server_) {
    server_ = CASSIA_TRY(FolderServer::start(options_.share_folder, options_.share_read_only));
  }
  return server_;
}

std::string SharedFolder::name_of(const std::string& path, std::vector<PublishedFile>& fresh) {
  if (!root_.empty() && path.starts_with(root_ + "/")) return path.substr(root_.size());
  std::string& name = published_[path];
  if (name.empty()) {
    const std::string folder = std::string(clipboard_folder) + "/" + random_uuid();
    name = folder + path.substr(path.rfind('/'));
    paths_[name] = path;
    fresh.push_back({folder, path});
  }
  return name;
}

void SharedFolder::publish(const std::vector<std::string>& paths, Done done) {
  if (!publishes()) {
    return done(fail(ErrorKind::unsupported, "no folder is shared with the guest"));
  }
  if (published_.size() + paths.size() > most_published) {
    return done(fail(ErrorKind::no_space, "more than {} files were copied", most_published));
  }
  std::vector<std::string> names;
  std::vector<PublishedFile> fresh;
  for (const std::string& path : paths) names.push_back(name_of(path, fresh));
  if (fresh.empty()) return done(std::move(names));
  server_->publish(std::move(fresh), [way = way_, names = std::move(names),
                                      done = std::move(done)](Result<void> published) mutable {
    const std::lock_guard lock(way->mutex);
    if (way->io == nullptr) return;
    boost::asio::post(*way->io, [=, names = std::move(names), done = std::move(done)]() mutable {
      published ? done(std::move(names)) : done(fail(published.error()));
    });
  });
}

std::optional<std::string> SharedFolder::local_path(const std::string& name) const {
  if (!spice::is_plain_path(name)) return std::nullopt;
  std::string path;
  if (name.starts_with(std::string(clipboard_folder) + "/")) {
    // A file that was published, or one inside a folder that was.
    const auto after = paths_.upper_bound(name);
    if (after == paths_.begin()) return std::nullopt;
    const auto& [known, at] = *std::prev(after);
    if (!name.starts_with(known)) return std::nullopt;
    const std::string rest = name.substr(known.size());
    if (!rest.empty() && rest.front() != '/') return std::nullopt;
    path = at + rest;
  } else {
    if (root_.empty()) return std::nullopt;
    path = root_ + name;
  }
  std::error_code ec;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, ec))) return std::nullopt;
  return path;
}

}  // namespace cassia::client
