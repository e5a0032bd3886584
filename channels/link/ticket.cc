// SPDX-License-Identifier: Apache-2.0
#include "channels/link/ticket.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "channels/link/server_connection.h"
#include "protocol/spice/link.h"

namespace cassia::channels {
namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;

constexpr int key_bits = 1024;  // fixed by SPICE_TICKET_KEY_PAIR_LENGTH

bool use_oaep(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha1()) > 0;
}

class RsaTicketKey final : public TicketKey {
 public:
  RsaTicketKey(Key key, Bytes public_key) : key_(std::move(key)), public_(std::move(public_key)) {}

  ByteView public_key() const override { return public_; }

  Result<std::string> decrypt(ByteView ticket) const override {
    const KeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    if (!context || EVP_PKEY_decrypt_init(context.get()) <= 0 || !use_oaep(context.get())) {
      return fail(ErrorKind::internal, "OpenSSL refuses RSA-OAEP");
    }
    Bytes plain(spice::ticket_size);
    std::size_t size = plain.size();
    if (EVP_PKEY_decrypt(context.get(), plain.data(), &size, ticket.data(), ticket.size()) <= 0) {
      return fail(ErrorKind::auth, "the ticket cannot be decrypted");
    }
    plain.resize(size);
    // Up to the terminating zero that clients send along.
    const std::string_view text = as_text(plain);
    return std::string(text.substr(0, text.find('\0')));
  }

 private:
  Key key_;
  Bytes public_;
};

}  // namespace

Result<std::shared_ptr<const TicketKey>> TicketKey::generate() {
  const KeyContext context(EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr));
  EVP_PKEY* made = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), key_bits) <= 0 ||
      EVP_PKEY_keygen(context.get(), &made) <= 0) {
    return fail(ErrorKind::internal, "OpenSSL cannot make an RSA key of {} bits", key_bits);
  }
  Key key(made);
  Bytes der(spice::ticket_key_size);
  const int size = i2d_PUBKEY(key.get(), nullptr);
  if (size != static_cast<int>(der.size())) {
    return fail(ErrorKind::internal, "the RSA key takes {} bytes, not {}", size, der.size());
  }
  unsigned char* out = der.data();
  i2d_PUBKEY(key.get(), &out);
  return std::make_shared<const RsaTicketKey>(std::move(key), std::move(der));
}

Result<Bytes> encrypt_ticket(ByteView public_key, std::string_view password) {
  if (password.size() > spice::max_password) {
    return fail(ErrorKind::invalid_argument, "the password is longer than {} bytes",
                spice::max_password);
  }
  const unsigned char* in = public_key.data();
  const Key key(d2i_PUBKEY(nullptr, &in, static_cast<long>(public_key.size())));
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA ||
      EVP_PKEY_size(key.get()) != static_cast<int>(spice::ticket_size)) {
    return fail(ErrorKind::malformed, "the server's ticket key is not an RSA key of {} bits",
                key_bits);
  }
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (!context || EVP_PKEY_encrypt_init(context.get()) <= 0 || !use_oaep(context.get())) {
    return fail(ErrorKind::internal, "OpenSSL refuses RSA-OAEP");
  }
  Bytes plain = to_bytes(password);
  plain.push_back(0);
  Bytes ticket(spice::ticket_size);
  std::size_t size = ticket.size();
  if (EVP_PKEY_encrypt(context.get(), ticket.data(), &size, plain.data(), plain.size()) <= 0) {
    return fail(ErrorKind::malformed, "the server's ticket key cannot encrypt");
  }
  ticket.resize(size);
  return ticket;
}

}  // namespace cassia::channels
