// SPDX-License-Identifier: Apache-2.0
#pragma once

// The formats that exist, by name and by probing.

#include <memory>
#include <vector>

#include "storage/format/driver.h"

namespace cassia::storage {

class FormatRegistry {
 public:
  /// All formats of Cassia.
  static FormatRegistry standard();

  void add(std::unique_ptr<const FormatDriver> driver);
  /// The driver called `name`, or not_found.
  Result<const FormatDriver*> find(std::string_view name) const;
  /// The driver that is surest about the start of `file`; raw if none is.
  Result<const FormatDriver*> probe(BlockDevice& file) const;
  std::vector<std::string> names() const;

 private:
  std::vector<std::unique_ptr<const FormatDriver>> drivers_;
};

}  // namespace cassia::storage
