// SPDX-License-Identifier: Apache-2.0
#include "net/subject.h"

#include <gtest/gtest.h>

#include <memory>

namespace cassia::net {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

/// Of a subject given as entries, not as text: what the parser does plays no part in it.
Certificate certificate_of(const SubjectEntries& entries) {
  Certificate certificate(X509_new(), &X509_free);
  X509_NAME* name = X509_NAME_new();
  for (const auto& [key, value] : entries) {
    X509_NAME_add_entry_by_txt(name, key.c_str(), MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(value.data()),
                               static_cast<int>(value.size()), -1, 0);
  }
  X509_set_subject_name(certificate.get(), name);
  X509_NAME_free(name);
  return certificate;
}

TEST(Subject, MatchesTheWholeInOrder) {
  const auto vm = certificate_of({{"C", "IL"}, {"O", "Red, Hat\\Inc"}, {"CN", "vm.example"}});
  EXPECT_TRUE(subject_matches(vm.get(), "C=IL,O=Red\\, Hat\\\\Inc,CN=vm.example"));
  EXPECT_TRUE(subject_matches(vm.get(), "C=IL, O=Red\\, Hat\\\\Inc,  CN=vm.example,"));
  EXPECT_TRUE(subject_matches(vm.get(),
                              "2.5.4.6=IL,organizationName=Red\\, Hat\\\\Inc,"
                              "commonName=VM.Example"));
  for (const char* other :
       {"", "CN=vm.example", "C=IL,CN=vm.example", "C=IL,CN=vm.example,O=Red\\, Hat\\\\Inc",
        "C=IL,O=Red\\, Hat\\\\Inc,CN=vm.example,CN=vm.example", "C=IL,O=Red\\, Hat,CN=vm.example",
        "C=IL,O=Red, Hat\\\\Inc,CN=vm.example", "C=IL,O=Red\\, Hat\\\\Inc,CN=vm.example.evil",
        "C=IL,O=Red\\, Hat\\\\Inc,NoSuchName=vm.example"}) {
    EXPECT_FALSE(subject_matches(vm.get(), other)) << other;
  }
  EXPECT_FALSE(subject_matches(certificate_of({}).get(), ""));
}

TEST(Subject, ParsesAsThePeerDoes) {
  EXPECT_EQ(*parse_subject("CN=a=b"), (SubjectEntries{{"CN", "a=b"}}));
  EXPECT_EQ(*parse_subject("  CN= a "), (SubjectEntries{{"CN", " a "}}));
  EXPECT_EQ(*parse_subject("A=\\,\\\\,B=\xc3\xa9"),
            (SubjectEntries{{"A", ",\\"}, {"B", "\xc3\xa9"}}));
  EXPECT_TRUE(parse_subject("")->empty());
  for (const char* bad : {"CN", "CN,", "CN=", "CN=,O=x", ",CN=x", "CN=x\\", "CN=x\\n", "CN=x,O"}) {
    EXPECT_FALSE(parse_subject(bad)) << bad;
  }
  EXPECT_FALSE(parse_subject(std::string_view("CN=a\0b", 6)));
  EXPECT_FALSE(parse_subject("CN=" + std::string(5000, 'x')));
}

}  // namespace
}  // namespace cassia::net
