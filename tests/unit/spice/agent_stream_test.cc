// SPDX-License-Identifier: Apache-2.0
#include "protocol/spice/agent_stream.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <spice/vd_agent.h>

#include "protocol/wire/writer.h"

namespace cassia::spice {
namespace {

Bytes header(std::uint32_t protocol, std::uint32_t type, std::uint32_t size) {
  wire::Writer out;
  out.u32(protocol), out.u32(type), out.u64(0), out.u32(size);
  return out.take();
}
Bytes whole(std::uint32_t type, const Bytes& body) {
  Bytes all = header(1, type, static_cast<std::uint32_t>(body.size()));
  all.insert(all.end(), body.begin(), body.end());
  return all;
}

struct Log {
  std::vector<AgentFrame> frames;
  AgentAssembler::Sink sink() {
    return [this](AgentFrame frame) -> Result<void> {
      return frames.push_back(frame), Result<void>{};
    };
  }
};

Bytes counting(std::size_t size) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return data;
}

/// Bytes of memory in use.
std::size_t heap() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

TEST(AgentStream, AMessageSplitAtEveryByte) {
  Bytes all = whole(VD_AGENT_REPLY, counting(8));
  const Bytes second = whole(VD_AGENT_CLIENT_DISCONNECTED, {});
  const Bytes third = whole(VD_AGENT_CLIPBOARD, counting(3000));
  all.insert(all.end(), second.begin(), second.end());
  all.insert(all.end(), third.begin(), third.end());
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    AgentAssembler assembler;
    Log log;
    ASSERT_TRUE(assembler.receive(ByteView(all).first(cut), log.sink()).has_value());
    ASSERT_TRUE(assembler.receive(ByteView(all).subspan(cut), log.sink()).has_value());
    ASSERT_EQ(log.frames.size(), 3u) << cut;
    EXPECT_EQ(to_bytes(log.frames[0].body.view()), counting(8));
    EXPECT_TRUE(log.frames[1].body.empty());
    EXPECT_EQ(to_bytes(log.frames[2].body.view()), counting(3000));
    EXPECT_FALSE(assembler.midway());
  }
  AgentAssembler assembler;
  Log log;
  for (const std::uint8_t byte : all) {
    ASSERT_TRUE(assembler.receive(ByteView(&byte, 1), log.sink()).has_value());
  }
  EXPECT_EQ(log.frames.size(), 3u);
}

TEST(AgentStream, AMessageThatStatesFourGigabytesIsAnErrorAndCostsNothing) {
  for (const std::uint32_t type : std::initializer_list<std::uint32_t>{
           VD_AGENT_CLIPBOARD, VD_AGENT_FILE_XFER_DATA, VD_AGENT_FILE_XFER_START,
           VD_AGENT_CLIPBOARD_GRAB, VD_AGENT_MONITORS_CONFIG, VD_AGENT_END_MESSAGE}) {
    AgentAssembler assembler;
    Log log;
    Bytes bytes = header(1, type, 0xffffffff);
    bytes.resize(2048);
    const std::size_t before = heap();
    const auto result = assembler.receive(bytes, log.sink());
    EXPECT_LT(heap() - before, 1u << 20);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind(), ErrorKind::malformed);
    EXPECT_NE(result.error().message().find("4294967295"), std::string::npos);
    EXPECT_TRUE(log.frames.empty());
  }
}

TEST(AgentStream, MemoryGrowsWithWhatArrivesNotWithWhatIsStated) {
  AgentAssembler assembler;
  Log log;
  const std::size_t before = heap();
  ASSERT_TRUE(assembler.receive(header(1, VD_AGENT_CLIPBOARD, 30u << 20), log.sink()).has_value());
  ASSERT_TRUE(assembler.receive(Bytes(2048), log.sink()).has_value());
  EXPECT_LT(heap() - before, 64u << 10);
}

TEST(AgentStream, AClipboardTooLargeToKeepIsSkipped) {
  AgentLimits limits;
  limits.clipboard = 1000;
  AgentAssembler assembler(limits);
  Log log;
  Bytes all = whole(VD_AGENT_CLIPBOARD, counting(100000));
  const Bytes next = whole(VD_AGENT_REPLY, counting(8));
  all.insert(all.end(), next.begin(), next.end());
  for (std::size_t at = 0; at < all.size(); at += 777) {
    const std::size_t part = std::min<std::size_t>(777, all.size() - at);
    ASSERT_TRUE(assembler.receive(ByteView(all).subspan(at, part), log.sink()).has_value());
  }
  ASSERT_EQ(log.frames.size(), 2u);
  EXPECT_TRUE(log.frames[0].skipped);
  EXPECT_EQ(log.frames[0].body.size(), 8u);
  EXPECT_FALSE(log.frames[1].skipped);
  EXPECT_EQ(to_bytes(log.frames[1].body.view()), counting(8));
}

TEST(AgentStream, AnotherProtocolIsAnError) {
  AgentAssembler assembler;
  Log log;
  EXPECT_FALSE(assembler.receive(header(2, VD_AGENT_REPLY, 8), log.sink()).has_value());
}

TEST(AgentStream, ResetForgetsHalfAMessage) {
  AgentAssembler assembler;
  Log log;
  const Bytes all = whole(VD_AGENT_REPLY, counting(8));
  ASSERT_TRUE(assembler.receive(ByteView(all).first(23), log.sink()).has_value());
  EXPECT_TRUE(assembler.midway());
  assembler.reset();
  EXPECT_FALSE(assembler.midway());
  ASSERT_TRUE(assembler.receive(all, log.sink()).has_value());
  EXPECT_EQ(log.frames.size(), 1u);
  // From within: what follows is dropped.
  Bytes twice = all;
  twice.insert(twice.end(), all.begin(), all.end());
  int calls = 0;
  ASSERT_TRUE(assembler
                  .receive(twice,
                           [&](const AgentFrame&) -> Result<void> {
                             ++calls;
                             assembler.reset();
                             return {};
                           })
                  .has_value());
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace cassia::spice
