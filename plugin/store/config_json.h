// The effective configuration as a file: collectd's own parser is the only one,
// and the plugin writes down what it understood for cpictl to read.
//
//   {"CyclesEvent": "cycles", …,
//    "Service": [{"Name": "web", "Cgroup": ["/web*"], "Deployment": []}],
//    "Batch":   [{"Name": "train", …, "Count": false}]}
//
// Keys, values and units are those of the configuration file.
#ifndef CPI_STORE_CONFIG_JSON_H_
#define CPI_STORE_CONFIG_JSON_H_

#include <string>

#include "base/config.h"
#include "base/result.h"

namespace cpi {

// One document, indented, with a newline at its end. Fails where a text is not
// UTF-8, which JSON cannot hold.
Result<std::string> config_to_json(const Config& config);

// The inverse. A missing key keeps its default, so that the file of an older
// version can be read; an unknown or misfitting one is an error that names it,
// with `source` (a path) in front. Among one block's selectors those of
// `Cgroup` come first.
Result<Config> config_from_json(const std::string& text,
                                const std::string& source);

// Replaces the file atomically; makes its directory.
Result<> save_config(const std::string& path, const Config& config);
Result<Config> load_config(const std::string& path);

}  // namespace cpi

#endif  // CPI_STORE_CONFIG_JSON_H_
