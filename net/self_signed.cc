// SPDX-License-Identifier: Apache-2.0
#include "net/self_signed.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace cassia::net {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

bool is_ip_literal(const std::string& text) {
  unsigned char scratch[16];
  return ::inet_pton(AF_INET, text.c_str(), scratch) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), scratch) == 1;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (!extension) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool fill(X509* certificate, EVP_PKEY* key, const std::string& common_name, int days) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * days);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) != 1) return false;
  X509_set_issuer_name(certificate, name);
  const std::string alternative = (is_ip_literal(common_name) ? "IP:" : "DNS:") + common_name;
  return add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(certificate, NID_subject_alt_name, alternative) &&
         X509_sign(certificate, key, EVP_sha256()) != 0;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Result<PemPair> make_self_signed(const std::string& common_name, int days) {
  KeyPtr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  CertificatePtr certificate(X509_new(), X509_free);
  BioPtr certificate_text(BIO_new(BIO_s_mem()), BIO_free_all);
  BioPtr key_text(BIO_new(BIO_s_mem()), BIO_free_all);
  if (!key || !certificate || !certificate_text || !key_text ||
      !fill(certificate.get(), key.get(), common_name, days) ||
      PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return fail(ErrorKind::internal, "OpenSSL cannot make a certificate for '{}'", common_name);
  }
  return PemPair{text_of(certificate_text.get()), text_of(key_text.get())};
}

}  // namespace cassia::net
