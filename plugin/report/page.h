// A report as one HTML page that needs nothing but itself: no network, no other
// file. Everything that came from outside (names of services, containers) is
// escaped by the template library; scripts run only with the page's nonce.
#ifndef CPI_REPORT_PAGE_H_
#define CPI_REPORT_PAGE_H_

#include <functional>
#include <string>

#include "base/result.h"
#include "report/panels.h"
#include "report/story.h"

namespace cpi {

// `nonce`: letters and digits that nobody can foresee. `progress`: called with
// the share done, 0…1. Any text is safe in the story; bytes that are not UTF-8
// become U+FFFD.
Result<std::string> page_of(const Story& story, const Setting& setting,
                            const std::string& nonce,
                            const std::function<void(double)>& progress);

}  // namespace cpi

#endif  // CPI_REPORT_PAGE_H_
