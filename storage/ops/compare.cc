// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/compare.h"

#include <algorithm>

namespace cassia::storage {
namespace {

constexpr std::uint64_t kStep = 1u << 20;

class Comparer {
 public:
  Comparer(Image& first, Image& second, bool strict, Progress& progress)
      : first_(first), second_(second), strict_(strict), progress_(progress) {}

  Result<CompareOutcome> run() {
    const std::uint64_t shorter = std::min(first_.size(), second_.size());
    const std::uint64_t longer = std::max(first_.size(), second_.size());
    if (shorter != longer && strict_) {
      outcome_.sizes_differ = true;
      outcome_.verdict = CompareVerdict::size_differs;
      return outcome_;
    }
    progress_.set_total(longer);
    for (std::uint64_t at = 0; at < shorter && same();) {
      const std::uint64_t step = CASSIA_TRY(compare_at(at, shorter - at));
      CASSIA_TRY(progress_.advance(step));
      at += step;
    }
    outcome_.sizes_differ = same() && shorter != longer;
    Image& rest = first_.size() > second_.size() ? first_ : second_;
    for (std::uint64_t at = shorter; at < longer && same();) {
      const std::uint64_t step = CASSIA_TRY(expect_zero(rest, at, longer - at));
      CASSIA_TRY(progress_.advance(step));
      at += step;
    }
    return outcome_;
  }

 private:
  bool same() const { return outcome_.verdict == CompareVerdict::identical; }
  void differ(CompareVerdict verdict, std::uint64_t offset) {
    outcome_.verdict = verdict;
    outcome_.offset = offset;
  }

  Result<std::uint64_t> compare_at(std::uint64_t at, std::uint64_t most) {
    const Extent a = CASSIA_TRY(first_.extent(at, most));
    const Extent b = CASSIA_TRY(second_.extent(at, a.length));
    std::uint64_t length = b.length;
    if (strict_ && (a.allocated != b.allocated || a.data != b.data)) {
      differ(CompareVerdict::allocation_differs, at);
      return length;
    }
    if (a.zero && b.zero) return length;
    if (a.zero) return expect_zero(second_, at, length);
    if (b.zero) return expect_zero(first_, at, length);
    length = std::min(length, kStep);
    left_.resize(length);
    right_.resize(length);
    CASSIA_TRY(first_.read(at, left_));
    CASSIA_TRY(second_.read(at, right_));
    const auto where = std::mismatch(left_.begin(), left_.end(), right_.begin()).first;
    if (where != left_.end()) {
      differ(CompareVerdict::content_differs,
             at + static_cast<std::uint64_t>(where - left_.begin()));
    }
    return length;
  }

  Result<std::uint64_t> expect_zero(Image& image, std::uint64_t at, std::uint64_t most) {
    const Extent found = CASSIA_TRY(image.extent(at, most));
    if (found.zero) return found.length;
    const std::uint64_t length = std::min(found.length, kStep);
    left_.resize(length);
    CASSIA_TRY(image.read(at, left_));
    const auto where = std::find_if(left_.begin(), left_.end(), [](auto b) { return b != 0; });
    if (where != left_.end()) {
      differ(CompareVerdict::content_differs,
             at + static_cast<std::uint64_t>(where - left_.begin()));
    }
    return length;
  }

  Image& first_;
  Image& second_;
  bool strict_;
  Progress& progress_;
  CompareOutcome outcome_;
  Bytes left_;
  Bytes right_;
};

Result<OpenedImage> open_side(const ImageEnvironment& environment, const std::string& path,
                              const std::string& format, bool force_share) {
  OpenSpec open;
  open.path = path;
  open.format = format;
  open.force_share = force_share;
  return open_image(environment, open);
}

}  // namespace

Result<CompareOutcome> compare_images(const ImageEnvironment& environment, const CompareSpec& spec,
                                      Progress& progress) {
  const OpenedImage first =
      CASSIA_TRY(open_side(environment, spec.first, spec.first_format, spec.force_share));
  const OpenedImage second =
      CASSIA_TRY(open_side(environment, spec.second, spec.second_format, spec.force_share));
  return Comparer(*first.image, *second.image, spec.strict, progress).run();
}

}  // namespace cassia::storage
