// SPDX-License-Identifier: Apache-2.0
// Contents as programs of the desktop have them, and as the guest's agent has them.

#include "client/clipboard/uri_list.h"
#include "client/clipboard/x11_display.h"

namespace cassia::client {
namespace {

/// True for well-formed UTF-8 (RFC 3629).
bool is_utf8(ByteView text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t c = text[i];
    const std::size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2
                             : c >= 0xf0 && c < 0xf5 ? 3 : 4;
    if (more == 4 || text.size() - i <= more) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((text[i + k] & 0xc0) != 0x80) return false;
    }
    const std::uint8_t second = more > 0 ? text[i + 1] : 0;
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) ||
        (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f)) {
      return false;
    }
    i += more + 1;
  }
  return true;
}

Bytes latin1_to_utf8(const Bytes& text) {
  Bytes out;
  out.reserve(text.size());
  for (const std::uint8_t c : text) {
    if (c < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<std::uint8_t>(0xc0 | c >> 6));
      out.push_back(static_cast<std::uint8_t>(0x80 | (c & 0x3f)));
    }
  }
  return out;
}

Result<SharedBytes> utf8_to_latin1(const SharedBytes& text) {
  Bytes out;
  out.reserve(text.size());
  const ByteView in = text.view();
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] < 0x80) {
      out.push_back(in[i]);
    } else if ((in[i] == 0xc2 || in[i] == 0xc3) && i + 1 < in.size()) {
      out.push_back(static_cast<std::uint8_t>(in[i] << 6 | (in[i + 1] & 0x3f)));
      ++i;
    } else {
      return fail(ErrorKind::unsupported, "a text with letters beyond Latin-1");
    }
  }
  return SharedBytes(std::move(out));
}

Result<Bytes> as_agent_list(const Result<spice::FileList>& list) {
  if (!list) return fail(list.error());
  return spice::write_file_list(*list);
}

}  // namespace

Result<SharedBytes> to_form(TargetForm form, const SharedBytes& data) {
  switch (form) {
    case TargetForm::latin1:
      return utf8_to_latin1(data);
    case TargetForm::copied_files: {
      const spice::FileList list = CASSIA_TRY(spice::read_file_list(data.view()));
      return SharedBytes(to_bytes(std::string_view(write_copied_files(list))));
    }
    case TargetForm::uri_list: {
      const spice::FileList list = CASSIA_TRY(spice::read_file_list(data.view()));
      return SharedBytes(to_bytes(std::string_view(write_uri_list(list))));
    }
    default:
      return data;
  }
}

Result<Bytes> from_form(TargetForm form, Bytes data, bool cut) {
  switch (form) {
    case TargetForm::latin1:
      return latin1_to_utf8(data);
    case TargetForm::any_text:
      return is_utf8(data) ? std::move(data) : latin1_to_utf8(data);
    case TargetForm::copied_files:
      return as_agent_list(read_copied_files(as_text(data)));
    case TargetForm::uri_list: {
      auto list = read_uri_list(as_text(data));
      if (list) list->cut = cut;
      return as_agent_list(list);
    }
    default:
      return data;
  }
}

}  // namespace cassia::client
