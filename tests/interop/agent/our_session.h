// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "client/session/agent_link.h"
#include "client/session/session.h"
#include "tests/support/wait.h"

namespace cassia::test {

/// The viewer's session without its window, and what the guest's agent tells it.
class OurSession {
 public:
  explicit OurSession(const std::string& uri, client::SessionOptions options = {}) {
    options.address = *net::parse_spice_uri(uri);
    session_ = std::move(*client::Session::start(std::move(options)));
  }
  client::Session& operator*() { return *session_; }

  /// Calls `seen` for each new event of this kind.
  template <class Change>
  void each(const std::function<void(const Change&)>& seen) {
    for (const auto& event : session_->take_events()) {
      const auto* agent = std::get_if<client::AgentEvent>(&event);
      const auto* change = agent ? std::get_if<Change>(&agent->change) : nullptr;
      if (change) seen(*change);
    }
  }
  /// Looks at events until `wanted(change)` is true for one of them.
  template <class Change>
  std::optional<Change> wait(const std::function<bool(const Change&)>& wanted) {
    std::optional<Change> found;
    wait_until([&] {
      each<Change>([&](const Change& change) {
        if (!found && wanted(change)) found = change;
      });
      return found.has_value();
    });
    return found;
  }
  bool agent_can(unsigned cap) {
    return wait<client::AgentState>([&](const auto& s) { return s.up && s.caps.has(cap); })
        .has_value();
  }
  bool agent_up() {
    return wait<client::AgentState>([](const auto& s) { return s.up; }).has_value();
  }

 private:
  std::unique_ptr<client::Session> session_;
};

}  // namespace cassia::test
