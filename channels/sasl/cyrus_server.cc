// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <mutex>

#include "base/log.h"
#include "channels/sasl/cyrus_connection.h"

namespace cassia::channels {
namespace {

int log_line(void*, int level, const char* message) {
  if (level <= SASL_LOG_WARN && level != SASL_LOG_NONE) log_debug("sasl", "{}", message);
  return SASL_OK;
}

/// Loads the plug-ins: once a process, for the library keeps them in variables of its own.
Result<void> prepare_library() {
  static std::once_flag once;
  static int code = SASL_OK;
  static const sasl_callback_t callbacks[] = {sasl_callback(SASL_CB_LOG, log_line, nullptr),
                                              {SASL_CB_LIST_END, nullptr, nullptr}};
  std::call_once(once, [] { code = sasl_server_init(callbacks, "cassia"); });
  if (code == SASL_OK) return {};
  return fail(ErrorKind::unsupported, "cyrus-sasl does not start: {}",
              sasl_errstring(code, nullptr, nullptr));
}

class CyrusServer final : public SaslServer {
 public:
  explicit CyrusServer(const SaslServerSettings& settings)
      : settings_(settings),
        callbacks_{sasl_callback(SASL_CB_GETOPT, option, this),
                   sasl_callback(SASL_CB_LOG, log_line, nullptr),
                   {SASL_CB_LIST_END, nullptr, nullptr}} {}

  Result<void> prepare(const SaslTransport& transport);

  std::string mechanisms() const override { return mechanisms_; }
  Result<SaslReply> start(const std::string& mechanism, std::optional<ByteView> data) override {
    const char* out = nullptr;
    unsigned size = 0;
    const int code = sasl_server_start(connection_.get(), mechanism.c_str(), text_of(data),
                                       size_of(data), &out, &size);
    return reply(code, out, size);
  }
  Result<SaslReply> step(std::optional<ByteView> data) override {
    const char* out = nullptr;
    unsigned size = 0;
    const int code = sasl_server_step(connection_.get(), text_of(data), size_of(data), &out, &size);
    return reply(code, out, size);
  }
  std::string user() const override {
    const void* name = nullptr;
    if (sasl_getprop(connection_.get(), SASL_USERNAME, &name) != SASL_OK || name == nullptr) {
      return {};
    }
    std::string user = static_cast<const char*>(name);
    // DIGEST-MD5 names it with its realm; the other mechanisms do not.
    const auto at = user.rfind('@');
    if (!settings_.realm.empty() && at != std::string::npos &&
        user.substr(at + 1) == settings_.realm) {
      user.resize(at);
    }
    return user;
  }
  unsigned layer_bits() const override { return connection_.layer_bits(); }
  Result<Bytes> encode(ByteView plain) override { return connection_.encode(plain); }
  Result<Bytes> decode(ByteView wire) override { return connection_.decode(wire); }

 private:
  static const char* text_of(const std::optional<ByteView>& data) {
    // Empty data are data: the pointer must not be null.
    return data ? data->empty() ? "" : reinterpret_cast<const char*>(data->data()) : nullptr;
  }
  static unsigned size_of(const std::optional<ByteView>& data) {
    return data ? static_cast<unsigned>(data->size()) : 0;
  }

  Result<SaslReply> reply(int code, const char* out, unsigned size) {
    if (code != SASL_OK && code != SASL_CONTINUE) {
      return fail(connection_.error(code, "authentication"));
    }
    return SaslReply{sasl_data(out, size), code == SASL_OK};
  }

  /// The library's configuration: the settings in place of a file.
  static int option(void* context, const char*, const char* name, const char** value,
                    unsigned* size) {
    const auto& self = *static_cast<const CyrusServer*>(context);
    const std::string_view key = name;
    const char* found = nullptr;
    if (key == "auxprop_plugin") found = "sasldb";
    if (key == "pwcheck_method") found = "auxprop";
    if (key == "sasldb_path") found = self.settings_.database.c_str();
    if (key == "mech_list" && !self.settings_.mechanisms.empty()) {
      found = self.settings_.mechanisms.c_str();
    }
    if (found == nullptr) return SASL_FAIL;
    *value = found;
    if (size != nullptr) *size = static_cast<unsigned>(std::strlen(found));
    return SASL_OK;
  }

  const SaslServerSettings settings_;
  const std::array<sasl_callback_t, 3> callbacks_;
  CyrusConnection connection_;  ///< after what it refers to
  std::string mechanisms_;
};

Result<void> CyrusServer::prepare(const SaslTransport& transport) {
  const char* realm = settings_.realm.empty() ? nullptr : settings_.realm.c_str();
  int code = sasl_server_new("spice", nullptr, realm, nullptr, nullptr, callbacks_.data(),
                             SASL_SUCCESS_DATA, connection_.place());
  if (code != SASL_OK) return fail(connection_.error(code, "a new connection"));
  CASSIA_TRY(connection_.secure(transport));
  const char* list = nullptr;
  code = sasl_listmech(connection_.get(), nullptr, ",", ",", ",", &list, nullptr, nullptr);
  // Without any mechanism the list is made of separators alone.
  if (code != SASL_OK || list == nullptr || std::strspn(list, ",") == std::strlen(list)) {
    return fail(ErrorKind::unsupported,
                "no SASL mechanism is good enough for this connection: use TLS, or install "
                "libsasl2-modules");
  }
  mechanisms_ = list;
  return {};
}

}  // namespace

Result<std::unique_ptr<SaslServer>> make_cyrus_server(const SaslServerSettings& settings,
                                                      const SaslTransport& transport) {
  CASSIA_TRY(prepare_library());
  auto server = std::make_unique<CyrusServer>(settings);
  CASSIA_TRY(server->prepare(transport));
  return std::unique_ptr<SaslServer>(std::move(server));
}

}  // namespace cassia::channels
