// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/audio/sound.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "base/file.h"
#include "channels/audio/wav.h"
#include "tests/unit/channels/audio_tools.h"

namespace cassia::test {
namespace {

constexpr std::size_t piece = 240;  // samples
constexpr std::size_t most_misses = 5000;
constexpr std::size_t window = 4800;     // 50 ms
constexpr std::size_t coarse = 8;        // samples: 4 frames
constexpr std::size_t far = 10 * 48000;  // how much of `said` may be missing at once

bool same(std::span<const std::int16_t> a, std::size_t at, std::span<const std::int16_t> b,
          std::size_t bt) {
  return std::equal(a.begin() + static_cast<long>(at), a.begin() + static_cast<long>(at + piece),
                    b.begin() + static_cast<long>(bt));
}

/// Where in `said`, from `from` on, the piece at `at` of `heard` is; said.size(): nowhere near.
std::size_t find(std::span<const std::int16_t> said, std::size_t from, std::size_t reach,
                 std::span<const std::int16_t> heard, std::size_t at) {
  const std::size_t end = std::min(said.size(), from + reach);
  for (std::size_t i = from; i + piece <= end; i += 2) {
    if (said[i] == heard[at] && same(said, i, heard, at)) return i;
  }
  return said.size();
}

bool silent(std::span<const std::int16_t> samples) {
  return std::all_of(samples.begin(), samples.end(), [](std::int16_t s) { return s == 0; });
}

double energy(std::span<const std::int16_t> samples) {
  double sum = 0;
  for (const std::int16_t s : samples) sum += double{1} * s * s;
  return sum / static_cast<double>(samples.size());
}

/// Where in `said` the window `part` fits best, looking at every fourth sample of the left channel.
std::size_t roughly(std::span<const std::int16_t> said, std::span<const std::int16_t> part) {
  double most = 0;
  std::size_t where = 0;
  for (std::size_t shift = 0; shift + window <= said.size(); shift += coarse) {
    std::int64_t product = 0, power = 1;
    for (std::size_t i = 0; i < window; i += coarse) {
      const std::int64_t s = said[shift + i];
      product += s * part[i];
      power += s * s;
    }
    if (product <= 0) continue;
    const double fit = static_cast<double>(product) / std::sqrt(static_cast<double>(power));
    if (fit > most) {
      most = fit;
      where = shift;
    }
  }
  return where;
}

}  // namespace

Sound noise(std::size_t frames) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> sample(-12000, 12000);
  Sound out(2 * frames);
  for (auto& s : out) s = static_cast<std::int16_t>(sample(random));
  return out;
}

Sound rising(std::size_t frames) { return sweep(frames); }

Match exact_match(std::span<const std::int16_t> said, std::span<const std::int16_t> heard) {
  Match match;
  std::size_t next = 0;  // in `said`
  std::size_t first = heard.size(), last = 0;
  std::size_t found_samples = 0, misses = 0;
  for (std::size_t at = 0; at + piece <= heard.size();) {
    if (silent(heard.subspan(at, piece))) {
      at += 2;
      continue;
    }
    const std::size_t reach = first == heard.size() ? said.size() : far;
    const std::size_t where = find(said, next, reach, heard, at);
    if (where == said.size()) {
      if (++misses > most_misses) break;  // it is another sound
      at += 2;  // silence, or the seam where something is missing: look a frame further
      continue;
    }
    if (first == heard.size()) first = at;
    if (where != next && found_samples != 0) ++match.gaps;
    found_samples += piece;
    next = where + piece;
    at += piece;
    last = at;
  }
  match.frames = found_samples / 2;
  if (last > first) {
    match.share = static_cast<double>(found_samples) / static_cast<double>(last - first);
  }
  return match;
}

double likeness(std::span<const std::int16_t> said, std::span<const std::int16_t> heard) {
  std::vector<double> best;
  for (std::size_t at = 0; at + window <= heard.size(); at += 2 * window) {  // enough of them
    const auto part = heard.subspan(at, window);
    if (energy(part) < 10000) continue;
    // Where about, then exactly.
    const std::size_t near = roughly(said, part);
    double most = 0;
    const std::size_t end = std::min(near + 2 * coarse, said.size() - window + 1);
    for (std::size_t shift = near < 2 * coarse ? 0 : near - 2 * coarse; shift < end; shift += 2) {
      most = std::max(most, correlation(part, said, shift));
    }
    best.push_back(most);
  }
  if (best.empty()) return 0;
  std::nth_element(best.begin(), best.begin() + static_cast<long>(best.size() / 2), best.end());
  return best[best.size() / 2];
}

Result<void> write_raw(const std::filesystem::path& file, std::span<const std::int16_t> sound) {
  return write_file_atomically(file, channels::wire_of(sound));
}

Result<Sound> read_raw(const std::filesystem::path& file) {
  return channels::samples_of(CASSIA_TRY(read_file(file)));
}

Result<void> write_wav(const std::filesystem::path& file, std::span<const std::int16_t> sound) {
  Bytes bytes = channels::wav_header({2, 48000}, static_cast<std::uint32_t>(2 * sound.size()));
  const Bytes data = channels::wire_of(sound);
  bytes.insert(bytes.end(), data.begin(), data.end());
  return write_file_atomically(file, bytes);
}

Result<Sound> read_wav(const std::filesystem::path& file) {
  const Bytes bytes = CASSIA_TRY(read_file(file));
  return CASSIA_TRY(channels::parse_wav(bytes)).samples;
}

}  // namespace cassia::test
