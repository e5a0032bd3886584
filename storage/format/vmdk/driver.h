// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/format/driver.h"

namespace cassia::storage::vmdk {

class Driver final : public FormatDriver {
 public:
  std::string_view name() const override { return "vmdk"; }
  int probe(ByteView head) const override;
  bool has_metadata() const override { return true; }
  bool supports_compression() const override { return true; }
  std::vector<CreateOption> create_options() const override;
  Result<std::unique_ptr<Image>> open(std::shared_ptr<BlockDevice> file,
                                      const DriverOpenOptions& options) const override;
  Result<void> check_create(const CreateSpec& spec) const override;
  std::vector<std::pair<std::string, std::string>> describe_create(
      const CreateSpec& spec) const override;
  Result<void> create(const std::shared_ptr<BlockDevice>& file,
                      const CreateSpec& spec) const override;
};

}  // namespace cassia::storage::vmdk
