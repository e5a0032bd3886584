// SPDX-License-Identifier: Apache-2.0
// A connection that gets any bytes. Byte 0: bit 0 the role; bits 1 and 2 how far it has come: 0 the
// beginning, 1 open, 2 before the SASL exchange, 3 open behind a SASL layer; the rest the fragment
// size.

#include <spice/protocol.h>

#include "protocol/spice/link.h"
#include "tests/unit/channels/harness.h"
#include "tests/unit/channels/toy_sasl.h"

namespace {

using namespace cassia;            // NOLINT(google-build-using-namespace)
using namespace cassia::channels;  // NOLINT(google-build-using-namespace)

std::unique_ptr<Channel> quiet_channel() {
  static RecordingChannel::Log log;
  log = {};
  return std::make_unique<RecordingChannel>(log);
}

class SaslPolicy final : public TestPolicy {
 public:
  SaslPolicy() : TestPolicy([](const LinkRequest&) { return quiet_channel(); }) {}
  bool takes_tickets() const override { return !sasl; }
  Result<std::unique_ptr<SaslServer>> make_sasl(const LinkRequest&) override {
    return std::unique_ptr<SaslServer>(new ToySaslServer({.layer = true}));
  }
  bool sasl = false;
};

enum class Stage { beginning, open, sasl, protected_by_sasl };

struct Ends {
  SaslPolicy policy;
  std::unique_ptr<ServerConnection> server = ServerConnection::create(policy);
  std::unique_ptr<ClientConnection> client;

  explicit Ends(Stage stage) {
    ClientLinkParams params;
    policy.sasl = stage == Stage::sasl || stage == Stage::protected_by_sasl;
    if (policy.sasl) {
      params.make_sasl = [] {
        return std::unique_ptr<SaslClient>(new ToySaslClient({.layer = true}));
      };
    }
    client = ClientConnection::create(std::move(params), quiet_channel());
    // Link message; reply; choice of SASL: then each side is in the exchange.
    const int rounds = stage == Stage::beginning ? 0 : stage == Stage::sasl ? 1 : 100;
    for (int i = 0; i < rounds; ++i) {
      (void)feed(*server, drain(*client), 4096);
      (void)feed(*client, drain(*server), 4096);
    }
    if (stage == Stage::sasl) (void)feed(*server, drain(*client), 4096);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool as_server = (data[0] & 1) != 0;
  const auto stage = static_cast<Stage>((data[0] >> 1) & 3);
  const std::size_t fragment = 1 + (data[0] >> 3);
  Ends ends(stage);
  Endpoint& target = as_server ? static_cast<Endpoint&>(*ends.server) : *ends.client;
  (void)feed(target, ByteView(data + 1, size - 1), fragment);
  (void)drain(target);
  target.closed({ErrorKind::closed, "end of input"});
  return 0;
}
