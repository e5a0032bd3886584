// SPDX-License-Identifier: Apache-2.0
#include "server/gateway/access.h"

#include <unistd.h>

#include <filesystem>

namespace cassia::server {
namespace {

std::vector<std::string> values_of(const Options& options, std::string_view name) {
  const auto found = options.find(name);
  return found == options.end() ? std::vector<std::string>() : found->second;
}

std::string text_of(const Options& options, std::string_view name) {
  const auto values = values_of(options, name);
  return values.empty() ? std::string() : values.back();
}

std::optional<spice::ChannelType> type_named(std::string_view name) {
  constexpr int last_type = 12;
  for (int type = 1; type < last_type; ++type) {
    const auto candidate = static_cast<spice::ChannelType>(type);
    if (spice::to_string(candidate) == name) return candidate;
  }
  return std::nullopt;
}

/// Blanks as cyrus-sasl wants them, for people who write commas.
std::string blank_separated(std::string text) {
  for (char& c : text) {
    if (c == ',' || c == ';') c = ' ';
  }
  return text;
}

}  // namespace

Result<ChannelSet> ChannelSet::parse(std::string_view option, const std::string& text) {
  ChannelSet out;
  const std::string names = blank_separated(text);
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find(' ', at), names.size());
    const std::string name = names.substr(at, end - at);
    at = end + 1;
    if (name.empty()) continue;
    if (name == "all") {
      out.all_ = true;
      continue;
    }
    const auto type = type_named(name);
    if (!type) {
      return fail(
          ErrorKind::invalid_argument,
          "--{}: '{}' is no channel (main, display, inputs, cursor, playback, record, port, "
          "..., or all)",
          option, name);
    }
    out.types_.insert(*type);
  }
  return out;
}

Result<AccessPolicy> read_access(const Options& options, bool tls, bool has_password) {
  AccessPolicy policy;
  policy.secure =
      CASSIA_TRY(ChannelSet::parse("secure-channels", text_of(options, "secure-channels")));
  policy.plain =
      CASSIA_TRY(ChannelSet::parse("plain-channels", text_of(options, "plain-channels")));
  if (!policy.secure.empty() && !tls) {
    return fail(ErrorKind::invalid_argument, "--secure-channels needs --tls-listen");
  }
  policy.web_origins = values_of(options, "web-origin");
  const std::string database = text_of(options, "sasl-db");
  if (database.empty()) {
    for (const char* name : {"sasl-mechanisms", "sasl-realm", "sasl-user"}) {
      if (options.find(std::string_view(name)) == options.end()) continue;
      return fail(ErrorKind::invalid_argument, "--{} needs --sasl-db FILE", name);
    }
    return policy;
  }
  if (::access(database.c_str(), R_OK) != 0) return fail_errno(errno, "--sasl-db " + database);
  std::error_code ec;
  policy.sasl.emplace();
  policy.sasl->database = std::filesystem::absolute(database, ec).string();
  policy.sasl->realm = text_of(options, "sasl-realm");
  policy.sasl->mechanisms = blank_separated(text_of(options, "sasl-mechanisms"));
  for (const auto& user : values_of(options, "sasl-user")) policy.users.insert(user);
  policy.tickets = has_password;
  return policy;
}

}  // namespace cassia::server
