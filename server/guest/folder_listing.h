// SPDX-License-Identifier: Apache-2.0
#pragma once

// One WebDAV question, "what lies in the root folder" (PROPFIND, RFC 4918), and enough of an
// HTTP/1.1 client to hear the answer.

#include <string>
#include <vector>

#include "base/bytes.h"

namespace cassia::server {

class FolderListing {
 public:
  static std::string request();

  /// More of the answer; true once it is complete, or too long to be one.
  bool receive(ByteView data);
  /// "the viewer shares a.txt, b.txt", or what went wrong.
  std::string sentence() const;

 private:
  /// The names in the body, without the folder itself.
  std::vector<std::string> names() const;

  std::string text_;
};

}  // namespace cassia::server
