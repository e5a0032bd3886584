// SPDX-License-Identifier: Apache-2.0
#include "render/codec/decode_pool.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "render/codec/encode.h"
#include "render/codec/glz_encode.h"
#include "tests/unit/codec/pictures.h"

namespace cassia::codec {
namespace {

using raster::Bitmap;
using raster::EncodedImage;
using raster::ImageCodec;
using test::Scene;

/// The thread that owns the lanes: runs what the pool posts, when the test says so.
class Owner {
 public:
  DecodePool::Post post() {
    return [this](std::function<void()> call) {
      const std::lock_guard lock(mutex_);
      calls_.push_back(std::move(call));
      arrived_.notify_all();
    };
  }
  /// Runs what is posted until `done`.
  template <class Done>
  void run_until(Done done) {
    while (!done()) {
      std::vector<std::function<void()>> calls;
      {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return !calls_.empty(); });
        calls.swap(calls_);
      }
      for (const auto& call : calls) call();
    }
  }
  void run_until_ready(const std::vector<PendingImagePtr>& images) {
    for (const PendingImagePtr& image : images) run_until([&] { return image->ready(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::function<void()>> calls_;
};

std::unique_ptr<DecodePool> pool_of(unsigned threads,
                                    std::size_t ahead = DecodePool::default_ahead_bytes) {
  auto pool = DecodePool::create(threads, ahead);
  EXPECT_TRUE(pool) << pool.error().message();
  return std::move(*pool);
}

EncodedImage quic_of(Scene scene, raster::Size size = {200, 100}) {
  return encode_quic(test::draw(scene, size)).value();
}

EncodedImage broken() {
  EncodedImage image = quic_of(Scene::photo);
  image.data = image.data.slice(0, image.data.size() / 2);
  return image;
}

void expect_pixels(const PendingImagePtr& image, const Bitmap& source) {
  ASSERT_TRUE(image->ready());
  ASSERT_TRUE(image->result()) << image->result().error().message();
  EXPECT_TRUE(same_pixels(**image->result(), source));
}

/// Pictures of which each repeats much of the one before, as a server's GLZ encoder sends them.
class GlzSequence {
 public:
  explicit GlzSequence(raster::Size size = {200, 100})
      : size_(size), encoder_(GlzDictionary::create(1 << 22).value()) {}
  EncodedImage next() {
    pictures.push_back(test::draw(test::all_scenes[pictures.size() % 3], size_));
    return encoder_.encode(pictures.back()).value();
  }
  std::vector<Bitmap> pictures;

 private:
  raster::Size size_;
  GlzEncoder encoder_;
};

EncodedImage damaged(EncodedImage image) {
  // The header stays.
  image.data = SharedBytes(to_bytes(image.data.view().first(image.data.size() / 2)));
  return image;
}

class DecodePoolOf : public ::testing::TestWithParam<unsigned> {
 protected:
  Owner owner;
  std::unique_ptr<DecodePool> pool = pool_of(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Threads, DecodePoolOf, ::testing::Values(1u, 2u, 4u));

TEST_P(DecodePoolOf, GivesThePixelsOfEveryImage) {
  const auto lane = pool->lane(owner.post());
  std::vector<PendingImagePtr> images;
  std::vector<Bitmap> sources;
  for (int round = 0; round < 5; ++round) {
    for (const Scene scene : test::all_scenes) {
      sources.push_back(test::draw(scene, {200, 100}));
      images.push_back(lane->decode(*encode_quic(sources.back()), {}));
      sources.push_back(test::draw(scene, {90, 120}));
      images.push_back(lane->decode(*encode_lz(sources.back()), {}));
    }
  }
  owner.run_until_ready(images);
  for (std::size_t i = 0; i < images.size(); ++i) expect_pixels(images[i], sources[i]);
  EXPECT_GT(lane->decode_time().count(), 0);
}

TEST_P(DecodePoolOf, BytesOfTheCallerAreFreeAfterTheCall) {
  const auto lane = pool->lane(owner.post());
  std::vector<PendingImagePtr> images;
  for (int i = 0; i < 8; ++i) {
    const EncodedImage coded = quic_of(Scene::text);
    Bytes bytes = to_bytes(coded.data.view());
    EncodedImage borrowed = coded;
    borrowed.data = SharedBytes(nullptr, bytes);
    images.push_back(lane->decode(borrowed, {}));
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0xee});
  }
  owner.run_until_ready(images);
  const Bitmap source = test::draw(Scene::text, {200, 100});
  for (const auto& image : images) expect_pixels(image, source);
}

TEST_P(DecodePoolOf, ABadImageFailsAloneAndOthersComeOut) {
  const auto lane = pool->lane(owner.post());
  std::vector<PendingImagePtr> images;
  for (int i = 0; i < 12; ++i) {
    images.push_back(lane->decode(i % 3 == 1 ? broken() : quic_of(Scene::photo), {}));
  }
  owner.run_until_ready(images);
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(images[static_cast<std::size_t>(i)]->result().has_value(), i % 3 != 1) << i;
}

TEST_P(DecodePoolOf, SmallImagesAreReadyAtOnce) {
  const auto lane = pool->lane(owner.post());
  const Bitmap source = test::draw(Scene::ui, {16, 16});
  expect_pixels(lane->decode(*encode_quic(source), {}), source);
}

TEST_P(DecodePoolOf, GlzImagesOfAChannelFindThoseBefore) {
  const auto lane = pool->lane(owner.post());
  lane->set_glz_window(std::make_shared<GlzWindow>(1 << 22));
  GlzSequence sequence;
  std::vector<PendingImagePtr> images, others;
  for (int i = 0; i < 30; ++i) {
    images.push_back(lane->decode(sequence.next(), {}));
    others.push_back(lane->decode(quic_of(Scene::gradient), {}));
  }
  owner.run_until_ready(images);
  owner.run_until_ready(others);
  for (std::size_t i = 0; i < images.size(); ++i) expect_pixels(images[i], sequence.pictures[i]);
}

TEST_P(DecodePoolOf, AGlzImageThatRefersToABadOneFailsAndTheRestGoesOn) {
  const auto lane = pool->lane(owner.post());
  const auto window = std::make_shared<GlzWindow>(1 << 22);
  lane->set_glz_window(window);
  GlzSequence sequence;
  std::vector<PendingImagePtr> images;
  images.push_back(lane->decode(sequence.next(), {}));
  images.push_back(lane->decode(damaged(sequence.next()), {}));
  for (int i = 2; i < 9; ++i) images.push_back(lane->decode(sequence.next(), {}));
  owner.run_until_ready(images);
  EXPECT_TRUE(images[0]->result());
  EXPECT_FALSE(images[1]->result());
  EXPECT_FALSE(images[4]->result()) << "the same scene as 1, which it refers to";
  expect_pixels(images[2], sequence.pictures[2]);
  EXPECT_EQ(window->first_missing(), 9u) << "the window waits for nothing";
}

TEST_P(DecodePoolOf, GlzImagesWaitForThoseOfOtherChannels) {
  const auto window = std::make_shared<GlzWindow>(1 << 22);
  const auto left = pool->lane(owner.post()), right = pool->lane(owner.post());
  left->set_glz_window(window);
  right->set_glz_window(window);
  GlzSequence sequence;
  std::vector<EncodedImage> coded;
  for (int i = 0; i < 24; ++i) coded.push_back(sequence.next());
  // Even ones over one connection, odd ones over the other, which lags behind.
  std::vector<PendingImagePtr> even, odd;
  for (std::size_t i = 0; i < coded.size(); i += 2) even.push_back(left->decode(coded[i], {}));
  const PendingImagePtr alone = left->decode(quic_of(Scene::photo), {});
  owner.run_until_ready({even[0], alone});  // who waits holds no thread
  EXPECT_FALSE(even.back()->ready());
  for (std::size_t i = 1; i < coded.size(); i += 2) odd.push_back(right->decode(coded[i], {}));
  owner.run_until_ready(even);
  owner.run_until_ready(odd);
  for (std::size_t i = 0; i < coded.size(); ++i) {
    expect_pixels((i % 2 == 0 ? even : odd)[i / 2], sequence.pictures[i]);
  }
}

TEST_P(DecodePoolOf, WaitingForAnotherChannelEndsWhenThatIsPastTheImage) {
  const auto window = std::make_shared<GlzWindow>(1 << 22);
  const auto left = pool->lane(owner.post()), right = pool->lane(owner.post());
  left->set_glz_window(window);
  right->set_glz_window(window);
  GlzSequence sequence;
  const auto right_first = right->decode(sequence.next(), {});
  owner.run_until_ready({right_first});
  sequence.next();  // image 1 is never delivered, say because its header was damaged
  sequence.next();
  sequence.next();
  const auto waits = left->decode(sequence.next(), {});  // image 4 refers to 1
  const auto past = right->decode(sequence.next(), {});  // image 5
  owner.run_until_ready({waits});
  EXPECT_FALSE(waits->result());
}

TEST_P(DecodePoolOf, WaitingForAnotherChannelEndsWithThatOneOrWithFinish) {
  for (const bool finish : {false, true}) {
    const auto window = std::make_shared<GlzWindow>(1 << 22);
    const auto left = pool->lane(owner.post());
    auto right = pool->lane(owner.post());
    left->set_glz_window(window);
    right->set_glz_window(window);
    GlzSequence sequence;
    sequence.next();
    const auto before = left->decode(quic_of(Scene::photo), {});
    const auto next = left->decode(sequence.next(), {});
    for (int i = 0; i < 2; ++i) sequence.next();
    const auto waits = left->decode(sequence.next(), {});
    const auto behind = left->decode(sequence.next(), {});
    if (finish) {
      left->finish();
      EXPECT_TRUE(before->ready() && next->ready() && waits->ready() && behind->ready());
    } else {
      right.reset();
      owner.run_until_ready({before, waits, behind});
    }
    EXPECT_TRUE(before->result());
  }
}

TEST_P(DecodePoolOf, FinishWaitsForEverything) {
  const auto lane = pool->lane(owner.post());
  std::vector<PendingImagePtr> images;
  for (int i = 0; i < 20; ++i) images.push_back(lane->decode(quic_of(Scene::text), {}));
  lane->finish();
  for (const auto& image : images) EXPECT_TRUE(image->ready() && image->result());
}

TEST_P(DecodePoolOf, LanesEndWithImagesUnderWay) {
  std::atomic<int> calls = 0;
  for (int round = 0; round < 20; ++round) {
    auto lane = pool->lane(owner.post());
    lane->set_on_ready([&] { ++calls; });
    for (int i = 0; i < 4; ++i) lane->decode(quic_of(Scene::text), {});
    lane.reset();
  }
  const auto lane = pool->lane(owner.post());
  owner.run_until_ready({lane->decode(quic_of(Scene::text), {})});
  EXPECT_EQ(calls, 0) << "a lane that is gone is not told anything";
}

TEST_P(DecodePoolOf, StopsWithImagesUnderWay) {
  const auto window = std::make_shared<GlzWindow>(1 << 22);
  const auto lane = pool->lane(owner.post()), other = pool->lane(owner.post());
  lane->set_glz_window(window);
  other->set_glz_window(window);
  GlzSequence sequence;
  sequence.next();
  for (int i = 0; i < 2; ++i) sequence.next();
  std::vector<PendingImagePtr> images = {lane->decode(sequence.next(), {})};
  for (int i = 0; i < 30; ++i) images.push_back(lane->decode(quic_of(Scene::photo), {}));
  pool->stop();
  for (const auto& image : images) {
    ASSERT_TRUE(image->ready());
    if (!image->result()) {
      EXPECT_EQ(image->result().error().kind(), ErrorKind::canceled);
    }
  }
  pool.reset();
  expect_pixels(lane->decode(quic_of(Scene::photo), {}), test::draw(Scene::photo, {200, 100}));
  lane->finish();
}

TEST(DecodePool, DecodesNoFurtherAheadThanItMay) {
  const std::size_t one = 200 * 100 * 4;
  const auto pool = pool_of(1, one);
  Owner owner;
  const auto lane = pool->lane(owner.post()), other = pool->lane(owner.post());
  std::vector<PendingImagePtr> images;
  for (int i = 0; i < 6; ++i) images.push_back(lane->decode(quic_of(Scene::photo), {}));
  // A draw has up to three images: so many must always get ready.
  owner.run_until_ready({images[0], images[1], images[2]});
  owner.run_until_ready({other->decode(quic_of(Scene::photo), {})});
  EXPECT_FALSE(images[3]->ready()) << "the only thread took a later one of another lane";
  images[0]->release();
  owner.run_until_ready({images[3]});
  owner.run_until_ready({other->decode(quic_of(Scene::photo), {})});
  EXPECT_FALSE(images[4]->ready());
  images.clear();  // nobody wants them: as good as released
  owner.run_until_ready({lane->decode(quic_of(Scene::photo), {})});
}

TEST(DecodePool, TellsOnceForSeveral) {
  const auto pool = pool_of(2);
  Owner owner;
  const auto lane = pool->lane(owner.post());
  int calls = 0;
  lane->set_on_ready([&] { ++calls; });
  std::vector<PendingImagePtr> images;
  for (int i = 0; i < 10; ++i) images.push_back(lane->decode(quic_of(Scene::photo), {}));
  lane->finish();
  owner.run_until([&] { return calls > 0; });
  EXPECT_LE(calls, 2);
}

TEST(DecodePool, RefusesImpossibleNumbersOfThreads) {
  EXPECT_FALSE(DecodePool::create(0));
  EXPECT_FALSE(DecodePool::create(DecodePool::most_threads + 1));
  EXPECT_GE(DecodePool::processors(), 1u);
}

TEST(InlineLane, DecodesAtOnce) {
  const auto lane = make_inline_lane();
  lane->set_glz_window(std::make_shared<GlzWindow>(1 << 22));
  GlzSequence sequence;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto image = lane->decode(sequence.next(), {});
    expect_pixels(image, sequence.pictures[i]);
  }
  const auto bad = lane->decode(broken(), {});
  ASSERT_TRUE(bad->ready());
  EXPECT_EQ(bad->result().error().kind(), ErrorKind::malformed);
}

}  // namespace
}  // namespace cassia::codec
