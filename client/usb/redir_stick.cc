// SPDX-License-Identifier: Apache-2.0
#include "client/usb/redir_stick.h"

#include <usbredirparser.h>

#include <algorithm>
#include <cstdlib>

#include "base/log.h"
#include "client/usb/usb_stick.h"

namespace cassia::client {
namespace {

constexpr auto component = "usb";
/// Largest packet taken: a write of 1 MiB with its headers, and room.
constexpr std::uint32_t largest_packet = std::uint32_t{4} << 20;
/// Largest answer to one bulk read, and how many reads may wait.
constexpr std::uint32_t largest_read = std::uint32_t{4} << 20;
constexpr std::size_t most_reads = 1024;
constexpr std::size_t endpoints = 32;

void log_line(void*, int level, const char* text) {
  log(level <= usbredirparser_warning ? LogLevel::warn : LogLevel::debug, component, "{}", text);
}

}  // namespace

/// What the parser calls; `priv` is the RedirStick.
struct RedirStick::Callbacks {
  static RedirStick& self(void* priv) { return *static_cast<RedirStick*>(priv); }

  static int read(void* priv, std::uint8_t* data, int count) {
    ByteView& input = self(priv).input_;
    const std::size_t size = std::min(input.size(), static_cast<std::size_t>(count));
    std::copy_n(input.begin(), size, data);
    input = input.subspan(size);
    return static_cast<int>(size);
  }
  static int write(void* priv, std::uint8_t* data, int count) {
    self(priv).out_.send({data, static_cast<std::size_t>(count)});
    return count;
  }
  static void hello(void* priv, usb_redir_hello_header*) { self(priv).plug_in(); }
  static void reset(void* priv) {
    self(priv).stick_->reset();
    self(priv).reads_.clear();
  }

  static void set_configuration(void* priv, std::uint64_t id,
                                usb_redir_set_configuration_header* h) {
    const bool done = self(priv).stick_->set_configuration(h->configuration);
    tell_configuration(priv, id, done ? usb_redir_success : usb_redir_inval);
  }
  static void get_configuration(void* priv, std::uint64_t id) {
    tell_configuration(priv, id, usb_redir_success);
  }
  static void tell_configuration(void* priv, std::uint64_t id, int status) {
    usb_redir_configuration_status_header answer{};
    answer.status = static_cast<std::uint8_t>(status);
    answer.configuration = self(priv).stick_->configuration();
    usbredirparser_send_configuration_status(self(priv).parser_.get(), id, &answer);
  }
  static void set_alternative(void* priv, std::uint64_t id, usb_redir_set_alt_setting_header* h) {
    tell_alternative(priv, id, h->interface, h->alt == 0);
  }
  static void get_alternative(void* priv, std::uint64_t id, usb_redir_get_alt_setting_header* h) {
    tell_alternative(priv, id, h->interface, true);
  }
  static void tell_alternative(void* priv, std::uint64_t id, std::uint8_t interface, bool good) {
    usb_redir_alt_setting_status_header answer{};
    answer.status = good && interface == 0 ? usb_redir_success : usb_redir_inval;
    answer.interface = interface;
    usbredirparser_send_alt_setting_status(self(priv).parser_.get(), id, &answer);
  }

  static void control(void* priv, std::uint64_t id, usb_redir_control_packet_header* h,
                      std::uint8_t* data, int) {
    usb_redir_control_packet_header answer = *h;
    const auto out =
        self(priv).stick_->control({h->requesttype, h->request, h->value, h->index, h->length});
    answer.status = out ? usb_redir_success : usb_redir_stall;
    const bool to_host = (h->endpoint & 0x80) != 0;
    Bytes bytes = out && to_host ? *out : Bytes();
    if (to_host || !out) answer.length = static_cast<std::uint16_t>(bytes.size());
    usbredirparser_send_control_packet(self(priv).parser_.get(), id, &answer,
                                       bytes.empty() ? nullptr : bytes.data(),
                                       static_cast<int>(bytes.size()));
    usbredirparser_free_packet_data(self(priv).parser_.get(), data);
  }

  static void bulk(void* priv, std::uint64_t id, usb_redir_bulk_packet_header* h,
                   std::uint8_t* data, int size) {
    RedirStick& stick = self(priv);
    const std::uint32_t length = h->length | static_cast<std::uint32_t>(h->length_high) << 16;
    if (h->endpoint == UsbStick::endpoint_in) {
      if (stick.reads_.size() >= most_reads) stick.problem_ = "too many reads wait";
      stick.reads_.push_back({id, std::min(length, largest_read), h->stream_id});
    } else {
      const bool good = h->endpoint == UsbStick::endpoint_out &&
                        stick.stick_->bulk().out({data, static_cast<std::size_t>(size)});
      usb_redir_bulk_packet_header answer = *h;
      answer.status = good ? usb_redir_success : usb_redir_stall;
      if (!good) answer.length = answer.length_high = 0;
      usbredirparser_send_bulk_packet(stick.parser_.get(), id, &answer, nullptr, 0);
    }
    usbredirparser_free_packet_data(stick.parser_.get(), data);
  }
  static void cancel(void* priv, std::uint64_t id) {
    RedirStick& stick = self(priv);
    if (std::erase_if(stick.reads_, [id](const Transfer& t) { return t.id == id; }) == 0) return;
    usb_redir_bulk_packet_header answer{};
    answer.endpoint = UsbStick::endpoint_in;
    answer.status = usb_redir_cancelled;
    usbredirparser_send_bulk_packet(stick.parser_.get(), id, &answer, nullptr, 0);
  }

