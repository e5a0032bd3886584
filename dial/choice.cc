// SPDX-License-Identifier: Apache-2.0
#include "dial/choice.h"

#include <cstdlib>

namespace cassia::dial {

std::vector<std::string> channel_names(std::string_view list) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find_first_of(",;", at), list.size());
    if (end > at) names.emplace_back(list.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

Result<std::optional<net::Proxy>> choose_proxy(const std::string& option) {
  if (!option.empty()) {
    const auto proxy = net::parse_proxy(option);
    if (!proxy) return fail(proxy.error().in("--proxy"));
    return *proxy;
  }
  const char* const variable = std::getenv("SPICE_PROXY");
  if (variable == nullptr || *variable == '\0') return std::nullopt;
  const auto proxy = net::parse_proxy(variable);
  if (!proxy) return fail(proxy.error().in("SPICE_PROXY"));
  return *proxy;
}

}  // namespace cassia::dial
