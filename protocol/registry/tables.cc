// SPDX-License-Identifier: Apache-2.0
#include "protocol/registry/row.h"

namespace cassia::registry {

std::vector<Table> tables() {
  return {link_table(),    base_table(),   main_table(),     agent_table(),
          display_table(), cursor_table(), inputs_table(),   playback_table(),
          record_table(),  port_table(),   spicevmc_table(), smartcard_table()};
}

}  // namespace cassia::registry
