// Rows of named texts as JSON, for what cpictl prints with --json.
#ifndef CPI_STORE_RECORDS_JSON_H_
#define CPI_STORE_RECORDS_JSON_H_

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cpi {

// Keys and values, in the order in which they are written.
using Record = std::vector<std::pair<std::string, std::string>>;

// An array of objects, indented, with a newline at its end. Fails where a text
// is not UTF-8, which JSON cannot hold.
Result<std::string> records_to_json(const std::vector<Record>& records);

}  // namespace cpi

#endif  // CPI_STORE_RECORDS_JSON_H_
