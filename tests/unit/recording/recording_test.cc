// SPDX-License-Identifier: Apache-2.0
#include "protocol/recording/recording.h"

#include <gtest/gtest.h>

namespace cassia::recording {
namespace {

using std::chrono::nanoseconds;

OpenInfo sample_info() {
  OpenInfo info;
  info.channel = {spice::ChannelType::display, 3};
  info.connection_id = 0xfedcba98;
  info.client_common = spice::Capabilities{0, 3};
  info.client_caps = spice::Capabilities{1, 40};
  info.server_common = spice::Capabilities{3};
  info.mini = true;
  return info;
}

Bytes sample_file() {
  Bytes file = to_bytes(file_magic());
  const auto add = [&](const Bytes& record) {
    file.insert(file.end(), record.begin(), record.end());
  };
  add(encode({RecordKind::meta, 0, nanoseconds(0), as_bytes("{}")}));
  add(encode({RecordKind::open, 7, nanoseconds(5), sample_info().encode()}));
  add(encode({RecordKind::server, 7, nanoseconds(9), as_bytes("message")}));
  add(encode({RecordKind::close, 7, nanoseconds(11), {}}));
  return file;
}

TEST(Recording, RecordsComeBackAsTheyWere) {
  const Bytes file = sample_file();
  auto reader = Reader::create(file);
  ASSERT_TRUE(reader);
  std::vector<Record> records;
  for (;;) {
    const auto record = reader->next();
    ASSERT_TRUE(record) << record.error().message();
    if (!*record) break;
    records.push_back(**record);
  }
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[2].kind, RecordKind::server);
  EXPECT_EQ(records[2].connection, 7);
  EXPECT_EQ(records[2].time, nanoseconds(9));
  EXPECT_EQ(as_text(records[2].payload), "message");
  const auto info = OpenInfo::parse(records[1].payload);
  ASSERT_TRUE(info) << info.error().message();
  const OpenInfo expected = sample_info();
  EXPECT_EQ(info->channel, expected.channel);
  EXPECT_EQ(info->connection_id, expected.connection_id);
  EXPECT_EQ(info->client_caps.words(), expected.client_caps.words());
  EXPECT_EQ(info->server_common.words(), expected.server_common.words());
  EXPECT_TRUE(info->mini);
}

TEST(Recording, ACutFileIsAnErrorInItsLastRecordOnly) {
  const Bytes file = sample_file();
  for (std::size_t size = file_magic().size(); size < file.size(); ++size) {
    auto reader = Reader::create(ByteView(file).first(size));
    ASSERT_TRUE(reader);
    for (int records = 0; records < 4; ++records) {
      const auto record = reader->next();
      if (!record || !*record) break;
      ASSERT_LT(records, 3) << "a file of " << size << " bytes held everything";
    }
  }
  EXPECT_FALSE(Reader::create(as_bytes("SPREC00")));
  EXPECT_FALSE(Reader::create({}));
}

TEST(Recording, SizesAndKindsAreNotBelieved) {
  for (const Record& bad : {Record{static_cast<RecordKind>(9), 0, nanoseconds(0), {}},
                            Record{static_cast<RecordKind>(0), 0, nanoseconds(0), {}}}) {
    Bytes file = to_bytes(file_magic());
    const Bytes record = encode(bad);
    file.insert(file.end(), record.begin(), record.end());
    auto reader = Reader::create(file);
    ASSERT_TRUE(reader);
    EXPECT_FALSE(reader->next());
  }
  Bytes huge = to_bytes(file_magic());
  const Bytes record = encode({RecordKind::server, 0, nanoseconds(0), {}});
  huge.insert(huge.end(), record.begin(), record.end());
  huge.back() = 0xff;  // the top byte of its size
  auto reader = Reader::create(huge);
  ASSERT_TRUE(reader);
  EXPECT_FALSE(reader->next());
}

TEST(Recording, AnOpenRecordThatIsNoneIsAnError) {
  for (const char* text :
       {"", "[]", "{}", "{\"type\":2}", "{\"type\":2,\"id\":300}", "{\"type\":2,\"id\":0}",
        "{\"type\":2,\"id\":0,\"client_common\":7,\"client_caps\":[],\"server_common\":[],"
        "\"server_caps\":[]}",
        "{\"type\":2,\"id\":0,\"client_common\":[\"x\"],\"client_caps\":[],\"server_common\":[],"
        "\"server_caps\":[]}"}) {
    EXPECT_FALSE(OpenInfo::parse(as_bytes(text))) << text;
  }
}

}  // namespace
}  // namespace cassia::recording
