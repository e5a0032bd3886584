// SPDX-License-Identifier: Apache-2.0
#include "protocol/qmp/session.h"

#include <nlohmann/json.hpp>

#include "protocol/json/json_text.h"

namespace cassia::qmp {
namespace {

using nlohmann::json;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// QEMU has one class for nearly every failure; its sentence tells more.
ErrorKind kind_of(std::string_view error_class, std::string_view description) {
  if (error_class == "CommandNotFound") return ErrorKind::unsupported;
  if (error_class == "DeviceNotFound") return ErrorKind::not_found;
  if (contains(description, "No space left")) return ErrorKind::no_space;
  if (contains(description, "Permission denied")) return ErrorKind::permission;
  if (contains(description, "No such file") || contains(description, "Cannot find") ||
      contains(description, "not found")) {
    return ErrorKind::not_found;
  }
  if (contains(description, "lock") || contains(description, "in use") ||
      contains(description, "is busy") || contains(description, "in the process of unplug")) {
    return ErrorKind::busy;
  }
  if (contains(description, "not support")) return ErrorKind::unsupported;
  return ErrorKind::io;
}

}  // namespace

Session::Session(Handlers handlers) : handlers_(std::move(handlers)) {}
Session::~Session() = default;

void Session::execute(std::string_view command, const json& arguments, Reply reply) {
  if (closed_) {
    reply(fail(ErrorKind::closed, "{}: the QMP connection is closed", command));
    return;
  }
  json message = {{"execute", std::string(command)}, {"id", next_id_}};
  if (!arguments.is_null()) message["arguments"] = arguments;
  pending_.emplace(next_id_++, Pending{std::string(command), std::move(reply)});
  if (ready_) {
    send(to_text(message));
  } else {
    held_.push_back(to_text(message));
  }
}

void Session::execute_with(std::string_view command, const json& arguments,
                           std::shared_ptr<const FileDescriptor> descriptor, Reply reply) {
  if (!closed_ && !ready_) {
    return reply(fail(ErrorKind::invalid_argument, "{}: QMP is not ready yet", command));
  }
  if (!closed_) descriptors_.push_back({output_.size(), std::move(descriptor)});
  execute(command, arguments, std::move(reply));
}

void Session::finish() {
  finished_ = true;
  wake();
}

void Session::send(std::string text) {
  text += '\n';
  output_.emplace_back(to_bytes(text));
  wake();
}

Result<void> Session::receive(ByteView bytes, TimePoint) {
  std::string_view rest = as_text(bytes);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view part = rest.substr(0, end);
    if (partial_.size() + part.size() > max_line) {
      return fail(ErrorKind::malformed, "QMP: a line longer than {} bytes", max_line);
    }
    if (end == std::string_view::npos) {
      partial_ += part;
      return {};
    }
    rest.remove_prefix(end + 1);
    if (partial_.empty()) {
      CASSIA_TRY(line(part));
    } else {
      const std::string whole = std::exchange(partial_, {}).append(part);
      CASSIA_TRY(line(whole));
    }
  }
  return {};
}

Result<void> Session::line(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  if (text.empty()) return {};
  auto message = parse_json(text);
  if (!message) return fail(message.error().in("QMP"));
  if (!message->is_object()) return fail(ErrorKind::malformed, "QMP: a message is not an object");
  if (!greeted_) return greet(*message);
  if (message->contains("event")) return event(*message);
  if (message->contains("return") || message->contains("error")) return reply(*message);
  return fail(ErrorKind::malformed, "QMP: a message is neither event nor reply");
}

Result<void> Session::greet(const json& message) {
  const json& version = member(member(message, "QMP"), "version");
  if (!version.is_object())
    return fail(ErrorKind::malformed, "QMP: the peer does not greet like QEMU");
  const json& numbers = member(version, "qemu");
  greeting_.major = static_cast<int>(number_at(numbers, "major"));
  greeting_.minor = static_cast<int>(number_at(numbers, "minor"));
  greeting_.micro = static_cast<int>(number_at(numbers, "micro"));
  greeting_.package = text_at(version, "package");
  greeted_ = true;
  negotiate();
  return {};
}

void Session::negotiate() {
  const json message = {{"execute", "qmp_capabilities"}, {"id", next_id_}};
  pending_.emplace(next_id_++, Pending{"qmp_capabilities", [this](Result<json> result) {
                                         if (!result) {
                                           finish();
                                           return;
                                         }
                                         ready_ = true;
                                         for (std::string& text : std::exchange(held_, {})) {
                                           send(std::move(text));
                                         }
                                         if (handlers_.ready) handlers_.ready(greeting_);
                                       }});
  send(to_text(message));
}

Result<void> Session::event(const json& message) {
  const std::string name = text_at(message, "event");
  if (name.empty()) return fail(ErrorKind::malformed, "QMP: an event without a name");
  const json& stamp = member(message, "timestamp");
  const std::int64_t seconds = number_at(stamp, "seconds", -1);
  // -1 is QEMU's "the clock failed"; more than this would not fit in microseconds.
  const bool usable = seconds >= 0 && seconds < (std::int64_t{1} << 40);
  const std::int64_t micros = number_at(stamp, "microseconds");
  if (handlers_.event) {
    handlers_.event(
        {name, member(message, "data"),
         usable && micros >= 0 && micros < 1'000'000 ? seconds * 1'000'000 + micros : 0});
  }
  return {};
}

Result<void> Session::reply(const json& message) {
  const json& id = member(message, "id");
  const auto found =
      id.is_number_unsigned() ? pending_.find(id.get<std::uint64_t>()) : pending_.end();
  if (found == pending_.end()) return fail(ErrorKind::malformed, "QMP: a reply to no command");
  const Pending done = std::move(found->second);
  pending_.erase(found);
  if (message.contains("return")) {
    done.reply(message["return"]);
    return {};
  }
  const json& error = member(message, "error");
  const std::string description = text_at(error, "desc", "unknown error");
  done.reply(
      fail(kind_of(text_at(error, "class"), description), "{}: {}", done.command, description));
  return {};
}

void Session::closed(const Error& why) {
  closed_ = true;
  ready_ = false;
  auto pending = std::exchange(pending_, {});
  for (auto& [id, waiting] : pending) {
    if (waiting.command == "qmp_capabilities") continue;
    waiting.reply(fail(ErrorKind::closed, "{}: the QMP connection ended ({})", waiting.command,
                       why.message()));
  }
  if (handlers_.closed) handlers_.closed(why);
}

std::vector<SharedBytes> Session::take_output() {
  taken_ = std::exchange(descriptors_, {});
  return std::exchange(output_, {});
}

std::vector<PassedDescriptor> Session::take_descriptors() { return std::exchange(taken_, {}); }

}  // namespace cassia::qmp
