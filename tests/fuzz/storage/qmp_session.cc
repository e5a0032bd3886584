// SPDX-License-Identifier: Apache-2.0
// What a QMP peer may send, in two pieces cut where the first byte says.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "protocol/json/json_text.h"
#include "protocol/qmp/session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cassia;
  if (size == 0) return 0;
  ByteView bytes(data + 1, size - 1);
  qmp::Session session({{}, [](const qmp::Event& event) { (void)to_text(event.data); }, {}});
  for (int i = 0; i < 3; ++i) {
    session.execute("query-block", nullptr, [](Result<nlohmann::json> reply) {
      if (reply) (void)to_text(*reply);
    });
  }
  const std::size_t cut = std::min<std::size_t>(data[0], bytes.size());
  if (session.receive(bytes.first(cut), {})) (void)session.receive(bytes.subspan(cut), {});
  (void)session.take_output();
  session.closed(Error(ErrorKind::closed, "end"));
  return 0;
}
