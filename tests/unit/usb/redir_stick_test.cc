// SPDX-License-Identifier: Apache-2.0
// The stick on a usbredir connection, against the guest's side of libusbredirparser.

#include "client/usb/redir_stick.h"

#include <gtest/gtest.h>
#include <usbredirparser.h>

#include <map>

#include "client/usb/usb_stick.h"
#include "storage/block/memory_device.h"
#include "tests/unit/usb/wrapper.h"

namespace cassia::client {
namespace {

Bytes content() {
  Bytes out(200 * scsi_block);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i * 13 + i / 512);
  return out;
}

/// A guest's controller: what the device says, and requests of its own.
class Guest {
 public:
  Guest() : parser_(usbredirparser_create(), usbredirparser_destroy) {
    usbredirparser& p = *parser_;
    p.priv = this;
    p.log_func = [](void*, int, const char*) {};
    p.read_func = [](void* priv, std::uint8_t* data, int count) {
      ByteView& in = self(priv).input_;
      const std::size_t size = std::min(in.size(), static_cast<std::size_t>(count));
      std::copy_n(in.begin(), size, data);
      in = in.subspan(size);
      return static_cast<int>(size);
    };
    p.write_func = [](void* priv, std::uint8_t* data, int count) {
      Bytes& out = self(priv).output;
      out.insert(out.end(), data, data + count);
      return count;
    };
    p.hello_func = [](void*, usb_redir_hello_header*) {};
    p.device_connect_func = [](void* priv, usb_redir_device_connect_header* h) {
      self(priv).connected = *h;
      self(priv).is_connected = true;
    };
    p.device_disconnect_func = [](void*) {};
    p.interface_info_func = [](void* priv, usb_redir_interface_info_header* h) {
      self(priv).interfaces = *h;
    };
    p.ep_info_func = [](void* priv, usb_redir_ep_info_header* h) { self(priv).endpoints = *h; };
    p.configuration_status_func = [](void* priv, std::uint64_t,
                                     usb_redir_configuration_status_header* h) {
      self(priv).statuses.push_back(h->status);
    };
    p.alt_setting_status_func = [](void* priv, std::uint64_t,
                                   usb_redir_alt_setting_status_header* h) {
      self(priv).statuses.push_back(h->status);
    };
    p.iso_stream_status_func = [](void* priv, std::uint64_t,
                                  usb_redir_iso_stream_status_header* h) {
      self(priv).statuses.push_back(h->status);
    };
    p.interrupt_receiving_status_func = [](void* priv, std::uint64_t,
                                           usb_redir_interrupt_receiving_status_header* h) {
      self(priv).statuses.push_back(h->status);
    };
    p.control_packet_func = [](void* priv, std::uint64_t id, usb_redir_control_packet_header* h,
                               std::uint8_t* data,
                               int size) { self(priv).take(id, h->status, data, size); };
    p.bulk_packet_func = [](void* priv, std::uint64_t id, usb_redir_bulk_packet_header* h,
                            std::uint8_t* data,
                            int size) { self(priv).take(id, h->status, data, size); };
    std::uint32_t caps[USB_REDIR_CAPS_SIZE] = {};
    for (const int cap :
         {usb_redir_cap_connect_device_version, usb_redir_cap_ep_info_max_packet_size,
          usb_redir_cap_64bits_ids, usb_redir_cap_32bits_bulk_length}) {
      usbredirparser_caps_set_cap(caps, cap);
    }
    usbredirparser_init(&p, "test guest", caps, USB_REDIR_CAPS_SIZE, 0);
    flush();
  }

  void receive(ByteView bytes) {
    input_ = bytes;
    while (!input_.empty()) ASSERT_EQ(usbredirparser_do_read(parser_.get()), 0);
  }
  void bulk(std::uint64_t id, std::uint8_t endpoint, std::uint32_t length, Bytes data = {}) {
    usb_redir_bulk_packet_header h{};
    h.endpoint = endpoint;
    h.length = static_cast<std::uint16_t>(length & 0xffff);
    h.length_high = static_cast<std::uint16_t>(length >> 16);
    usbredirparser_send_bulk_packet(parser_.get(), id, &h, data.empty() ? nullptr : data.data(),
                                    static_cast<int>(data.size()));
    flush();
  }
  void control(std::uint64_t id, std::uint8_t type, std::uint8_t request, std::uint16_t value,
               std::uint16_t length) {
    usb_redir_control_packet_header h{};
    h.endpoint = static_cast<std::uint8_t>(type & 0x80);
    h.requesttype = type;
    h.request = request;
    h.value = value;
    h.length = length;
    usbredirparser_send_control_packet(parser_.get(), id, &h, nullptr, 0);
    flush();
  }
  template <class Send>
  void send(Send send_it) {
    send_it(parser_.get());
    flush();
  }

  struct Answer {
    int status;
    Bytes data;
  };
  std::map<std::uint64_t, Answer> answers;
  std::vector<int> statuses;
  Bytes output;
  usb_redir_device_connect_header connected{};
  usb_redir_interface_info_header interfaces{};
  usb_redir_ep_info_header endpoints{};
  bool is_connected = false;

 private:
  static Guest& self(void* priv) { return *static_cast<Guest*>(priv); }
  void take(std::uint64_t id, int status, std::uint8_t* data, int size) {
    answers[id] = {status, Bytes(data, data + size)};
    usbredirparser_free_packet_data(parser_.get(), data);
  }
  void flush() {
    while (usbredirparser_has_data_to_write(parser_.get()) > 0) {
      if (usbredirparser_do_write(parser_.get()) != 0) break;
    }
  }

