// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <mutex>
#include <vector>

#include "channels/sasl/cyrus_connection.h"

namespace cassia::channels {
namespace {

Result<void> prepare_library() {
  static std::once_flag once;
  static int code = SASL_OK;
  std::call_once(once, [] { code = sasl_client_init(nullptr); });
  if (code == SASL_OK) return {};
  return fail(ErrorKind::unsupported, "cyrus-sasl does not start: {}",
              sasl_errstring(code, nullptr, nullptr));
}

class CyrusClient final : public SaslClient {
 public:
  explicit CyrusClient(SaslCredentials credentials)
      : credentials_(std::move(credentials)),
        callbacks_{sasl_callback(SASL_CB_USER, name, this),
                   sasl_callback(SASL_CB_AUTHNAME, name, this),
                   sasl_callback(SASL_CB_PASS, secret, this),
                   sasl_callback(SASL_CB_GETREALM, realm, this),
                   {SASL_CB_LIST_END, nullptr, nullptr}} {
    // sasl_secret_t is a length with the bytes behind it.
    secret_.resize(sizeof(sasl_secret_t) + credentials_.password.size());
    auto* out = reinterpret_cast<sasl_secret_t*>(secret_.data());
    out->len = credentials_.password.size();
    std::memcpy(out->data, credentials_.password.c_str(), credentials_.password.size() + 1);
  }

  Result<void> prepare(const std::string& host, const SaslTransport& transport) {
    const int code =
        sasl_client_new("spice", host.empty() ? "localhost" : host.c_str(), nullptr, nullptr,
                        callbacks_.data(), SASL_SUCCESS_DATA, connection_.place());
    if (code != SASL_OK) return fail(connection_.error(code, "a new connection"));
    return connection_.secure(transport);
  }

  Result<Start> start(const std::string& mechanisms) override {
    if (credentials_.user.empty() && mechanisms.find("GSS") == std::string::npos) {
      return fail(ErrorKind::auth, "the server wants a user name: give --user NAME");
    }
    const char* out = nullptr;
    const char* chosen = nullptr;
    unsigned size = 0;
    const int code =
        sasl_client_start(connection_.get(), mechanisms.c_str(), nullptr, &out, &size, &chosen);
    if (code == SASL_NOMECH) {
      return fail(ErrorKind::unsupported,
                  "of the server's SASL mechanisms ({}) none is safe on this connection: use TLS",
                  mechanisms);
    }
    if (code != SASL_OK && code != SASL_CONTINUE) {
      return fail(connection_.error(code, "choosing a mechanism"));
    }
    return Start{chosen, {sasl_data(out, size), code == SASL_OK}};
  }

  Result<SaslReply> step(std::optional<ByteView> data) override {
    const char* in =
        data ? data->empty() ? "" : reinterpret_cast<const char*>(data->data()) : nullptr;
    const char* out = nullptr;
    unsigned size = 0;
    const int code =
        sasl_client_step(connection_.get(), in, data ? static_cast<unsigned>(data->size()) : 0,
                         nullptr, &out, &size);
    if (code != SASL_OK && code != SASL_CONTINUE) {
      return fail(connection_.error(code, "authentication"));
    }
    return SaslReply{sasl_data(out, size), code == SASL_OK};
  }

  unsigned layer_bits() const override { return connection_.layer_bits(); }
  Result<Bytes> encode(ByteView plain) override { return connection_.encode(plain); }
  Result<Bytes> decode(ByteView wire) override { return connection_.decode(wire); }

 private:
  static int name(void* context, int, const char** result, unsigned* size) {
    const auto& user = static_cast<const CyrusClient*>(context)->credentials_.user;
    *result = user.c_str();
    if (size != nullptr) *size = static_cast<unsigned>(user.size());
    return SASL_OK;
  }
  static int secret(sasl_conn_t*, void* context, int, sasl_secret_t** out) {
    auto& self = *static_cast<CyrusClient*>(context);
    *out = reinterpret_cast<sasl_secret_t*>(self.secret_.data());
    return SASL_OK;
  }
  static int realm(void*, int, const char** offered, const char** result) {
    *result = offered != nullptr && offered[0] != nullptr ? offered[0] : "";
    return SASL_OK;
  }

  const SaslCredentials credentials_;
  std::vector<unsigned char> secret_;
  const std::array<sasl_callback_t, 5> callbacks_;
  CyrusConnection connection_;
};

}  // namespace

Result<std::unique_ptr<SaslClient>> make_cyrus_client(SaslCredentials credentials,
                                                      const std::string& host,
                                                      const SaslTransport& transport) {
  CASSIA_TRY(prepare_library());
  auto client = std::make_unique<CyrusClient>(std::move(credentials));
  CASSIA_TRY(client->prepare(host, transport));
  return std::unique_ptr<SaslClient>(std::move(client));
}

}  // namespace cassia::channels
