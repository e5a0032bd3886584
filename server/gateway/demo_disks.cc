// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/demo_disks.h"

#include <stdlib.h>

#include "base/log.h"
#include "storage/ops/create.h"

namespace cassia::server {
namespace {

constexpr std::uint64_t disk_size = std::uint64_t{64} << 20;

Result<void> make_disk(const std::filesystem::path& path, const char* format) {
  std::error_code ec;
  if (std::filesystem::exists(path, ec)) return {};
  const auto formats = storage::FormatRegistry::standard();
  const storage::FollowNone references;
  storage::CreateImageSpec spec;
  spec.path = path.string();
  spec.format = format;
  spec.size = disk_size;
  const auto plan = CASSIA_TRY(storage::plan_create({formats, references}, spec));
  return storage::create_image(plan);
}

}  // namespace

Result<std::unique_ptr<DemoDisks>> DemoDisks::create(const std::filesystem::path& folder) {
  std::filesystem::path where = folder;
  if (where.empty()) {
    std::error_code ec;
    std::string pattern =
        (std::filesystem::temp_directory_path(ec) / "cassia-demo-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) return fail_errno(errno, pattern);
    where = pattern;
  }
  std::unique_ptr<DemoDisks> out(new DemoDisks(where, folder.empty()));
  CASSIA_TRY(make_disk(where / "demo-a.qcow2", "qcow2"));
  CASSIA_TRY(make_disk(where / "demo-b.raw", "raw"));
  return out;
}

DemoDisks::~DemoDisks() {
  if (!temporary_) return;
  std::error_code ec;
  std::filesystem::remove_all(folder_, ec);
  if (ec) log_warn("gateway", "{} not removed: {}", folder_.string(), ec.message());
}

std::vector<storage::LocalDisk> DemoDisks::disks() const {
  return {{"demo-a", "demo-a.qcow2"}, {"demo-b", "demo-b.raw"}};
}

}  // namespace cassia::server
