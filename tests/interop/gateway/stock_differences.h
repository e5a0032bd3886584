// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where spice-gtk's picture of a page of draws is not the server's, by intention.

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cassia::test {

struct StockDifference {
  std::string_view page;
  std::string_view reason;  ///< how docs/rendering.md names the case, which says who is right
  std::vector<std::string_view> cells;
};

/// Of spice-gtk 0.42.
const std::vector<StockDifference>& stock_differences();
/// All cells of a page that are to differ.
std::set<std::string> stock_differences_of(std::string_view page);

}  // namespace cassia::test