  // What this device has not: each is answered, none does anything.
  static void start_iso(void* priv, std::uint64_t id, usb_redir_start_iso_stream_header* h) {
    usb_redir_iso_stream_status_header answer{usb_redir_inval, h->endpoint};
    usbredirparser_send_iso_stream_status(self(priv).parser_.get(), id, &answer);
  }
  static void stop_iso(void* priv, std::uint64_t id, usb_redir_stop_iso_stream_header* h) {
    usb_redir_iso_stream_status_header answer{usb_redir_inval, h->endpoint};
    usbredirparser_send_iso_stream_status(self(priv).parser_.get(), id, &answer);
  }
  static void start_interrupt(void* priv, std::uint64_t id,
                              usb_redir_start_interrupt_receiving_header* h) {
    usb_redir_interrupt_receiving_status_header answer{usb_redir_inval, h->endpoint};
    usbredirparser_send_interrupt_receiving_status(self(priv).parser_.get(), id, &answer);
  }
  static void stop_interrupt(void* priv, std::uint64_t id,
                             usb_redir_stop_interrupt_receiving_header* h) {
    usb_redir_interrupt_receiving_status_header answer{usb_redir_inval, h->endpoint};
    usbredirparser_send_interrupt_receiving_status(self(priv).parser_.get(), id, &answer);
  }
  static void alloc_streams(void* priv, std::uint64_t id, usb_redir_alloc_bulk_streams_header* h) {
    usb_redir_bulk_streams_status_header answer{h->endpoints, 0, usb_redir_inval};
    usbredirparser_send_bulk_streams_status(self(priv).parser_.get(), id, &answer);
  }
  static void free_streams(void* priv, std::uint64_t id, usb_redir_free_bulk_streams_header* h) {
    usb_redir_bulk_streams_status_header answer{h->endpoints, 0, usb_redir_inval};
    usbredirparser_send_bulk_streams_status(self(priv).parser_.get(), id, &answer);
  }
  static void iso(void* priv, std::uint64_t, usb_redir_iso_packet_header*, std::uint8_t* data,
                  int) {
    usbredirparser_free_packet_data(self(priv).parser_.get(), data);
  }
  static void interrupt(void* priv, std::uint64_t, usb_redir_interrupt_packet_header*,
                        std::uint8_t* data, int) {
    usbredirparser_free_packet_data(self(priv).parser_.get(), data);
  }
  static void start_bulk_receiving(void* priv, std::uint64_t id,
                                   usb_redir_start_bulk_receiving_header* h) {
    usb_redir_bulk_receiving_status_header answer{h->stream_id, h->endpoint, usb_redir_inval};
    usbredirparser_send_bulk_receiving_status(self(priv).parser_.get(), id, &answer);
  }
  static void stop_bulk_receiving(void* priv, std::uint64_t id,
                                  usb_redir_stop_bulk_receiving_header* h) {
    usb_redir_bulk_receiving_status_header answer{h->stream_id, h->endpoint, usb_redir_inval};
    usbredirparser_send_bulk_receiving_status(self(priv).parser_.get(), id, &answer);
  }
  static void filter(void*, usbredirfilter_rule* rules, int) { std::free(rules); }
  static void filter_reject(void* priv) {
    self(priv).problem_ = "the guest's filter refuses the USB image";
  }
  static void nothing(void*) {}

