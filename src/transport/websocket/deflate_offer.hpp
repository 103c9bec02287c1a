/// The negotiation of `permessage-deflate` (RFC 7692, section 7.1) within the opening handshake, as functions of header fields.
#pragma once

#include <cariosan/http.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cariosan::transport {

/// What was agreed on beyond this server's own terms: neither side keeps its context from one message to the next.
struct DeflateTerms {
    /// The client's limit on our window, 8 to 15; absent if it named none.
    std::optional<std::uint8_t> server_max_window_bits;

    /// The client's window, as a power of two.
    std::uint8_t window_bits() const noexcept { return server_max_window_bits.value_or(15); }
    /// The value of `Sec-WebSocket-Extensions` in the response.
    std::string answer() const;
};

struct ExtensionOffers {
    bool malformed = false;             ///< not the syntax of RFC 6455, section 9.1: the handshake must fail
    std::optional<DeflateTerms> terms;  ///< of the first acceptable offer of `permessage-deflate`
};

/// Reads all `Sec-WebSocket-Extensions` of a request. An offer with an unknown, repeated or invalid parameter is passed over, as
/// are other extensions.
ExtensionOffers read_extension_offers(const std::vector<HttpHeader>& headers);

}  // namespace cariosan::transport