  std::unique_ptr<usbredirparser, void (*)(usbredirparser*)> parser_;
  ByteView input_;
};

struct Joined {
  explicit Joined(std::size_t step = 1) : step_(step) { pump(); }
  void pump() {
    while (!guest.output.empty() || !to_guest.empty()) {
      const Bytes from_guest = std::exchange(guest.output, {});
      for (std::size_t at = 0; at < from_guest.size(); at += step_) {
        const auto part = ByteView(from_guest).subspan(at, std::min(step_, from_guest.size() - at));
        const auto taken = stick.receive(part);
        ASSERT_TRUE(taken) << taken.error().message();
      }
      guest.receive(std::exchange(to_guest, {}));
    }
  }

  storage::MemoryDevice image{content()};
  Bytes to_guest;
  bool takes = true;
  RedirStick stick{image,
                   {[this](ByteView b) { to_guest.insert(to_guest.end(), b.begin(), b.end()); },
                    [this] { return takes; }}};
  Guest guest;

 private:
  std::size_t step_;
};

TEST(RedirStick, PlugsIn) {
  Joined j;
  EXPECT_TRUE(j.guest.is_connected);
  EXPECT_EQ(j.guest.connected.speed, usb_redir_speed_high);
  EXPECT_EQ(j.guest.connected.vendor_id, UsbStick::vendor);
  EXPECT_EQ(j.guest.interfaces.interface_count, 1u);
  EXPECT_EQ(j.guest.interfaces.interface_class[0], 8);
  EXPECT_EQ(j.guest.endpoints.type[0x11], usb_redir_type_bulk);  // 0x81
  EXPECT_EQ(j.guest.endpoints.type[0x02], usb_redir_type_bulk);
  EXPECT_EQ(j.guest.endpoints.max_packet_size[0x11], 512);
}

TEST(RedirStick, AGuestReadsTheImage) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
    Joined j(step);
    j.guest.control(1, 0x80, 6, 0x0100, 18);
    j.guest.send([](usbredirparser* p) {
      usb_redir_set_configuration_header h{1};
      usbredirparser_send_set_configuration(p, 2, &h);
    });
    j.pump();
    EXPECT_EQ(j.guest.answers[1].data.size(), 18u);
    EXPECT_EQ(j.guest.statuses, std::vector<int>{usb_redir_success});
    // 200 blocks of 512 bytes with one READ(10), in one transfer of more than 64 KiB.
    j.guest.bulk(3, UsbStick::endpoint_out, 31,
                 wrapper(99, 200 * 512, true, {0x28, 0, 0, 0, 0, 0, 0, 0, 200, 0}));
    j.guest.bulk(4, UsbStick::endpoint_in, 200 * 512);
    j.guest.bulk(5, UsbStick::endpoint_in, 13);
    j.pump();
    EXPECT_EQ(j.guest.answers[3].status, usb_redir_success);
    EXPECT_EQ(j.guest.answers[4].data, content());
    ASSERT_EQ(j.guest.answers[5].data.size(), 13u);
    EXPECT_EQ(word(j.guest.answers[5].data, 4), 99u);
    EXPECT_EQ(j.guest.answers[5].data[12], 0);
  }
}

TEST(RedirStick, AnswersWhatItHasNot) {
  Joined j(100);
  j.guest.send([](usbredirparser* p) {
    usb_redir_start_iso_stream_header iso{0x83, 1, 1};
    usbredirparser_send_start_iso_stream(p, 1, &iso);
    usb_redir_start_interrupt_receiving_header interrupt{0x84};
    usbredirparser_send_start_interrupt_receiving(p, 2, &interrupt);
    usb_redir_set_alt_setting_header alternative{0, 1};
    usbredirparser_send_set_alt_setting(p, 3, &alternative);
  });
  j.guest.control(4, 0xc0, 1, 0, 8);
  j.guest.bulk(5, 0x85, 512);
  j.pump();
  EXPECT_EQ(j.guest.statuses, std::vector<int>(3, usb_redir_inval));
  EXPECT_EQ(j.guest.answers[4].status, usb_redir_stall);
  EXPECT_EQ(j.guest.answers[5].status, usb_redir_stall);
}

TEST(RedirStick, ReadsWaitWhileTheConnectionTakesNothing) {
  Joined j(100);
  j.takes = false;
  j.guest.bulk(1, UsbStick::endpoint_out, 31,
               wrapper(1, 1024, true, {0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0}));
  j.guest.bulk(2, UsbStick::endpoint_in, 1024);
  j.guest.bulk(3, UsbStick::endpoint_in, 13);
  j.pump();
  EXPECT_EQ(j.guest.answers.count(2), 0u);
  j.guest.send([](usbredirparser* p) { usbredirparser_send_cancel_data_packet(p, 3); });
  j.pump();
  EXPECT_EQ(j.guest.answers.at(3).status, usb_redir_cancelled);
  j.takes = true;
  j.stick.resume();
  j.pump();
  EXPECT_EQ(j.guest.answers.at(2).data.size(), 1024u);
}

TEST(RedirStick, HostilePeersEndIt) {
  Joined j;
  // A packet of 4 GiB: refused by its header, before the parser makes room for it.
  Bytes huge = {101, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};
  huge.resize(16);
  EXPECT_FALSE(j.stick.receive(huge));
  Joined k;
  Bytes unknown = {0x33, 0x33, 0, 0, 4, 0, 0, 0};
  unknown.resize(20);
  EXPECT_FALSE(k.stick.receive(unknown));
  Joined many(100000);
  many.takes = false;
  for (std::uint64_t id = 0; id < 2000; ++id) many.guest.bulk(id, UsbStick::endpoint_in, 512);
  EXPECT_FALSE(many.stick.receive(many.guest.output));
}

}  // namespace
}  // namespace cassia::client
