// SPDX-License-Identifier: Apache-2.0
#pragma once

// SPICE's "host-subject": a certificate's subject written as "C=XX,O=Org,CN=name".
// Source: the rules of spice-common's ssl_verify.c, so that what a management tool writes for stock
// viewers means the same here.

#include <openssl/x509.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cassia::net {

using SubjectEntries = std::vector<std::pair<std::string, std::string>>;

/// Attribute names and values in their order. Blanks before a name are skipped; a comma or
/// backslash in a value has a backslash before it, and a backslash stands before nothing else.
/// Every entry has a name, '=' and a value; a comma may follow the last.
Result<SubjectEntries> parse_subject(std::string_view text);

/// True if the certificate's subject has exactly the entries of `wanted`, in their order. Names may
/// be short (CN), long (commonName) or numbers (2.5.4.3); letters compare as X.509 has it, without
/// case and with runs of blanks as one. False if `wanted` cannot be parsed.
bool subject_matches(const X509* certificate, std::string_view wanted);

}  // namespace cassia::net
