// SPDX-License-Identifier: Apache-2.0
#include "storage/ops/check.h"

namespace cassia::storage {

Result<CheckOutcome> check_image(const ImageEnvironment& environment, const CheckSpec& spec,
                                 Progress& progress) {
  OpenSpec open;
  open.path = spec.path;
  open.format = spec.format;
  open.force_share = spec.force_share;
  open.writable = spec.repair != Repair::none;
  open.with_backing = false;
  open.for_check = true;
  const OpenedImage opened = CASSIA_TRY(open_image(environment, open));
  CheckOutcome outcome;
  outcome.filename = spec.path;
  outcome.format = std::string(opened.driver->name());
  outcome.report = CASSIA_TRY(opened.image->check(spec.repair, progress));
  if (outcome.report.corruptions_fixed + outcome.report.leaks_fixed > 0) {
    outcome.repaired = true;
    CheckReport again = CASSIA_TRY(opened.image->check(Repair::none, progress));
    again.corruptions_fixed = outcome.report.corruptions_fixed;
    again.leaks_fixed = outcome.report.leaks_fixed;
    again.messages.insert(again.messages.begin(), outcome.report.messages.begin(),
                          outcome.report.messages.end());
    outcome.report = std::move(again);
  }
  CASSIA_TRY(opened.image->close());
  return outcome;
}

}  // namespace cassia::storage
