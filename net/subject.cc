// SPDX-License-Identifier: Apache-2.0
#include "net/subject.h"

#include <memory>

namespace cassia::net {
namespace {

constexpr std::size_t max_subject = 4096;

/// One character of the text, with its escape undone.
struct Unit {
  char c = 0;
  bool escaped = false;
};

Result<Unit> next_unit(std::string_view& text) {
  Unit unit{text.front(), false};
  text.remove_prefix(1);
  if (unit.c != '\\') return unit;
  if (text.empty() || (text.front() != '\\' && text.front() != ',')) {
    return fail(ErrorKind::invalid_argument,
                "host-subject: a backslash stands before a comma or a backslash only");
  }
  unit = {text.front(), true};
  text.remove_prefix(1);
  return unit;
}

}  // namespace

Result<SubjectEntries> parse_subject(std::string_view text) {
  if (text.size() > max_subject || text.find('\0') != std::string_view::npos) {
    return fail(ErrorKind::invalid_argument, "host-subject: too long, or with a zero in it");
  }
  SubjectEntries out;
  std::string key, value;
  bool in_value = false;
  const auto finish = [&]() -> Result<void> {
    if (value.empty()) return fail(ErrorKind::invalid_argument, "host-subject: '{}' is empty", key);
    out.emplace_back(std::exchange(key, {}), std::exchange(value, {}));
    in_value = false;
    return {};
  };
  while (!text.empty()) {
    const Unit unit = CASSIA_TRY(next_unit(text));
    if (in_value) {
      if (unit.c == ',' && !unit.escaped) {
        CASSIA_TRY(finish());
      } else {
        value += unit.c;
      }
    } else if (unit.c == ' ' && key.empty()) {
      continue;
    } else if (unit.c == ',' && !unit.escaped) {
      return fail(ErrorKind::invalid_argument, "host-subject: '{}' has no value", key);
    } else if (unit.c == '=' && !unit.escaped) {
      in_value = true;
    } else {
      key += unit.c;
    }
  }
  if (in_value) CASSIA_TRY(finish());
  if (!key.empty()) {
    return fail(ErrorKind::invalid_argument, "host-subject: '{}' has no value", key);
  }
  return out;
}

bool subject_matches(const X509* certificate, std::string_view wanted) {
  const auto entries = parse_subject(wanted);
  if (!entries || entries->empty()) return false;
  const std::unique_ptr<X509_NAME, decltype(&X509_NAME_free)> name(X509_NAME_new(),
                                                                   &X509_NAME_free);
  if (!name) return false;
  for (const auto& [key, value] : *entries) {
    if (X509_NAME_add_entry_by_txt(name.get(), key.c_str(), MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(value.data()),
                                   static_cast<int>(value.size()), -1, 0) != 1) {
      return false;
    }
  }
  return X509_NAME_cmp(X509_get_subject_name(certificate), name.get()) == 0;
}

}  // namespace cassia::net
