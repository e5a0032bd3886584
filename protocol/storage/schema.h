// SPDX-License-Identifier: Apache-2.0
#pragma once

// The storage verbs, once. What the RPC accepts, the words of `cassia-disk --connect`, the forms of
// the viewer's panel and the tables of docs/storage-channel.md all come from here. The schema is
// constant data: any thread may read it.

#include <span>
#include <string_view>

namespace cassia::storage {

/// What a ticket lets its holder do, each including the ones before it.
enum class Right { none, view, attach, manage };
std::string_view to_string(Right right);

enum class ValueType { text, integer, boolean };
std::string_view to_string(ValueType type);

/// How much thought a verb deserves before it is sent.
enum class Danger {
  reads,    ///< changes nothing
  changes,  ///< can be undone by another verb
  destroys  ///< content is gone afterwards: ask first
};
std::string_view to_string(Danger danger);

struct Parameter {
  std::string_view name;
  ValueType type = ValueType::text;
  bool required = false;
  std::string_view choices;   ///< "auto|virtio|scsi"; empty: any value
  std::string_view fallback;  ///< what an absent one means, in words or as the value; for people
  std::string_view flag;  ///< on the command line: "-f", "--bus"; empty: the next plain argument
  std::string_view doc;
};

/// One member of a result.
struct Field {
  std::string_view name;
  ValueType type = ValueType::text;
  std::string_view title;  ///< heading of its column in tables; empty: not in tables
  bool bytes = false;      ///< a size: people get 64 MiB
  std::string_view doc;
};

struct Record {
  std::string_view name;
  std::span<const Field> fields;
};

struct Verb {
  std::string_view name;     ///< "disk.attach"
  std::string_view command;  ///< the word of cassia-disk, and the flag that selects among verbs
                             ///< with that word: "attach", "snapshot -c"
  std::string_view summary;
  Right right = Right::view;
  Danger danger = Danger::reads;
  std::span<const Parameter> parameters;
  const Record* result = nullptr;
  bool list = false;  ///< the result is a list of records
};

std::span<const Verb> verbs();
std::span<const Record* const> records();

/// Null if there is no such verb.
const Verb* find_verb(std::string_view name);

}  // namespace cassia::storage
