// SPDX-License-Identifier: Apache-2.0
#pragma once

// SPICE's "host-subject": a certificate's subject written as "C=XX,O=Org,CN=name".

#include <openssl/x509.h>

#include <string_view>

namespace cassia::net {

/// True if the certificate's subject has exactly the entries of `wanted`, in their order. A comma
/// or a backslash inside a value is written with a backslash before it.
bool subject_matches(const X509* certificate, std::string_view wanted);

}  // namespace cassia::net
