#include "transport/websocket/deflate_offer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace cariosan;
using transport::read_extension_offers;

namespace {

const std::string kAgreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// The answer to these header fields, "none" or "malformed".
std::string answer_to_all(const std::vector<std::string>& values) {
    std::vector<HttpHeader> headers;
    for (const std::string& value : values) headers.push_back({"sec-websocket-extensions", value});
    headers.push_back({"Sec-WebSocket-Key", "permessage-deflate"});
    const transport::ExtensionOffers offers = read_extension_offers(headers);
    if (offers.malformed) return "malformed";
    return offers.terms ? offers.terms->answer() : "none";
}

std::string answer_to(const std::string& value) { return answer_to_all({value}); }

}  // namespace

TEST_CASE("deflate offer: every legal offer is accepted") {
    for (const char* offer :
         {"permessage-deflate", "Permessage-Deflate", " permessage-deflate ; client_max_window_bits ",
          "permessage-deflate; client_max_window_bits=8", "permessage-deflate; client_max_window_bits=\"15\"",
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
          "permessage-deflate;client_no_context_takeover;client_max_window_bits=10;server_no_context_takeover",
          "x-webkit-deflate-frame, permessage-deflate; client_max_window_bits", ",, permessage-deflate,", "a;b;c=d;e=\"f\", permessage-deflate"}) {
        CAPTURE(offer);
        CHECK(answer_to(offer) == kAgreed);
    }
    for (int bits = 8; bits <= 15; ++bits) {
        const std::string limit = "; server_max_window_bits=" + std::to_string(bits);
        CHECK(answer_to("permessage-deflate" + limit) == kAgreed + limit);
        CHECK(answer_to("permessage-deflate; client_max_window_bits" + limit) == kAgreed + limit);
    }
    CHECK(answer_to("permessage-deflate; server_max_window_bits=\"1\\2\"") == kAgreed + "; server_max_window_bits=12");
}

TEST_CASE("deflate offer: what the RFC does not allow is declined, and the next offer considered") {
    CHECK(answer_to_all({}) == "none");
    CHECK(answer_to("") == "none");
    CHECK(answer_to("permessage-bzip2; x=1") == "none");
    for (const char* parameters :
         {"server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16", "server_max_window_bits=08",
          "server_max_window_bits=+9", "server_max_window_bits=a", "client_max_window_bits=7", "client_max_window_bits=16",
          "client_max_window_bits=010", "server_no_context_takeover=1", "client_no_context_takeover=true", "unknown", "unknown=1",
          "Server_No_Context_Takeover", "client_max_window_bits; client_max_window_bits=9",
          "server_no_context_takeover; server_no_context_takeover", "server_max_window_bits=9; server_max_window_bits=9"}) {
        CAPTURE(parameters);
        const std::string bad = std::string("permessage-deflate; ") + parameters;
        CHECK(answer_to(bad) == "none");
        CHECK(answer_to(bad + ", permessage-deflate; server_max_window_bits=10") == kAgreed + "; server_max_window_bits=10");
        CHECK(answer_to_all({bad, "permessage-deflate"}) == kAgreed);
    }
    // The first acceptable one counts.
    CHECK(answer_to("permessage-deflate; server_max_window_bits=9, permessage-deflate") == kAgreed + "; server_max_window_bits=9");
    CHECK(answer_to_all({"permessage-deflate", "permessage-deflate; server_max_window_bits=9"}) == kAgreed);
}

TEST_CASE("deflate offer: a header that is no list of extensions") {
    for (const char* value :
         {"permessage-deflate;", "permessage-deflate; ;", "; permessage-deflate", "permessage-deflate client_max_window_bits",
          "permessage-deflate; client_max_window_bits=", "permessage-deflate; =9", "permessage-deflate; client_max_window_bits=\"9",
          "permessage-deflate; client_max_window_bits=\"\"", "permessage-deflate; x=\"a b\"", "permessage-deflate; x=\"\\", "per/message", "a, b c",
          "permessage-deflate; client_max_window_bits==9", "permessage-deflate, @"}) {
        CAPTURE(value);
        CHECK(answer_to(value) == "malformed");
        CHECK(answer_to_all({"permessage-deflate", value}) == "malformed");
    }
}
