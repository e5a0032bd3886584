// SPDX-License-Identifier: Apache-2.0
#include "channels/link/sasl_exchange.h"

#include <algorithm>

#include "protocol/wire/reader.h"
#include "protocol/wire/writer.h"

namespace cassia::channels {
namespace {

void put_u32(Bytes& out, std::size_t value) {
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void put_text(Bytes& out, std::string_view text) {
  put_u32(out, text.size());
  out.insert(out.end(), text.begin(), text.end());
}

void put_data(Bytes& out, const std::optional<Bytes>& data) {
  put_u32(out, data ? data->size() + 1 : 0);
  if (!data) return;
  out.insert(out.end(), data->begin(), data->end());
  out.push_back(0);
}

/// The data of a block whose length counted a zero at the end.
std::optional<ByteView> data_of(ByteView block) {
  if (block.empty()) return std::nullopt;
  return block.first(block.size() - 1);
}

std::size_t size_of(const Bytes& block) { return wire::Reader(block).u32(); }

}  // namespace

bool SaslBlocks::take(ByteView& bytes) {
  const std::size_t now = std::min(wanted_ - collected_.size(), bytes.size());
  collected_.insert(collected_.end(), bytes.begin(), bytes.begin() + static_cast<long>(now));
  bytes = bytes.subspan(now);
  return collected_.size() == wanted_;
}

// Server.

Bytes SaslServerExchange::greeting() const {
  Bytes out;
  put_text(out, engine_->mechanisms());
  return out;
}

void SaslServerExchange::expect(State state, std::size_t bytes) {
  state_ = state;
  blocks_.expect(bytes);
}

Result<bool> SaslServerExchange::receive(ByteView& bytes, Bytes& out) {
  while (blocks_.take(bytes)) {
    if (CASSIA_TRY(on_block(blocks_.block(), out))) return true;
  }
  return false;
}

Result<bool> SaslServerExchange::on_block(Bytes block, Bytes& out) {
  switch (state_) {
    case State::name_size: {
      const std::size_t size = size_of(block);
      if (size == 0 || size > max_sasl_name) {
        return fail(ErrorKind::malformed, "a SASL mechanism's name of {} bytes", size);
      }
      expect(State::name, size);
      return false;
    }
    case State::name: {
      mechanism_ = as_text(block);
      const bool listed = mechanism_.find(',') == std::string::npos &&
                          engine_->mechanisms().find("," + mechanism_ + ",") != std::string::npos;
      if (!listed) return fail(ErrorKind::malformed, "a SASL mechanism that was not offered");
      expect(State::data_size, 4);
      return false;
    }
    case State::data_size: {
      const std::size_t size = size_of(block);
      if (size > max_sasl_data) {
        return fail(ErrorKind::malformed, "SASL data of {} bytes", size);
      }
      expect(State::data, size);
      return false;
    }
    default:
      return on_data(block, out);
  }
}

Result<bool> SaslServerExchange::on_data(const Bytes& block, Bytes& out) {
  if (++rounds_ > max_sasl_rounds) {
    return fail(ErrorKind::malformed, "more than {} rounds of SASL", max_sasl_rounds);
  }
  const auto data = data_of(block);
  const bool first = !std::exchange(started_, true);
  auto reply = first ? engine_->start(mechanism_, data) : engine_->step(data);
  if (!reply) {
    // Complete, without data, and then a link result that says no: a client that waits for either
    // hears of it. (libspice-server just closes, which looks like a crash.)
    put_data(out, std::nullopt);
    out.push_back(1);
    return fail(reply.error());
  }
  // Empty data are sent as none: libspice-server does, and so clients expect it.
  if (reply->data && reply->data->empty()) reply->data.reset();
  put_data(out, reply->data);
  out.push_back(reply->done ? 1 : 0);
  expect(State::data_size, 4);
  return reply->done;
}

// Client.

void SaslClientExchange::expect(State state, std::size_t bytes) {
  state_ = state;
  blocks_.expect(bytes);
}

Result<bool> SaslClientExchange::receive(ByteView& bytes, Bytes& out) {
  while (blocks_.take(bytes)) {
    if (CASSIA_TRY(on_block(blocks_.block(), out))) return true;
  }
  return false;
}

Result<bool> SaslClientExchange::on_block(Bytes block, Bytes& out) {
  switch (state_) {
    case State::list_size: {
      const std::size_t size = size_of(block);
      if (size > max_sasl_mechanisms) {
        return fail(ErrorKind::malformed, "a list of SASL mechanisms of {} bytes", size);
      }
      expect(State::list, size);
      return false;
    }
    case State::list: {
      auto start = CASSIA_TRY(engine_->start(std::string(as_text(block))));
      put_text(out, start.mechanism);
      put_data(out, start.reply.data);
      done_ = start.reply.done;
      expect(State::data_size, 4);
      return false;
    }
    case State::data_size: {
      const std::size_t size = size_of(block);
      if (size > max_sasl_data) return fail(ErrorKind::malformed, "SASL data of {} bytes", size);
      expect(State::data, size + 1);  // and whether it is complete
      return false;
    }
    default:
      return on_reply(std::move(block), out);
  }
}

Result<bool> SaslClientExchange::on_reply(Bytes block, Bytes& out) {
  if (++rounds_ > max_sasl_rounds) {
    return fail(ErrorKind::malformed, "more than {} rounds of SASL", max_sasl_rounds);
  }
  const bool complete = block.back() != 0;
  block.pop_back();
  if (complete && done_ && block.empty()) return true;
  auto reply = engine_->step(data_of(block));
  if (complete) {
    // The verdict is the link result; a server that says yes must have satisfied the mechanism.
    done_ = reply && reply->done;
    if (!reply) doubt_ = reply.error();
    return true;
  }
  if (!reply) return fail(reply.error());
  done_ = reply->done;
  put_data(out, reply->data);
  expect(State::data_size, 4);
  return false;
}

Result<void> SaslClientExchange::proven() const {
  if (done_) return {};
  return fail(ErrorKind::auth, "the server did not prove that it knows the password{}{}",
              doubt_ ? ": " : "", doubt_ ? doubt_->message() : "");
}

}  // namespace cassia::channels
