// SPDX-License-Identifier: Apache-2.0
#include "tests/interop/disk/peer.h"

#include "tests/support/paths.h"

namespace cassia::test {

Finished run_in(const std::filesystem::path& folder, std::vector<std::string> command) {
  ProcessOptions options;
  options.folder = folder;
  std::string line;
  for (const std::string& word : command) line += word + " ";
  auto finished = run(std::move(command), std::move(options));
  if (finished) return std::move(*finished);
  ADD_FAILURE() << line << ": " << finished.error().message();
  return {};
}

Finished DiskTest::qemu_img(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "qemu-img");
  return run_in(folder_.path(), std::move(arguments));
}

void DiskTest::qemu_io(const std::string& file, std::vector<std::string> commands,
                       const std::string& format) {
  std::vector<std::string> line{"qemu-io", "-f", format};
  for (std::string& command : commands) {
    line.push_back("-c");
    line.push_back(std::move(command));
  }
  line.push_back(file);
  (void)good(run_in(folder_.path(), std::move(line)));
}

Finished DiskTest::disk(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program("cassia-disk").string());
  return run_in(folder_.path(), std::move(arguments));
}

std::string DiskTest::good(const Finished& finished) {
  EXPECT_EQ(finished.status, 0) << finished.output << finished.errors;
  return finished.output;
}

void DiskTest::expect_sound(const std::string& file) {
  const Finished checked = qemu_img({"check", file});
  EXPECT_EQ(checked.status, 0) << checked.output << checked.errors;
  EXPECT_EQ(disk({"check", "-q", file}).status, 0) << file;
}

void DiskTest::expect_same(const std::string& file, const std::string& format,
                           const std::string& same_as, const std::string& same_format) {
  const Finished theirs = qemu_img({"compare", "-f", format, "-F", same_format, file, same_as});
  EXPECT_EQ(theirs.output, "Images are identical.\n") << file << theirs.errors;
  const Finished ours = disk({"compare", "-f", format, "-F", same_format, file, same_as});
  EXPECT_EQ(ours.output, "Images are identical.\n") << file << ours.errors;
}

storage::OpenedImage DiskTest::open(const std::string& file, bool writable,
                                    const std::string& format) {
  storage::OpenSpec spec;
  spec.path = folder_ / file;
  spec.format = format;
  spec.writable = writable;
  auto opened = storage::open_image(environment_, spec);
  EXPECT_TRUE(opened) << opened.error().message();
  return opened ? std::move(*opened) : storage::OpenedImage{};
}

}  // namespace cassia::test
