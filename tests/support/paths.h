// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace cassia::test {

/// A program of this build, e.g. program("cassia-gateway").
std::filesystem::path program(std::string_view name);

/// A file of the source tree, e.g. source("scripts/guest/run-qemu").
std::filesystem::path source(std::string_view relative);

/// Where a failing test leaves evidence (pictures, logs) that outlives it; made if missing.
std::filesystem::path evidence_folder();

/// The full path of a program on PATH; empty if there is none.
std::filesystem::path find_program(std::string_view name);

}  // namespace cassia::test
