// The files of page/ and the chart library, embedded when the program is built.
#ifndef CPI_REPORT_ASSETS_H_
#define CPI_REPORT_ASSETS_H_

#include <string_view>

namespace cpi::assets {

extern const std::string_view kTemplate;      // page/report.mustache
extern const std::string_view kFigure;        // page/figure.mustache
extern const std::string_view kStyle;         // page/report.css
extern const std::string_view kScript;        // page/report.js
extern const std::string_view kChart;         // Chart.js, minified
extern const std::string_view kChartLicence;  // its copyright and licence

}  // namespace cpi::assets

#endif  // CPI_REPORT_ASSETS_H_
