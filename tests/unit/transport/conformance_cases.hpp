/// Conversations that show whether a WebSocket server keeps RFC 6455: by the numbers of the public list of cases that
/// Autobahn|Testsuite made the common measure, its sections 1 to 7 and 10. Written for a server that sends every text back
/// and takes no binary messages (1003).
#pragma once

#include <string>
#include <vector>

namespace cariosan::test {

struct ConformanceCase {
    std::string number;
    std::vector<std::string> writes;    ///< bytes, as they are handed to the socket one after the other
    std::vector<std::string> expected;  ///< what the server sends, as `echoed`, `ponged` and `closed` spell it
};

std::string echoed(const std::string& text);
std::string ponged(const std::string& payload);
std::string closed(int code);

struct ConformanceSection {
    int number = 0;
    std::string about;
    std::vector<ConformanceCase> cases;
};

/// Every case: unless it ends with a close, the connection is still open after it.
std::vector<ConformanceSection> conformance_sections();

}  // namespace cariosan::test
