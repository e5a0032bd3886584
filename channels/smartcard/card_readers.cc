// SPDX-License-Identifier: Apache-2.0
#include "channels/smartcard/card_readers.h"

#include <fmt/format.h>

#include <algorithm>

namespace cassia::channels {

void CardReaders::add(ReaderKey key, const std::string& name) {
  readers_[key] = {};
  ask({CardMessageType::reader_add, key, to_bytes(name)});
}

void CardReaders::remove(ReaderKey key) {
  const auto found = readers_.find(key);
  if (found == readers_.end()) return;
  if (found->second.number) {
    ask({CardMessageType::reader_remove, key, {}});
    return;
  }
  // Never announced, or the answer is still to come: then it is removed when it comes.
  std::erase_if(waiting_, [&](const Request& r) { return r.key == key; });
  readers_.erase(found);
}

void CardReaders::insert(ReaderKey key, Bytes atr) {
  const auto found = readers_.find(key);
  if (found == readers_.end()) return;
  found->second.atr = std::move(atr);
  if (found->second.number) ask({CardMessageType::atr, key, *found->second.atr});
}

void CardReaders::take_out(ReaderKey key) {
  const auto found = readers_.find(key);
  if (found == readers_.end() || !found->second.atr) return;
  found->second.atr.reset();
  if (found->second.number) ask({CardMessageType::card_remove, key, {}});
}

void CardReaders::answer(ReaderKey key, ByteView response) {
  const auto id = number(key);
  if (id) out_.send({CardMessageType::apdu, *id, response});
  finished_one(key);
}

void CardReaders::fail(ReaderKey key) {
  const Bytes code = card_error_data(CardError::general);
  const auto id = number(key);
  if (id) out_.send({CardMessageType::error, *id, code});
  finished_one(key);
}

void CardReaders::finished_one(ReaderKey key) {
  const auto found = readers_.find(key);
  if (found != readers_.end() && found->second.outstanding > 0) --found->second.outstanding;
  maybe_flushed();
}

void CardReaders::maybe_flushed() {
  if (!flush_) return;
  const bool busy = std::any_of(readers_.begin(), readers_.end(),
                                [](const auto& r) { return r.second.outstanding > 0; });
  if (busy) return;
  out_.send({CardMessageType::flush_complete, *std::exchange(flush_, std::nullopt), {}});
}

std::optional<std::uint32_t> CardReaders::number(ReaderKey key) const {
  const auto found = readers_.find(key);
  return found == readers_.end() ? std::nullopt : found->second.number;
}

void CardReaders::ask(Request request) {
  waiting_.push_back(std::move(request));
  if (!under_way_) send_next();
}

void CardReaders::send_next() {
  under_way_.reset();
  if (waiting_.empty()) return;
  under_way_ = std::move(waiting_.front());
  waiting_.pop_front();
  const auto id = number(under_way_->key);
  out_.send({under_way_->type, id.value_or(spice::no_reader), under_way_->data});
}

void CardReaders::receive(const CardMessage& message) {
  switch (message.type) {
    case CardMessageType::error:
      return answered(message);
    case CardMessageType::apdu:
      return on_apdu(message);
    case CardMessageType::flush:
      flush_ = message.reader;
      return maybe_flushed();
    default:
      return;  // the device's init
  }
}

void CardReaders::answered(const CardMessage& message) {
  if (!under_way_) return;  // of an APDU that the guest did not want
  const Request request = std::move(*under_way_);
  const CardError code = card_error(message);
  if (request.type == CardMessageType::reader_add) {
    added(request, message);
  } else if (code != CardError::success) {
    out_.problem(fmt::format("the guest refuses a smartcard request ({})",
                             static_cast<std::uint32_t>(code)));
  }
  if (request.type == CardMessageType::reader_remove) readers_.erase(request.key);
  send_next();
}

void CardReaders::added(const Request& request, const CardMessage& message) {
  if (card_error(message) != CardError::success) {
    readers_.erase(request.key);
    out_.problem("the guest takes no more smartcard readers");
    return;
  }
  const auto found = readers_.find(request.key);
  if (found == readers_.end()) {  // removed meanwhile
    readers_[request.key].number = message.reader;
    waiting_.push_front({CardMessageType::reader_remove, request.key, {}});
    return;
  }
  found->second.number = message.reader;
  if (found->second.atr)
    waiting_.push_front({CardMessageType::atr, request.key, *found->second.atr});
}

void CardReaders::on_apdu(const CardMessage& message) {
  const auto found = std::find_if(readers_.begin(), readers_.end(), [&](const auto& reader) {
    return reader.second.number == message.reader;
  });
  if (found == readers_.end() || !found->second.atr) {
    const Bytes code = card_error_data(CardError::general);
    out_.send({CardMessageType::error, message.reader, code});
    return;
  }
  ++found->second.outstanding;
  out_.apdu(found->first, message.data);
}

void CardReaders::reset() {
  readers_.clear();
  waiting_.clear();
  under_way_.reset();
  flush_.reset();
}

}  // namespace cassia::channels
