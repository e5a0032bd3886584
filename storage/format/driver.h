// SPDX-License-Identifier: Apache-2.0
#pragma once

// FormatDriver: what the engine knows of one image format before an image of it is open. A new
// format is a folder with a driver, a line in registry.cc, and the conformance suite.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/format/image.h"
#include "storage/format/options.h"

namespace cassia::storage {

/// How a driver gets at another image that its header names. Null result: opened without it.
using BackingOpener = std::function<Result<std::unique_ptr<Image>>(const std::string& file,
                                                                   const std::string& format)>;

struct DriverOpenOptions {
  bool writable = false;
  /// Open an image whose header says it is corrupt or dirty, to look at or mend it.
  bool for_check = false;
  /// Metadata is synced only by flush() and close(), not in between: for a file that is thrown away
  /// if the machine stops.
  bool relaxed_sync = false;
  /// Empty: the image below is not opened, and what it would supply reads as an error.
  BackingOpener open_backing;
};

struct CreateOption {
  std::string name;
  std::string value;  ///< the default as shown in "Formatting '...'"; empty: not shown
  std::string help;
};

struct CreateSpec {
  std::uint64_t size = 0;  ///< virtual size in bytes
  std::string backing_file;
  std::string backing_format;
  OptionMap options;  ///< names the driver lists; anything else is refused
};

class FormatDriver {
 public:
  virtual ~FormatDriver() = default;

  virtual std::string_view name() const = 0;
  /// 0: not mine; 100: certainly. `head` is the first kProbeBytes of the file, or all of a shorter
  /// one.
  virtual int probe(ByteView head) const = 0;
  static constexpr std::size_t kProbeBytes = 2048;

  /// True if reading needs metadata that no other process changes meanwhile.
  virtual bool has_metadata() const = 0;
  virtual bool supports_backing() const { return false; }
  virtual bool supports_compression() const { return false; }
  virtual std::vector<CreateOption> create_options() const = 0;

  virtual Result<std::unique_ptr<Image>> open(std::shared_ptr<BlockDevice> file,
                                              const DriverOpenOptions& options) const = 0;
  /// The whole check of a request, without touching anything.
  virtual Result<void> check_create(const CreateSpec& spec) const = 0;
  /// The options with the values they will have, in the order of "Formatting '...'".
  virtual std::vector<std::pair<std::string, std::string>> describe_create(
      const CreateSpec& spec) const = 0;
  /// Writes an empty image into `file` (empty, growable or large enough).
  virtual Result<void> create(const std::shared_ptr<BlockDevice>& file,
                              const CreateSpec& spec) const = 0;
};

/// Refuses options that `driver` does not list.
Result<void> check_option_names(const FormatDriver& driver, const OptionMap& options);

}  // namespace cassia::storage
