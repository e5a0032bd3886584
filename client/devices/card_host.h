// SPDX-License-Identifier: Apache-2.0
#pragma once

// libcacard: the smartcard readers of this machine, or one made of certificates in an NSS database.
// It is one for the whole process. Source: vcard_emul.h, vreader.h and vevent.h of package
// libcacard-dev.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cassia::client {

struct CardNews {
  enum class Kind : std::uint8_t { reader_added, reader_removed, card_inserted, card_removed };
  Kind kind = Kind::reader_added;
  std::shared_ptr<void> reader;  ///< the library's object; its address tells readers apart
  std::string name;
  Bytes atr;  ///< of the card that was inserted
};

/// Network thread, but for what runs inside. News and answers come to `io`.
class CardHost {
 public:
  /// `certificates`: three names of the database, for a card made of them; none: the real readers.
  static Result<std::shared_ptr<CardHost>> start(boost::asio::io_context& io,
                                                 const std::vector<std::string>& certificates,
                                                 const std::string& database);
  virtual ~CardHost() = default;

  /// Who hears of readers and cards from now on; all that are there are told of first.
  virtual void listen(std::function<void(const CardNews&)> listener) = 0;
  /// Asks the card in a reader; `answer` gets nothing if it does not answer.
  virtual void transmit(const std::shared_ptr<void>& reader, Bytes apdu,
                        std::function<void(std::optional<Bytes>)> answer) = 0;
  /// Ends its threads: nothing reaches `io` after it.
  virtual void stop() = 0;
};

}  // namespace cassia::client
