// SPDX-License-Identifier: Apache-2.0
// "Xspice running x11perf: after each operation the viewer's picture equals xwd -root of the
// server", on cairo and gl at once. One of each family; with CASSIA_X11PERF=all
// (scripts/x11perf-all) every operation that x11perf has, which takes minutes. CASSIA_X11PERF="-dot
// -rect10" names some.

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "tests/interop/xspice/live_viewer.h"
#include "tests/support/programs.h"
#include "tests/support/x_server.h"

namespace cassia::test {
namespace {

/// Of each way to draw the size that shows most of it.
const std::vector<std::string> chosen = {
    "-bigosrect100",  "-ddseg100",         "-wddline100",    "-fspcircle100", "-fcpellipse100",
    "-oddostrap100",  "-aatrap100",        "-polytext16",    "-aa24text",     "-scroll500",
    "-copypixwin100", "-deepcopyplane100", "-putimagexy100", "-shmput500",    "-compwinwin100",
    "-magpixwin100",  "-movetree",         "-ucirculate"};

/// Every operation, from the list in its help: lines of "    -name    what it does", from -dot on.
std::vector<std::string> every_operation() {
  std::vector<std::string> names;
  const auto help = run({"x11perf", "-help"});
  if (!help) return names;
  std::istringstream lines(help->output + help->errors);
  for (std::string line; std::getline(lines, line);) {
    std::string name;
    std::istringstream(line) >> name;
    if (name == "-dot" || (!names.empty() && name.starts_with("-"))) names.push_back(name);
  }
  return names;
}

std::vector<std::string> operations() {
  const char* wish = std::getenv("CASSIA_X11PERF");
  if (wish == nullptr || *wish == '\0') return chosen;
  if (std::string(wish) == "all") return every_operation();
  std::vector<std::string> names;
  std::istringstream words(wish);
  for (std::string word; words >> word;) names.push_back(word);
  return names;
}

TEST(X11perf, AfterEachOperationBothCanvasesShowTheScreen) {
  // Pictures without losses: no video streams, no JPEG.
  auto x = XServer::start_xspice(
      1024, 768, {"XSPICE_STREAMING_VIDEO=off", "XSPICE_JPEG_WAN_COMPRESSION=never"});
  ASSERT_TRUE(x) << x.error().message();
  auto viewer = LiveViewer::start((*x)->spice_port(),
                                  {client::RendererChoice::cairo, client::RendererChoice::gl});
  ASSERT_TRUE(viewer) << viewer.error().message();
  const auto names = operations();
  ASSERT_FALSE(names.empty());
  std::size_t equal = 0;
  std::vector<std::string> refused;
  for (const std::string& name : names) {
    // It says what it measured, then pauses with its window on the screen until it is ended.
    auto perf = (*x)->client(
        {"stdbuf", "-oL", "x11perf", "-repeat", "1", "-reps", "1", "-pause", "1000", name});
    ASSERT_TRUE(perf) << perf.error().message();
    const auto has_drawn = [&] { return perf->output().find(" reps @ ") != std::string::npos; };
    ASSERT_TRUE((*viewer)->pump_until([&] { return has_drawn() || !perf->running(); },
                                      std::chrono::seconds(60)))
        << name << ": " << perf->output() << perf->errors();
    if (!has_drawn()) {
      refused.push_back(name);
      continue;
    }
    const auto shown = (*viewer)->shows([&] { return (*x)->screen(); }, "x11perf" + name);
    EXPECT_TRUE(shown) << name;
    equal += shown ? 1 : 0;
    if (names.size() > chosen.size()) {  // a long run says where it is
      std::printf("%s %s\n", name.c_str(), shown ? "equal" : "DIFFERS");
      std::fflush(stdout);
    }
  }
  EXPECT_EQ((*viewer)->failed_draws(), 0u);
  // Those that x11perf cannot do on this server say nothing about us, but most it can.
  EXPECT_LT(refused.size() * 10, names.size());
  std::string list;
  for (const std::string& name : refused) list += " " + name;
  std::printf("x11perf: %zu operations, %zu equal, %zu not done by x11perf here:%s (%llu draws)\n",
              names.size(), equal, refused.size(), list.c_str(),
              static_cast<unsigned long long>((*viewer)->draws()));
}

}  // namespace
}  // namespace cassia::test
