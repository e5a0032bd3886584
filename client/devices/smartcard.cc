// SPDX-License-Identifier: Apache-2.0
#include "client/devices/smartcard.h"

#include <map>

#include "base/log.h"
#include "channels/smartcard/card_readers.h"
#include "client/devices/card_host.h"

namespace cassia::client {
namespace {

using channels::ReaderKey;

class Smartcard final : public ClientDevice, public channels::SmartcardEvents {
 public:
  explicit Smartcard(std::shared_ptr<CardHost> host)
      : host_(std::move(host)),
        readers_({[this](const channels::CardMessage& m) {
                    if (channel_) channel_->send_card(m);
                  },
                  [this](ReaderKey key, ByteView apdu) { ask(key, apdu); },
                  [](const std::string& text) { log_warn("smartcard", "{}", text); }}) {}
  ~Smartcard() override { host_->listen(nullptr); }

  std::unique_ptr<channels::Channel> make_channel() override {
    auto channel = channels::SmartcardChannel::create(channels::Role::client, *this);
    channel_ = channel.get();
    return channel;
  }

 private:
  void smartcard_opened() override {
    readers_.reset();
    host_->listen([this](const CardNews& news) { on(news); });
  }
  void smartcard_message(const channels::CardMessage& message) override {
    readers_.receive(message);
    for (auto& [key, reader] : known_) {
      const auto number = readers_.number(key);
      if (!number || std::exchange(reader.told, true)) continue;
      log_info("smartcard", "{} is reader {} of the guest", reader.name, *number);
    }
  }
  void smartcard_closed(const Error&) override {
    channel_ = nullptr;
    host_->listen(nullptr);
  }

  struct Known {
    std::shared_ptr<void> reader;
    std::string name;
    bool told = false;
  };

  ReaderKey key_of(const CardNews& news) {
    for (const auto& [key, known] : known_) {
      if (known.reader == news.reader) return key;
    }
    known_[next_key_] = {news.reader, news.name};
    readers_.add(next_key_, news.name);
    return next_key_++;
  }

  void on(const CardNews& news) {
    const ReaderKey key = key_of(news);
    switch (news.kind) {
      case CardNews::Kind::reader_added:
        break;
      case CardNews::Kind::reader_removed:
        readers_.remove(key);
        known_.erase(key);
        break;
      case CardNews::Kind::card_inserted:
        readers_.insert(key, news.atr);
        break;
      case CardNews::Kind::card_removed:
        readers_.take_out(key);
        break;
    }
  }

  void ask(ReaderKey key, ByteView apdu) {
    const auto found = known_.find(key);
    if (found == known_.end()) return readers_.fail(key);
    host_->transmit(found->second.reader, to_bytes(apdu),
                    [this, key, alive = std::weak_ptr<int>(alive_)](std::optional<Bytes> answer) {
                      if (alive.expired()) return;
                      if (answer) return readers_.answer(key, *answer);
                      readers_.fail(key);
                    });
  }

  std::shared_ptr<CardHost> host_;
  channels::CardReaders readers_;
  channels::SmartcardChannel* channel_ = nullptr;
  std::map<ReaderKey, Known> known_;
  ReaderKey next_key_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace

std::unique_ptr<ClientDevice> make_smartcard(std::shared_ptr<CardHost> host) {
  return std::make_unique<Smartcard>(std::move(host));
}

}  // namespace cassia::client
