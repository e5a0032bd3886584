// SPDX-License-Identifier: Apache-2.0
// The stock web client (Debian's spice-html5, unchanged) in a real browser, at the gateway's own
// port.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/interop/link/rig.h"
#include "tests/interop/link/web_server.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

using std::chrono::seconds;

/// A page that shows the client in a frame and sends its canvas, as RGBA behind "WIDTH HEIGHT\n",
/// again and again, for as long as it changes.
std::string watcher(const std::string& client) {
  return R"(<!DOCTYPE html><title>watcher</title>
<iframe id=client width=1200 height=900 src=")" +
         client + R"("></iframe>
<script>
let last = '';
async function look() {
  const inside = document.getElementById('client').contentDocument;
  const canvas = inside && inside.querySelector('#spice-screen canvas');
  if (canvas && canvas.width > 0) {
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const body = new Blob([canvas.width + ' ' + canvas.height + '\n', pixels]);
    await fetch('/canvas', {method: 'POST', body});
  }
  setTimeout(look, 250);
}
look();
</script>)";
}

std::optional<Picture> picture_of(const std::string& body) {
  Picture picture;
  int used = 0;
  if (std::sscanf(body.c_str(), "%d %d%n", &picture.width, &picture.height, &used) != 2) {
    return std::nullopt;
  }
  const std::size_t start = static_cast<std::size_t>(used) + 1;
  const std::size_t pixels =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
  if (body.size() != start + 4 * pixels) return std::nullopt;
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      picture.rgb.push_back(static_cast<std::uint8_t>(body[start + 4 * i + c]));
    }
  }
  return picture;
}

class Html5 : public ::testing::Test {
 protected:
  Result<Process> browse(const std::string& url) {
    x_ = CASSIA_TRY(XServer::start_xvfb());
    ProcessOptions options;
    options.environment = {"DISPLAY=" + x_->display(), "HOME=" + folder_.path().string()};
    return Process::start(
        {"chromium", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--user-data-dir=" + (folder_ / "profile").string(), url},
        options);
  }

  TemporaryFolder folder_;
  std::unique_ptr<XServer> x_;
};

TEST_F(Html5, TheStockPageShowsTheGuest) {
  Credentials credentials;
  auto server = DemoServer::start(
      credentials,
      {"--password-file", credentials.file("password", "html5"), "--log-level", "debug"});
  ASSERT_TRUE(server) << server.error().message();
  const std::string client =
      fmt::format("/spice_auto.html?host=127.0.0.1&port={}&password=html5", (*server)->port());
  auto web = WebServer::start("/usr/share/spice-html5", {{"/watch", watcher(client)}});
  ASSERT_TRUE(web) << web.error().message();

  auto browser = browse((*web)->url("/watch"));
  ASSERT_TRUE(browser) << browser.error().message();
  // The page fits the guest's screen to its window, through the agent: what is expected may change.
  std::optional<Picture> seen;
  auto expected = (*server)->authoritative();
  const bool shown = wait_until(
      [&] {
        const auto body = (*web)->posted("/canvas");
        if (body) seen = picture_of(*body);
        expected = (*server)->authoritative();
        return seen && expected && seen->colours() >= 50 && *seen == *expected;
      },
      seconds(60));
  if (!shown && seen && expected) {
    EXPECT_TRUE(same_picture(*seen, *expected, "html5"));
  }
  EXPECT_TRUE(shown) << "gateway: " << (*server)->process().errors()
                     << "\nbrowser: " << browser->errors();
}

}  // namespace
}  // namespace cassia::test
