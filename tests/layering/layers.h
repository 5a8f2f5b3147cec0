// The rules of plugin/README.md as a function: source files in, broken rules
// out. Reads `#include`s and words, not meaning: what it says is forbidden is
// forbidden, what it lets pass still needs a reader.
#ifndef TESTS_LAYERING_LAYERS_H_
#define TESTS_LAYERING_LAYERS_H_

#include <map>
#include <string>
#include <vector>

namespace cpi {

// Path from the project's root ("plugin/sample/sampler.cc") → text.
using SourceTree = std::map<std::string, std::string>;

// Every *.h and *.cc under plugin/ and actuator/ of the project at `root`.
SourceTree read_sources(const std::string& root);

// One line for each broken rule: "FILE:LINE: what is wrong". Empty: all well.
std::vector<std::string> broken_layering(const SourceTree& tree);

// Files longer than the house allows: headers 200 lines, sources 400.
std::vector<std::string> too_long(const SourceTree& tree);

}  // namespace cpi

#endif  // TESTS_LAYERING_LAYERS_H_
