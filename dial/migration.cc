// SPDX-License-Identifier: Apache-2.0
#include "dial/migration.h"

#include <spice/enums.h>
#include <spice/protocol.h>

#include <algorithm>
#include <string_view>

namespace cassia::dial {
namespace {

constexpr std::size_t longest_host = 255;
constexpr std::size_t longest_subject = 1024;
/// Of messages that wait for their channel: a destination has little to say before that.
constexpr std::size_t most_waiting = std::size_t{1} << 20;

/// Letters, digits, and what stands between them in names and in IPv4 and IPv6 literals.
bool is_host(std::string_view host) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '%';
  };
  return !host.empty() && host.size() <= longest_host && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), allowed);
}

bool is_subject(std::string_view subject) {
  const auto printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
  return subject.size() <= longest_subject &&
         std::all_of(subject.begin(), subject.end(), printable);
}

}  // namespace

Result<Target> moved_to(const channels::MigrationTarget& there, const Target& source) {
  std::string_view host = there.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!is_host(host)) {
    return fail(ErrorKind::malformed, "the guest's new host has a name that cannot be one");
  }
  if (!is_subject(there.cert_subject)) {
    return fail(ErrorKind::malformed, "the guest's new host has a subject that cannot be one");
  }
  const bool secure = source.tls.has_value();
  Target out = source;
  out.plain.reset();
  out.tls.reset();
  if (there.port != 0 && (source.plain || !secure)) {
    out.plain = net::Address{net::Transport::tcp, std::string(host), there.port, {}};
  }
  if (there.tls_port != 0 && (secure || !out.plain)) {
    out.tls = net::Address{net::Transport::tls, std::string(host), there.tls_port, {}};
  }
  if (!out.tls && (secure || !out.plain)) {
    return fail(ErrorKind::unsupported, "the guest's new host {} has no {}port", host,
                secure ? "TLS " : "");
  }
  out.connect.tls.host_subject = there.cert_subject;
  return out;
}

bool MigrationChannel::ask_seamless(std::uint32_t source_version) {
  if (!link()->peer_capabilities().has(SPICE_MAIN_CAP_SEAMLESS_MIGRATE)) return false;
  send(SPICE_MSGC_MAIN_MIGRATE_DST_DO_SEAMLESS, channels::encode_do_seamless(source_version));
  return true;
}

Result<void> MigrationChannel::on_message(std::uint16_t type, ByteView body, TimePoint) {
  if (link()->id().type == spice::ChannelType::main) {
    if (type == SPICE_MSG_MAIN_MIGRATE_DST_SEAMLESS_ACK)
      return events_.seamless(true), Result<void>{};
    if (type == SPICE_MSG_MAIN_MIGRATE_DST_SEAMLESS_NACK) {
      return events_.seamless(false), Result<void>{};
    }
  }
  bytes_ += sizeof(Message) + body.size();
  if (bytes_ > most_waiting) {
    return fail(ErrorKind::malformed,
                "the guest's new host says too much before the guest is there");
  }
  messages_.push_back({type, to_bytes(body)});
  return {};
}

Result<void> MigrationChannel::replay(channels::Channel& to, TimePoint now) const {
  for (const Message& message : messages_) {
    CASSIA_TRY(to.on_message(message.type, message.body, now));
  }
  return {};
}

}  // namespace cassia::dial
