// SPDX-License-Identifier: Apache-2.0
#include "storage/format/registry.h"

#include <algorithm>

#include "storage/format/qcow2/driver.h"
#include "storage/format/raw/raw_driver.h"
#include "storage/format/vdi/driver.h"
#include "storage/format/vmdk/driver.h"
#include "storage/format/vpc/driver.h"

namespace cassia::storage {

FormatRegistry FormatRegistry::standard() {
  FormatRegistry registry;
  registry.add(std::make_unique<RawDriver>());
  registry.add(std::make_unique<qcow2::Driver>());
  registry.add(std::make_unique<vdi::Driver>());
  registry.add(std::make_unique<vmdk::Driver>());
  registry.add(std::make_unique<vpc::Driver>());
  return registry;
}

void FormatRegistry::add(std::unique_ptr<const FormatDriver> driver) {
  drivers_.push_back(std::move(driver));
}

Result<const FormatDriver*> FormatRegistry::find(std::string_view name) const {
  for (const auto& driver : drivers_) {
    if (driver->name() == name) return driver.get();
  }
  return fail(ErrorKind::not_found, "Unknown file format '{}'", name);
}

Result<const FormatDriver*> FormatRegistry::probe(BlockDevice& file) const {
  Bytes head(std::min<std::uint64_t>(FormatDriver::kProbeBytes, file.size()));
  CASSIA_TRY(file.read(0, head));
  const FormatDriver* best = nullptr;
  int surest = 0;
  for (const auto& driver : drivers_) {
    const int score = driver->probe(head);
    if (score > surest) {
      surest = score;
      best = driver.get();
    }
  }
  if (best == nullptr) return find("raw");
  return best;
}

std::vector<std::string> FormatRegistry::names() const {
  std::vector<std::string> names;
  for (const auto& driver : drivers_) names.emplace_back(driver->name());
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> check_option_names(const FormatDriver& driver, const OptionMap& options) {
  const auto known = driver.create_options();
  for (const auto& [name, value] : options) {
    const bool listed = std::any_of(
        known.begin(), known.end(),
        [&, n = std::string_view(name)](const CreateOption& option) { return option.name == n; });
    if (!listed) return fail(ErrorKind::invalid_argument, "Invalid parameter '{}'", name);
  }
  return {};
}

}  // namespace cassia::storage
