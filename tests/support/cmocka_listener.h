// Lets a GoogleTest program report as a CMocka program does, so that tools made
// for CMocka can read it. A test suite is what CMocka calls a group.
//
// Asked for by CMocka's own environment variables; without them GoogleTest's
// output stays:
//   CMOCKA_MESSAGE_OUTPUT  STDOUT, TAP or XML in any case; anything else means
//                          STDOUT
//   CMOCKA_XML_FILE        where XML goes instead of stdout; "%g" is replaced
//                          by the group's name. A file that exists or cannot
//                          be written is left alone: the XML goes to stderr.
//
// The format is that of CMocka 1.1.5 (Debian 12): a program of one group reads
// the same byte for byte (tests/listener compares the two). Three things are
// done as their readers need them:
//   - several groups make one TAP plan and one XML root, where CMocka writes a
//     plan and a root for each, which no reader accepts in one stream;
//   - a skipped test is "ok N # SKIP", as CMocka writes it since 1.1.6; the
//     older "not ok N # SKIP" is a failure to a TAP harness;
//   - names are escaped in XML.
#ifndef TESTS_SUPPORT_CMOCKA_LISTENER_H_
#define TESTS_SUPPORT_CMOCKA_LISTENER_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace cpi {

enum class CmockaFormat { standard, tap, xml };

// What the value of CMOCKA_MESSAGE_OUTPUT asks for; nothing when it is unset.
std::optional<CmockaFormat> cmocka_format(const char* value);

// `xml_file` is the value of CMOCKA_XML_FILE, empty when unset.
std::unique_ptr<testing::TestEventListener> make_cmocka_listener(
    CmockaFormat format, const std::string& xml_file);

// Replaces GoogleTest's printer if the environment asks for CMocka's.
// REQUIRES: testing::InitGoogleTest was called.
void speak_cmocka_if_asked();

}  // namespace cpi

#endif  // TESTS_SUPPORT_CMOCKA_LISTENER_H_
