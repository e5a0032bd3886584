// SPDX-License-Identifier: Apache-2.0
#include "storage/format/qcow2/driver.h"

#include <bit>

#include "storage/block/file_device.h"
#include "storage/format/qcow2/image.h"

namespace cassia::storage::qcow2 {
namespace {

/// The create options, parsed.
struct Choices {
  std::uint32_t version = 3;
  std::uint64_t cluster_size = 65536;
  std::uint64_t refcount_bits = 16;
  bool lazy_refcounts = false;
  Compression compression = Compression::zlib;
  std::string preallocation = "off";
};

std::string option(const CreateSpec& spec, std::string_view name, std::string fallback) {
  const auto found = spec.options.find(name);
  return found == spec.options.end() ? std::move(fallback) : found->second;
}

Result<void> parse_compat(const std::string& text, Choices& choices) {
  if (text == "0.10" || text == "v2") {
    choices.version = 2;
  } else if (text != "1.1" && text != "v3") {
    return fail(ErrorKind::invalid_argument, "Invalid compat '{}': give 0.10 or 1.1", text);
  }
  return {};
}

Result<void> check_combination(const Choices& c, const CreateSpec& spec) {
  if (!std::has_single_bit(c.cluster_size) || c.cluster_size < 512 || c.cluster_size > 2u << 20) {
    return fail(ErrorKind::invalid_argument,
                "Cluster size must be a power of two between 512 and 2048k");
  }
  if (!std::has_single_bit(c.refcount_bits) || c.refcount_bits > 64) {
    return fail(ErrorKind::invalid_argument,
                "Refcount width must be a power of two and may not exceed 64 bits");
  }
  if (c.version < 3 && c.refcount_bits != 16) {
    return fail(ErrorKind::invalid_argument,
                "Different refcount widths than 16 bits require compatibility level 1.1 or above "
                "(use version=v3 or greater)");
  }
  if (c.version < 3 && c.lazy_refcounts) {
    return fail(ErrorKind::invalid_argument,
                "Lazy refcounts only supported with compatibility level 1.1 and above (use "
                "version=v3 or greater)");
  }
  if (c.version < 3 && c.compression != Compression::zlib) {
    return fail(ErrorKind::invalid_argument,
                "Non-zlib compression type is only supported with compatibility level 1.1 and "
                "above (use version=v3 or greater)");
  }
  if (c.preallocation != "off" && !spec.backing_file.empty()) {
    return fail(ErrorKind::invalid_argument,
                "Backing file and preallocation can only be used at the same time if extended_l2 "
                "is enabled");
  }
  const Geometry geometry{static_cast<unsigned>(std::countr_zero(c.cluster_size)), 4};
  if (geometry.l1_entries_for(spec.size) * 8 > kMaxL1Bytes) {
    return fail(ErrorKind::invalid_argument,
                "The image size is too large (try using a larger cluster size)");
  }
  return {};
}

Result<Choices> parse_choices(const CreateSpec& spec) {
  Choices c;
  CASSIA_TRY(parse_compat(option(spec, "compat", "1.1"), c));
  c.cluster_size = CASSIA_TRY(parse_size(option(spec, "cluster_size", "65536")));
  c.refcount_bits = CASSIA_TRY(parse_size(option(spec, "refcount_bits", "16")));
  c.lazy_refcounts =
      CASSIA_TRY(parse_switch("lazy_refcounts", option(spec, "lazy_refcounts", "off")));
  const std::string compression = option(spec, "compression_type", "zlib");
  if (compression == "zstd") {
    c.compression = Compression::zstd;
  } else if (compression != "zlib") {
    return fail(ErrorKind::invalid_argument, "Invalid compression_type '{}': give zlib or zstd",
                compression);
  }
  c.preallocation = option(spec, "preallocation", "off");
  if (c.preallocation != "off" && c.preallocation != "metadata" && c.preallocation != "falloc" &&
      c.preallocation != "full") {
    return fail(ErrorKind::invalid_argument,
                "Invalid preallocation '{}': give off, metadata, falloc or full", c.preallocation);
  }
  if (CASSIA_TRY(parse_switch("extended_l2", option(spec, "extended_l2", "off")))) {
    return fail(ErrorKind::unsupported, "Cassia cannot make images with extended L2 entries");
  }
  CASSIA_TRY(check_combination(c, spec));
  return c;
}

Header first_header(const Choices& c, const CreateSpec& spec) {
  Header header;
  header.version = c.version;
  header.backing_file = spec.backing_file;
  header.backing_format = spec.backing_file.empty() ? "" : spec.backing_format;
  header.geometry.cluster_bits = static_cast<unsigned>(std::countr_zero(c.cluster_size));
  header.geometry.refcount_order = static_cast<unsigned>(std::countr_zero(c.refcount_bits));
  header.refcount_table_offset = c.cluster_size;
  header.refcount_table_clusters = 1;
  header.compression = c.compression;
  if (c.compression != Compression::zlib) header.incompatible |= kIncompatibleCompression;
  if (c.lazy_refcounts) header.compatible |= kCompatibleLazyRefcounts;
  return header;
}

/// An image of size 0: header, refcount table, one refcount block. Opening and growing it does the
/// rest, by the same code that grows any image.
Result<void> write_seed(BlockDevice& file, const Header& header) {
  const std::uint64_t cluster = header.geometry.cluster_size();
  Bytes start = CASSIA_TRY(build_header(header));
  start.resize(3 * cluster);
  store_be64(&start[cluster], 2 * cluster);
  const MutableByteView block = MutableByteView(start).subspan(2 * cluster);
  for (std::uint64_t used = 0; used < 3; ++used) {
    set_refcount_in(block, used, header.geometry.refcount_order, 1);
  }
  if (file.growable()) CASSIA_TRY(file.resize(0));
  return file.write(0, start);
}

Result<void> fill_preallocated(Qcow2Image& image, BlockDevice& file, const std::string& mode) {
  const std::uint64_t end = CASSIA_TRY(image.preallocate());
  if (end > file.size()) CASSIA_TRY(file.resize(end));
  if (mode == "metadata") return {};
  auto* real = dynamic_cast<FileDevice*>(&file);
  if (real != nullptr) CASSIA_TRY(real->allocate(end));
  if (mode != "full") return {};
  const Bytes zeroes(1u << 20);
  for (std::uint64_t at = 0; at < image.size(); at += zeroes.size()) {
    const std::uint64_t step = std::min<std::uint64_t>(zeroes.size(), image.size() - at);
    CASSIA_TRY(image.write(at, ByteView(zeroes).first(step)));
  }
  return {};
}

}  // namespace

int Driver::probe(ByteView head) const {
  return head.size() >= 8 && load_be32(head.data()) == kMagic && load_be32(&head[4]) >= 2 ? 100 : 0;
}

std::vector<CreateOption> Driver::create_options() const {
  return {{"cluster_size", "65536", "bytes of a cluster, 512 to 2M, a power of two"},
          {"extended_l2", "off", "off; subclusters are not supported"},
          {"preallocation", "", "off, metadata, falloc (reserve the space) or full (write zeroes)"},
          {"compression_type", "zlib", "zlib or zstd, for compressed clusters"},
          {"compat", "", "0.10 (qcow2 version 2) or 1.1 (version 3)"},
          {"lazy_refcounts", "off", "note in the image that refcounts may be postponed"},
          {"refcount_bits", "16", "bits of a reference count, 1 to 64"}};
}

Result<std::unique_ptr<Image>> Driver::open(std::shared_ptr<BlockDevice> file,
                                            const DriverOpenOptions& options) const {
  return Qcow2Image::open(std::move(file), options);
}

Result<void> Driver::check_create(const CreateSpec& spec) const {
  CASSIA_TRY(check_option_names(*this, spec.options));
  const Choices choices = CASSIA_TRY(parse_choices(spec));
  (void)CASSIA_TRY(build_header(first_header(choices, spec)));
  return {};
}

std::vector<std::pair<std::string, std::string>> Driver::describe_create(
    const CreateSpec& spec) const {
  std::vector<std::pair<std::string, std::string>> shown;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) shown.emplace_back(name, value);
  };
  const auto size = parse_size(option(spec, "cluster_size", "65536"));
  add("cluster_size", std::to_string(size.value_or(65536)));
  add("extended_l2", option(spec, "extended_l2", "off"));
  add("preallocation", option(spec, "preallocation", ""));
  add("compression_type", option(spec, "compression_type", "zlib"));
  add("size", std::to_string(spec.size));
  add("compat", option(spec, "compat", ""));
  add("backing_file", spec.backing_file);
  add("backing_fmt", spec.backing_format);
  add("lazy_refcounts", option(spec, "lazy_refcounts", "off"));
  add("refcount_bits", option(spec, "refcount_bits", "16"));
  return shown;
}

Result<void> Driver::create(const std::shared_ptr<BlockDevice>& file,
                            const CreateSpec& spec) const {
  CASSIA_TRY(check_create(spec));
  const Choices choices = CASSIA_TRY(parse_choices(spec));
  CASSIA_TRY(write_seed(*file, first_header(choices, spec)));
  DriverOpenOptions options;
  options.writable = true;
  options.relaxed_sync = true;
  // A fresh image has nothing to read from below.
  options.open_backing = [](const std::string&,
                            const std::string&) -> Result<std::unique_ptr<Image>> {
    return std::unique_ptr<Image>();
  };
  auto image = CASSIA_TRY(open(file, options));
  CASSIA_TRY(image->resize(spec.size));
  if (choices.preallocation != "off") {
    CASSIA_TRY(fill_preallocated(static_cast<Qcow2Image&>(*image), *file, choices.preallocation));
  }
  return image->close();
}

}  // namespace cassia::storage::qcow2
