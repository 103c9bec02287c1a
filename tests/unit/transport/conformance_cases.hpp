/// Exchanges that show whether a WebSocket server conforms to RFC 6455, numbered like the list of cases that
/// Autobahn|Testsuite has made the common standard: its sections 1 to 7 and 10. Written for a server that echoes every text
/// and refuses binary messages (1003).
#pragma once

#include <string>
#include <vector>

namespace cariosan::test {

struct ConformanceCase {
    std::string number;
    std::vector<std::string> writes;    ///< the pieces passed to the socket one after the other
    std::vector<std::string> expected;  ///< what the server sends, written like `echoed`, `ponged` and `closed`
};

std::string echoed(const std::string& text);
std::string ponged(const std::string& payload);
std::string closed(int code);

struct ConformanceSection {
    int number = 0;
    std::string about;
    std::vector<ConformanceCase> cases;
};

/// After each case, the connection is still open, unless the case ends with a close.
std::vector<ConformanceSection> conformance_sections();

}  // namespace cariosan::test
