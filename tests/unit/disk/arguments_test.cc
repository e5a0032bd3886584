// SPDX-License-Identifier: Apache-2.0
#include "client/disk/arguments.h"

#include <gtest/gtest.h>

#include "client/disk/console.h"

namespace cassia::client {
namespace {

const std::vector<OptionSpec> kKnown{{"-p"}, {"-q"}, {"-f", true}, {"--output", true}, {"--chain"}};

TEST(ArgumentsTest, EveryFormOfGetopt) {
  const auto parsed = Arguments::parse(
      {"-pq", "a", "-fraw", "--output=json", "--chain", "b", "-f", "qcow2", "--", "-x"}, kKnown);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_TRUE(parsed->has("-p"));
  EXPECT_TRUE(parsed->has("-q"));
  EXPECT_TRUE(parsed->has("--chain"));
  EXPECT_EQ(parsed->value("-f"), "qcow2");
  EXPECT_EQ(parsed->values("-f"), (std::vector<std::string>{"raw", "qcow2"}));
  EXPECT_EQ(parsed->value("--output"), "json");
  EXPECT_EQ(parsed->names(), (std::vector<std::string>{"a", "b", "-x"}));
}

TEST(ArgumentsTest, GroupedFlagsMayEndInAValue) {
  const auto parsed = Arguments::parse({"-qf", "raw", "x"}, kKnown);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->value("-f"), "raw");
  EXPECT_EQ(parsed->names(), std::vector<std::string>{"x"});
}

TEST(ArgumentsTest, MistakesAreNamed) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"-z"}, "unrecognized option '-z'"},
      {{"--what"}, "unrecognized option '--what'"},
      {{"--chain=1"}, "unrecognized option '--chain=1'"},
      {{"-f"}, "option '-f' requires an argument"},
      {{"--output"}, "option '--output' requires an argument"}};
  for (const auto& [args, words] : cases) {
    const auto parsed = Arguments::parse(args, kKnown);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message(), words);
  }
}

TEST(ConsoleTest, Sizes) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(999), "999 B");
  EXPECT_EQ(human_size(1000), "0.977 KiB");
  EXPECT_EQ(human_size(1572864), "1.5 MiB");
  EXPECT_EQ(human_size(std::uint64_t{10} << 30), "10 GiB");
  EXPECT_EQ(clock_time(3723004000000), "01:02:03.004");
}

}  // namespace
}  // namespace cassia::client