  static void set(usbredirparser& p) {
    p.log_func = log_line;
    p.read_func = read;
    p.write_func = write;
    p.hello_func = hello;
    p.reset_func = reset;
    p.set_configuration_func = set_configuration;
    p.get_configuration_func = get_configuration;
    p.set_alt_setting_func = set_alternative;
    p.get_alt_setting_func = get_alternative;
    p.control_packet_func = control;
    p.bulk_packet_func = bulk;
    p.cancel_data_packet_func = cancel;
    p.start_iso_stream_func = start_iso;
    p.stop_iso_stream_func = stop_iso;
    p.start_interrupt_receiving_func = start_interrupt;
    p.stop_interrupt_receiving_func = stop_interrupt;
    p.alloc_bulk_streams_func = alloc_streams;
    p.free_bulk_streams_func = free_streams;
    p.iso_packet_func = iso;
    p.interrupt_packet_func = interrupt;
    p.start_bulk_receiving_func = start_bulk_receiving;
    p.stop_bulk_receiving_func = stop_bulk_receiving;
    p.filter_filter_func = filter;
    p.filter_reject_func = filter_reject;
    p.device_disconnect_ack_func = nothing;
  }
};

RedirStick::RedirStick(storage::BlockDevice& image, Out out)
    : out_(std::move(out)),
      stick_(std::make_unique<UsbStick>(image)),
      parser_(usbredirparser_create(), usbredirparser_destroy) {
  Callbacks::set(*parser_);
  parser_->priv = this;
  std::uint32_t caps[USB_REDIR_CAPS_SIZE] = {};
  for (const int cap : {usb_redir_cap_connect_device_version, usb_redir_cap_filter,
                        usb_redir_cap_device_disconnect_ack, usb_redir_cap_ep_info_max_packet_size,
                        usb_redir_cap_64bits_ids, usb_redir_cap_32bits_bulk_length}) {
    usbredirparser_caps_set_cap(caps, cap);
  }
  usbredirparser_init(parser_.get(), "cassia", caps, USB_REDIR_CAPS_SIZE,
                      usbredirparser_fl_usb_host);
  flush();
}

RedirStick::~RedirStick() = default;

std::size_t RedirStick::header_size() const {
  const bool wide = usbredirparser_peer_has_cap(parser_.get(), usb_redir_cap_64bits_ids) != 0;
  return wide ? 16 : 12;
}

/// The parser allocates what a packet's header states; so that is looked at first.
Result<void> RedirStick::receive(ByteView bytes) {
  while (!bytes.empty()) {
    std::size_t size = 0;
    if (body_left_ > 0) {
      size = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size()));
      body_left_ -= size;
    } else {
      const std::size_t whole = header_size();
      size = std::min(whole - header_.size(), bytes.size());
      header_.insert(header_.end(), bytes.begin(), bytes.begin() + static_cast<long>(size));
      if (header_.size() == whole) CASSIA_TRY(look_at_header());
    }
    input_ = bytes.first(size);
    bytes = bytes.subspan(size);
    const int read = usbredirparser_do_read(parser_.get());
    if (read != 0 || !input_.empty()) {
      return fail(ErrorKind::malformed, "the peer breaks the usbredir protocol");
    }
    if (!problem_.empty()) return fail(ErrorKind::malformed, "{}", problem_);
    serve();
  }
  return {};
}

Result<void> RedirStick::look_at_header() {
  const std::uint32_t length = static_cast<std::uint32_t>(header_[4]) | header_[5] << 8 |
                               header_[6] << 16 | static_cast<std::uint32_t>(header_[7]) << 24;
  header_.clear();
  if (length > largest_packet) {
    return fail(ErrorKind::malformed, "a usbredir packet of {} bytes", length);
  }
  body_left_ = length;
  return {};
}

void RedirStick::plug_in() {
  if (std::exchange(plugged_in_, true)) return;
  usb_redir_ep_info_header ep{};
  std::fill_n(ep.type, endpoints, static_cast<std::uint8_t>(usb_redir_type_invalid));
  const auto slot = [](std::uint8_t address) { return (address & 0x0f) | (address & 0x80) >> 3; };
  ep.type[slot(0x00)] = ep.type[slot(0x80)] = usb_redir_type_control;
  for (const std::uint8_t address : {UsbStick::endpoint_in, UsbStick::endpoint_out}) {
    ep.type[slot(address)] = usb_redir_type_bulk;
    ep.max_packet_size[slot(address)] = UsbStick::packet_size;
  }
  usb_redir_interface_info_header interfaces{};
  interfaces.interface_count = 1;
  interfaces.interface_class[0] = UsbStick::interface_class;
  interfaces.interface_subclass[0] = UsbStick::interface_subclass;
  interfaces.interface_protocol[0] = UsbStick::interface_protocol;
  usb_redir_device_connect_header device{};
  device.speed = usb_redir_speed_high;
  device.vendor_id = UsbStick::vendor;
  device.product_id = UsbStick::product;
  device.device_version_bcd = UsbStick::version;
  usbredirparser_send_interface_info(parser_.get(), &interfaces);
  usbredirparser_send_ep_info(parser_.get(), &ep);
  usbredirparser_send_device_connect(parser_.get(), &device);
}

void RedirStick::serve() {
  flush();
  while (!reads_.empty() && out_.takes()) {
    const Transfer transfer = reads_.front();
    reads_.pop_front();
    auto bytes = stick_->bulk().in(transfer.length);
    usb_redir_bulk_packet_header answer{};
    answer.endpoint = UsbStick::endpoint_in;
    answer.status = bytes ? usb_redir_success : usb_redir_stall;
    answer.stream_id = transfer.stream;
    Bytes data = bytes ? std::move(*bytes) : Bytes();
    answer.length = static_cast<std::uint16_t>(data.size() & 0xffff);
    answer.length_high = static_cast<std::uint16_t>(data.size() >> 16);
    usbredirparser_send_bulk_packet(parser_.get(), transfer.id, &answer,
                                    data.empty() ? nullptr : data.data(),
                                    static_cast<int>(data.size()));
    flush();
  }
}

void RedirStick::resume() { serve(); }

void RedirStick::flush() {
  if (usbredirparser_has_data_to_write(parser_.get()) > 0) usbredirparser_do_write(parser_.get());
}

}  // namespace cassia::client
