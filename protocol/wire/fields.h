// SPDX-License-Identifier: Apache-2.0
#pragma once

// One description of a message's layout serves both directions. A message type states it once:
//
//   struct SetAck {
//     static constexpr const char* name = "set_ack";
//     std::uint32_t generation = 0;
//     std::uint32_t window = 0;
//     template <class Io, class Self>
//     static void fields(Io& io, Self& m) { io(m.generation, m.window); }
//   };
//
// parse<SetAck>(body) runs it with a FieldReader, encode(message) with a FieldWriter. Every count
// is checked against a cap and against the bytes that are there before memory is allocated for it.

#include <array>
#include <concepts>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "protocol/wire/reader.h"
#include "protocol/wire/writer.h"

namespace cassia::wire {

/// Bytes inside a message. Parsed: borrowed from the body, valid as long as it is. To be encoded:
/// shared (spliced without a copy) or borrowed until encode() returns.
class Blob {
 public:
  Blob() = default;
  explicit Blob(ByteView borrowed) : view_(borrowed) {}
  explicit Blob(SharedBytes shared) : shared_(std::move(shared)), view_(shared_.view()) {}

  ByteView view() const { return view_; }
  std::size_t size() const { return view_.size(); }
  const SharedBytes& shared() const { return shared_; }
  /// Bytes that outlive the body: the shared ones, else a copy.
  SharedBytes keep() const { return shared_.empty() ? SharedBytes(to_bytes(view_)) : shared_; }

 private:
  SharedBytes shared_;
  ByteView view_;
};

template <class T>
concept Scalar = std::integral<T> || std::is_enum_v<T>;

template <class T>
struct is_byte_array : std::false_type {};
template <std::size_t N>
struct is_byte_array<std::array<std::uint8_t, N>> : std::true_type {};

class FieldReader {
 public:
  static constexpr bool reading = true;

  explicit FieldReader(Reader reader) : reader_(reader) {}

  template <class... Fields>
  void operator()(Fields&... fields) {
    (field(fields), ...);
  }

  /// A rule of the format that the values read so far must obey.
  bool require(bool condition, const char* rule) {
    if (!condition && reader_.ok()) {
      reader_.fail();
      rule_ = rule;
    }
    return reader_.ok();
  }

  /// `Count` number of elements, then the elements, each at least `element_bytes` on the wire.
  template <class Count, class T>
  void list(std::vector<T>& items, std::size_t cap, std::size_t element_bytes) {
    elements(items, reader_.number<Count>(), cap, element_bytes);
  }
  /// As list(), the count having been read before.
  template <class T>
  void elements(std::vector<T>& items, std::uint64_t count, std::size_t cap,
                std::size_t element_bytes) {
    if (!require(count <= cap, "a count is beyond its cap")) return;
    if (!require(count * element_bytes <= reader_.remaining(), "a list is cut off")) return;
    items.resize(static_cast<std::size_t>(count));
    for (T& item : items) {
      if (!reader_.ok()) return;
      field(item);
    }
  }

  void blob(Blob& blob, std::uint64_t size) { blob = Blob(reader_.bytes(size)); }
  void rest(Blob& blob) { blob = Blob(reader_.rest()); }
  void text(std::string& text, std::uint64_t size) { text = as_text(reader_.bytes(size)); }

  /// A 32-bit offset from the start of the message to a `T`; 0 means there is none.
  template <class T>
  void pointer(std::optional<T>& target) {
    const std::uint32_t offset = reader_.u32();
    if (!reader_.ok() || offset == 0) return;
    into(offset, [&](FieldReader& sub) { sub.field(target.emplace()); });
  }
  /// As pointer(), but what is there is described by `body(io)`; one that is null is an error.
  template <class Body>
  void pointer_to(Body&& body) {
    const std::uint32_t offset = reader_.u32();
    if (!require(offset != 0, "a pointer that must not be null is")) return;
    into(offset, body);
  }

