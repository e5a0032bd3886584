// SPDX-License-Identifier: Apache-2.0
#include "client/devices/card_host.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <thread>

extern "C" {
#include <cacard/vcard_emul.h>
#include <cacard/vevent.h>
#include <cacard/vreader.h>
}

namespace cassia::client {
namespace {

namespace asio = boost::asio;

constexpr std::size_t longest_atr = 40;
constexpr std::size_t longest_response = 65536 + 2;

VReader* as_reader(const std::shared_ptr<void>& reader) {
  return static_cast<VReader*>(reader.get());
}

class Host final : public CardHost, public std::enable_shared_from_this<Host> {
 public:
  explicit Host(asio::io_context& io) : io_(io) {}
  ~Host() override { Host::stop(); }

  void begin() {
    events_ = std::thread([this] { wait_for_events(); });
  }

  void listen(std::function<void(const CardNews&)> listener) override {
    listener_ = std::move(listener);
    if (listener_) vcard_emul_replay_insertion_events();
  }

  void transmit(const std::shared_ptr<void>& reader, Bytes apdu,
                std::function<void(std::optional<Bytes>)> answer) override {
    // A real card takes its time.
    asio::post(work_, [this, reader, apdu = std::move(apdu), answer = std::move(answer)]() mutable {
      Bytes out(longest_response);
      int size = static_cast<int>(out.size());
      const bool good =
          vreader_xfr_bytes(as_reader(reader), apdu.data(), static_cast<int>(apdu.size()),
                            out.data(), &size) == VREADER_OK;
      std::optional<Bytes> result;
      if (good) {
        out.resize(static_cast<std::size_t>(size));
        result = std::move(out);
      }
      asio::post(io_, [answer = std::move(answer), result = std::move(result)] { answer(result); });
    });
  }

  void stop() override {
    listener_ = nullptr;
    if (events_.joinable()) {
      vevent_queue_vevent(vevent_new(VEVENT_LAST, nullptr, nullptr));
      events_.join();
    }
    work_.join();
  }

 private:
  void wait_for_events() {
    for (;;) {
      VEvent* event = vevent_wait_next_vevent();
      if (event == nullptr || event->type == VEVENT_LAST) {
        if (event != nullptr) vevent_delete(event);
        return;
      }
      tell(*event);
      vevent_delete(event);
    }
  }

  void tell(const VEvent& event) {
    CardNews news;
    news.reader = std::shared_ptr<void>(vreader_reference(event.reader),
                                        [](void* r) { vreader_free(static_cast<VReader*>(r)); });
    const char* name = vreader_get_name(event.reader);
    news.name = name != nullptr ? name : "reader";
    switch (event.type) {
      case VEVENT_READER_INSERT:
        news.kind = CardNews::Kind::reader_added;
        break;
      case VEVENT_READER_REMOVE:
        news.kind = CardNews::Kind::reader_removed;
        break;
      case VEVENT_CARD_INSERT: {
        news.kind = CardNews::Kind::card_inserted;
        news.atr.resize(longest_atr);
        int size = static_cast<int>(news.atr.size());
        if (vreader_power_on(event.reader, news.atr.data(), &size) != VREADER_OK) return;
        news.atr.resize(static_cast<std::size_t>(size));
        break;
      }
      default:
        news.kind = CardNews::Kind::card_removed;
        break;
    }
    asio::post(io_, [weak = weak_from_this(), news = std::move(news)] {
      const auto host = weak.lock();
      if (host && host->listener_) host->listener_(news);
    });
  }

  asio::io_context& io_;
  std::function<void(const CardNews&)> listener_;
  std::thread events_;
  asio::thread_pool work_{1};
};

/// What libcacard is told. Names may not hold what ends them there.
Result<std::string> library_options(const std::vector<std::string>& certificates,
                                    const std::string& database) {
  for (const std::string& text : certificates) {
    if (text.empty() || text.find_first_of(",()\" ") != std::string::npos) {
      return fail(ErrorKind::invalid_argument, "--smartcard-certs: \"{}\" is not a name", text);
    }
  }
  if (database.find('"') != std::string::npos) {
    return fail(ErrorKind::invalid_argument, "--smartcard-db: the name holds a quotation mark");
  }
  std::string options;
  if (!database.empty()) options = fmt::format("db=\"{}\" ", database);
  if (certificates.empty()) return options;
  return options + fmt::format("use_hw=no soft=(,Cassia Smartcard,CAC,,{},{},{})", certificates[0],
                               certificates[1], certificates[2]);
}

}  // namespace

Result<std::shared_ptr<CardHost>> CardHost::start(asio::io_context& io,
                                                  const std::vector<std::string>& certificates,
                                                  const std::string& database) {
  const std::string text = CASSIA_TRY(library_options(certificates, database));
  VCardEmulOptions* options = text.empty() ? nullptr : vcard_emul_options(text.c_str());
  if (!text.empty() && options == nullptr) {
    return fail(ErrorKind::invalid_argument, "libcacard does not take {}", text);
  }
  const VCardEmulError status = vcard_emul_init(options);
  if (status != VCARD_EMUL_OK && status != VCARD_EMUL_INIT_ALREADY_INITED) {
    return fail(ErrorKind::io, "no smartcard: libcacard cannot use the certificates{}{}",
                database.empty() ? "" : " in ", database);
  }
  auto host = std::make_shared<Host>(io);
  host->begin();
  return std::shared_ptr<CardHost>(std::move(host));
}

}  // namespace cassia::client
