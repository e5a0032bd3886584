// SPDX-License-Identifier: Apache-2.0
// SPICE's host-subject, parsed and compared with a certificate's subject.

#include <memory>

#include "net/subject.h"

namespace {

X509* certificate() {
  static const std::unique_ptr<X509, decltype(&X509_free)> made = [] {
    std::unique_ptr<X509, decltype(&X509_free)> out(X509_new(), &X509_free);
    X509_NAME* name = X509_get_subject_name(out.get());
    const auto add = [name](const char* key, const char* value) {
      X509_NAME_add_entry_by_txt(name, key, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(value), -1, -1, 0);
    };
    add("O", "Example, Inc");
    add("CN", "vm.example");
    return out;
  }();
  return made.get();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto entries = cassia::net::parse_subject(text);
  const bool matches = cassia::net::subject_matches(certificate(), text);
  if (matches && (!entries || entries->size() != 2)) __builtin_trap();
  return 0;
}