  template <class T>
  void field(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = reader_.u8() != 0;
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(reader_.number<std::underlying_type_t<T>>());
    } else if constexpr (std::integral<T>) {
      value = reader_.number<T>();
    } else if constexpr (is_byte_array<T>::value) {
      const ByteView raw = reader_.bytes(value.size());
      std::copy(raw.begin(), raw.end(), value.begin());
    } else {
      T::fields(*this, value);
    }
  }

  Result<void> result(const char* name) const {
    if (reader_.ok()) return {};
    return fail(ErrorKind::malformed, "malformed {} message: {}", name,
                rule_ ? rule_ : "it is cut off");
  }
  Reader& reader() { return reader_; }

 private:
  template <class Body>
  void into(std::uint32_t offset, Body&& body) {
    if (!require(offset <= reader_.whole().size(), "a pointer leads outside the message")) return;
    FieldReader sub(reader_.at(offset));
    body(sub);
    if (!sub.reader_.ok()) {
      reader_.fail();
      if (!rule_) rule_ = sub.rule_;
    }
  }

  Reader reader_;
  const char* rule_ = nullptr;
};

class FieldWriter {
 public:
  static constexpr bool reading = false;

  template <class... Fields>
  void operator()(const Fields&... fields) {
    (field(fields), ...);
  }
  bool require(bool condition, const char* rule) {
    (void)rule;
    return condition;
  }
  template <class Count, class T>
  void list(const std::vector<T>& items, std::size_t cap, std::size_t element_bytes) {
    writer_.number(static_cast<Count>(items.size()));
    elements(items, items.size(), cap, element_bytes);
  }
  template <class T>
  void elements(const std::vector<T>& items, std::uint64_t, std::size_t, std::size_t) {
    for (const T& item : items) field(item);
  }
  void blob(const Blob& blob, std::uint64_t) { rest(blob); }
  void rest(const Blob& blob) {
    if (blob.shared().empty()) {
      writer_.bytes(blob.view());
    } else {
      writer_.shared(blob.shared());
    }
  }
  void text(const std::string& text, std::uint64_t) { writer_.bytes(as_bytes(text)); }

  /// What a pointer leads to is written after the fields, in the order of the pointers.
  template <class T>
  void pointer(const std::optional<T>& target) {
    const Writer::Slot slot = writer_.u32(0);
    if (target) later_.push_back({slot, [&target](FieldWriter& io) { io.field(*target); }});
  }
  template <class Body>
  void pointer_to(Body&& body) {
    const Writer::Slot slot = writer_.u32(0);
    later_.push_back({slot, [body](FieldWriter& io) { body(io); }});
  }

  template <class T>
  void field(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      writer_.u8(value ? 1 : 0);
    } else if constexpr (std::is_enum_v<T>) {
      writer_.number(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::integral<T>) {
      writer_.number(value);
    } else if constexpr (is_byte_array<T>::value) {
      writer_.bytes(value);
    } else {
      T::fields(*this, value);
    }
  }

  /// Writes everything that pointers lead to (which may hold pointers of its own).
  void finish() {
    for (std::size_t i = 0; i < later_.size(); ++i) {
      const Later now = later_[i];
      writer_.patch_u32(now.slot, static_cast<std::uint32_t>(writer_.size()));
      now.body(*this);
    }
    later_.clear();
  }
  Writer& writer() { return writer_; }

 private:
  struct Later {
    Writer::Slot slot;
    std::function<void(FieldWriter&)> body;
  };
  Writer writer_;
  std::vector<Later> later_;
};

/// The message in `body`. Blobs in it borrow from `body`. Trailing bytes are left unread: newer
/// peers may append fields.
template <class T>
Result<T> parse(ByteView body) {
  FieldReader io{Reader(body)};
  T message;
  io.field(message);
  CASSIA_TRY(io.result(T::name));
  return message;
}

template <class T>
Bytes encode(const T& message) {
  FieldWriter io;
  io.field(message);
  io.finish();
  return io.writer().take();
}

template <class T>
std::vector<SharedBytes> encode_pieces(const T& message) {
  FieldWriter io;
  io.field(message);
  io.finish();
  return io.writer().take_pieces();
}

}  // namespace cassia::wire
