// SPDX-License-Identifier: Apache-2.0
#include "client/session/connection_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cassia::client {
namespace {

TEST(ConnectionFile, ReadsWhatAManagementToolWrites) {
  const auto file = parse_connection_file(
      "# made by a tool\r\n"
      "[other]\nhost=wrong\n"
      "[virt-viewer]\n"
      "type = spice\nhost=vm.example\nport=5900\ntls-port=5901\npassword=a=b c\n"
      "ca=-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n\n"
      "host-subject=O=Example,CN=vm\ntitle=My VM\nusername=ada\n"
      "secure-channels=main;inputs;\nproxy=http://"
      "me:pw%40@proxy.example:8080\nfullscreen=1\ndelete-this-file=0\n");
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->address, (net::Address{net::Transport::tcp, "vm.example", 5900, {}}));
  EXPECT_EQ(file->tls_address, (net::Address{net::Transport::tls, "vm.example", 5901, {}}));
  EXPECT_EQ(file->secure_channels, (std::vector<std::string>{"main", "inputs"}));
  EXPECT_EQ(file->proxy, (net::Proxy{false, "proxy.example", 8080, "me", "pw@"}));
  EXPECT_EQ(file->user, "ada");
  EXPECT_EQ(file->password, "a=b c");
  EXPECT_EQ(file->ca_pem, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  EXPECT_EQ(file->host_subject, "O=Example,CN=vm");
  EXPECT_EQ(file->title, "My VM");
  EXPECT_TRUE(file->fullscreen);
  EXPECT_FALSE(file->delete_this_file);
}

TEST(ConnectionFile, PlainPortAndUnixPath) {
  const auto tcp =
      parse_connection_file("[virt-viewer]\ntype=spice\nhost=::1\nport=5900\ntls-port=-1\n");
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->address.transport, net::Transport::tcp);
  EXPECT_EQ(tcp->address.port, 5900);
  const auto unix_socket =
      parse_connection_file("[virt-viewer]\ntype=spice\nunix-path=/run/vm.sock\n");
  ASSERT_TRUE(unix_socket);
  EXPECT_EQ(unix_socket->address.path, "/run/vm.sock");
}

TEST(ConnectionFile, WhatTheGuestShallLeaveOut) {
  const std::string head = "[virt-viewer]\ntype=spice\nhost=::1\nport=5900\n";
  const auto look = [&](const std::string& keys) {
    return parse_connection_file(head + keys)->guest_look;
  };
  EXPECT_EQ(look(""), spice::AgentDisplayConfig{});
  EXPECT_EQ(look("disable-effects=wallpaper;font-smooth;\ncolor-depth=32\n"),
            (spice::AgentDisplayConfig{11, 32}));
  EXPECT_EQ(look("disable-effects=glass\ncolor-depth=24\n"), spice::AgentDisplayConfig{});
}

TEST(ConnectionFile, SaysWhatIsWrong) {
  const auto message = [](std::string_view text) {
    const auto file = parse_connection_file(text);
    return file ? std::string() : file.error().message();
  };
  EXPECT_EQ(message("type=spice\n"), "no group [virt-viewer]");
  EXPECT_EQ(message("[virt-viewer]\ntype=vnc\n"), "type=vnc: only spice can be shown");
  EXPECT_EQ(message("[virt-viewer]\ntype=spice\nport=5900\n"), "there is no host");
  EXPECT_EQ(message("[virt-viewer]\ntype=spice\nhost=a\n"), "there is neither port nor tls-port");
  EXPECT_EQ(message("[virt-viewer]\ntype=spice\nhost=a\nport=70000\n"),
            "port: \"70000\" is not a port");
  EXPECT_EQ(message("[virt-viewer]\nnonsense\n"), "line 2 is not key=value");
}

TEST(ConnectionFile, IsDeletedWhenItSaysSo) {
  const auto path =
      std::filesystem::temp_directory_path() / ("cassia-vv-" + std::to_string(::getpid()) + ".vv");
  std::ofstream(path) << "[virt-viewer]\ntype=spice\nhost=a\nport=1\ndelete-this-file=1\n";
  EXPECT_TRUE(load_connection_file(path));
  EXPECT_FALSE(std::filesystem::exists(path));
  const auto gone = load_connection_file(path);
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().message().find(path.string()), std::string::npos);
}

}  // namespace
}  // namespace cassia::client
