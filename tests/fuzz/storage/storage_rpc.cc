// SPDX-License-Identifier: Apache-2.0
// Bytes from the storage channel, read by both roles; a request is held against the schema.
#include "protocol/storage/check.h"
#include "protocol/storage/framer.h"
#include "protocol/storage/rpc.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cassia;
  storage::StorageFramer framer;
  (void)framer.receive({data, size}, [](std::string_view text) -> Result<void> {
    const auto request = storage::parse_request(text);
    if (!request) {
      (void)storage::make_refusal(request.error());
    } else if (const storage::Verb* verb = storage::find_verb(request->method)) {
      const auto fits = storage::check_params(*verb, request->params);
      (void)(fits ? storage::make_answer(request->id, request->params)
                  : storage::make_error(request->id, fits.error()));
    }
    if (const auto answer = storage::parse_answer(text); answer && answer->result) {
      (void)storage::make_answer(answer->id, *answer->result);
    }
    return {};
  });
  return 0;
}
