// SPDX-License-Identifier: Apache-2.0
#include "client/session/video_stream.h"

namespace cassia::client {

using Outcome = VideoFrame::Outcome;

void VideoStream::decode(VideoFrame& frame) {
  const bool late = frame.frame.late || (frame.due && clock_.now() > *frame.due);
  late_in_a_row_ = late ? late_in_a_row_ + 1 : 0;
  const bool left_out = late && late_in_a_row_ % shown_of_late != 0;
  if (left_out) frame.outcome = Outcome::late;
  if (left_out && !decoder_->needs_every_frame()) return;
  const auto before = thread_cpu_time();
  frame.frame.data = frame.data.view();
  auto picture = decoder_->decode(frame.frame);
  decode_ns_ += (thread_cpu_time() - before).count();
  if (!picture) {
    frame.outcome = Outcome::failed;
    frame.error = picture.error();
  } else if (!left_out && picture->empty()) {
    frame.outcome = Outcome::hidden;
  } else if (!left_out) {
    frame.outcome = Outcome::shown;
    frame.planes = std::move(picture->planes);
    if (!frame.planes) {
      frame.picture = std::make_shared<raster::Bitmap>(std::move(picture->pixels));
    }
  }
}

}  // namespace cassia::client
