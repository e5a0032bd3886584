// SPDX-License-Identifier: Apache-2.0
#include "net/subject.h"

#include <openssl/objects.h>

#include <string>
#include <utility>
#include <vector>

namespace cassia::net {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

Entries parse_subject(std::string_view text) {
  Entries out;
  std::string key;
  std::string value;
  bool in_value = false;
  const auto finish = [&] {
    if (in_value) out.emplace_back(std::move(key), std::move(value));
    key.clear();
    value.clear();
    in_value = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      (in_value ? value : key) += text[++i];
    } else if (c == ',') {
      finish();
    } else if (c == '=' && !in_value) {
      in_value = true;
    } else if (in_value || c != ' ') {
      (in_value ? value : key) += c;
    }
  }
  finish();
  return out;
}

Entries entries_of(const X509_NAME* name) {
  Entries out;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const char* key = OBJ_nid2sn(OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)));
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) return {};
    out.emplace_back(key ? key : "", std::string(reinterpret_cast<char*>(utf8), size));
    OPENSSL_free(utf8);
  }
  return out;
}

}  // namespace

bool subject_matches(const X509* certificate, std::string_view wanted) {
  const Entries entries = entries_of(X509_get_subject_name(certificate));
  return !entries.empty() && entries == parse_subject(wanted);
}

}  // namespace cassia::net
