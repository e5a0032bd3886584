// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "render/video/stream_decoder.h"

namespace cassia::raster {

std::unique_ptr<StreamDecoder> make_mjpeg_decoder();
Result<std::unique_ptr<StreamDecoder>> make_gstreamer_decoder(VideoCodec codec, bool planes);
Result<void> check_gstreamer_decoder(VideoCodec codec);

}  // namespace cassia::raster
