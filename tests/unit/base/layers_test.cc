// SPDX-License-Identifier: Apache-2.0
// The dependency rule of ARCHITECTURE.md, held against the #include lines of the tree.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace cassia {
namespace {

namespace fs = std::filesystem;

// Which rooms (folders) a room may include, besides itself and base/.
const std::map<std::string, std::set<std::string>>& rule() {
  static const std::map<std::string, std::set<std::string>> allowed = {
      {"base", {}},
      {"protocol/wire", {}},
      {"protocol/spice", {"protocol/wire"}},
      {"protocol/registry", {}},
      {"protocol/recording", {"protocol/wire", "protocol/spice", "protocol/json"}},
      {"protocol/json", {}},
      {"protocol/qmp", {"protocol/wire", "protocol/json"}},
      {"protocol/storage", {"protocol/wire", "protocol/json"}},
      {"net", {}},
      {"render", {}},
      {"channels", {"protocol/wire", "protocol/spice", "render/raster", "render/codec"}},
      {"storage", {"net", "protocol/wire", "protocol/json", "protocol/qmp", "protocol/storage"}},
      {"dial", {"channels", "net", "protocol/spice"}},
      {"server",
       {"channels", "dial", "net", "render", "storage", "protocol/spice", "protocol/json",
        "protocol/storage"}},
      {"server/guest/dbus",
       {"server/guest", "channels", "net", "render/raster", "protocol/spice", "protocol/qmp"}},
      {"client",
       {"channels", "dial", "net", "render", "storage", "protocol/spice", "protocol/json",
        "protocol/storage"}},
  };
  return allowed;
}

bool starts_with_folder(const std::string& path, const std::string& folder) {
  return path.compare(0, folder.size() + 1, folder + "/") == 0;
}

std::string room_of(const std::string& path) {
  std::string best;
  for (const auto& [room, allowed] : rule()) {
    if (starts_with_folder(path, room) && room.size() > best.size()) best = room;
  }
  return best;
}

bool may_include(const std::string& room, const std::string& header) {
  if (starts_with_folder(header, "base") || starts_with_folder(header, room)) return true;
  for (const auto& other : rule().at(room)) {
    if (starts_with_folder(header, other)) return true;
  }
  return false;
}

// What one room alone may include: libraries that are kept behind an interface.
const std::map<std::string, std::string>& private_libraries() {
  static const std::map<std::string, std::string> rooms = {{"sasl/", "channels/sasl"},
                                                           {"systemd/", "server/guest/dbus"},
                                                           {"boost/beast", "net"}};
  return rooms;
}

// "x.h" of every #include "x.h"; with '<', those of the system.
std::set<std::string> includes_of(const fs::path& file, char open = '"') {
  std::set<std::string> headers;
  std::ifstream in(file);
  const std::string start = std::string("#include ") + open;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(start, 0) != 0) continue;
    const auto end = line.find(open == '<' ? '>' : '"', 10);
    headers.insert(line.substr(10, end - 10));
  }
  return headers;
}

TEST(Layers, IncludesOnlyGoDownwards) {
  const fs::path top = CASSIA_SOURCE_DIR;
  int files = 0;
  for (const char* folder :
       {"base", "protocol", "net", "render", "channels", "dial", "storage", "server", "client"}) {
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      const std::string path = fs::relative(entry.path(), top).string();
      const std::string room = room_of(path);
      ASSERT_FALSE(room.empty()) << path << " lies in no room of the rule";
      ++files;
      for (const auto& header : includes_of(entry.path())) {
        EXPECT_TRUE(may_include(room, header)) << path << " may not include " << header;
      }
      for (const auto& header : includes_of(entry.path(), '<')) {
        for (const auto& [library, owner] : private_libraries()) {
          if (header.rfind(library, 0) != 0) continue;
          EXPECT_TRUE(starts_with_folder(path, owner)) << path << " may not include " << header;
        }
      }
    }
  }
  EXPECT_GT(files, 10);
}

}  // namespace
}  // namespace cassia
