// SPDX-License-Identifier: Apache-2.0
#include "client/app/panel_picture.h"

#include "client/ui/cpu_renderer.h"
#include "client/ui/gui.h"
#include "client/ui/storage_panel.h"

namespace cassia::client {

Result<void> draw_panel(raster::Bitmap& picture, StorageModel& model) {
  const auto gui = CASSIA_TRY(Gui::create());
  const CpuRenderer renderer = CASSIA_TRY(CpuRenderer::create());
  StoragePanel panel(model);
  bool open = true;
  const SteadyClock clock;
  // Dear ImGui lays tables out in the frame after it has seen their contents.
  for (int frame = 0; frame < 3; ++frame) {
    gui->begin_frame(picture.size(), clock.now());
    panel.draw(open);
    const ImDrawData& data = gui->end_frame();
    if (frame == 2)
      renderer.render(data, picture, raster::Region(raster::Rect::of(picture.size())));
  }
  return {};
}

}  // namespace cassia::client
