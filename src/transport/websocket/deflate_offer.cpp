#include "transport/websocket/deflate_offer.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "encoding/ascii.hpp"
#include "transport/http/http_parser.hpp"

namespace cariosan::transport {

namespace {

constexpr std::string_view kNoServerContext = "server_no_context_takeover";
constexpr std::string_view kNoClientContext = "client_no_context_takeover";
constexpr std::string_view kServerWindow = "server_max_window_bits";
constexpr std::string_view kClientWindow = "client_max_window_bits";

struct ExtensionParameter {
    std::string_view name;
    std::optional<std::string> value;
};

struct Extension {
    std::string_view name;
    std::vector<ExtensionParameter> parameters;
};

/// Reads the value of one header field from left to right. Every function skips the blanks around what it takes.
class ExtensionReader {
  public:
    explicit ExtensionReader(std::string_view text) noexcept : rest_(encoding::trim_blanks(text)) {}

    bool done() const noexcept { return rest_.empty(); }

    bool take(char wanted) noexcept {
        if (rest_.empty() || rest_.front() != wanted) return false;
        drop(1);
        return true;
    }

    /// Empty if there is none.
    std::string_view token() noexcept {
        std::size_t length = 0;
        while (length < rest_.size() && is_token(rest_.substr(length, 1))) ++length;
        const std::string_view found = rest_.substr(0, length);
        drop(length);
        return found;
    }

    /// A token, plain or in quotes; absent if it is neither.
    std::optional<std::string> value() {
        std::string found;
        if (rest_.empty() || rest_.front() != '"') {
            found = token();
        } else {
            std::size_t at = 1;
            for (; at < rest_.size() && rest_[at] != '"'; ++at) {
                if (rest_[at] == '\\') ++at;
                if (at < rest_.size()) found += rest_[at];
            }
            if (at >= rest_.size()) return std::nullopt;
            drop(at + 1);
        }
        if (!is_token(found)) return std::nullopt;
        return found;
    }

  private:
    void drop(std::size_t count) noexcept { rest_ = encoding::trim_blanks(rest_.substr(count)); }

    std::string_view rest_;
};

std::optional<Extension> read_extension(ExtensionReader& reader) {
    Extension extension{reader.token(), {}};
    if (extension.name.empty()) return std::nullopt;
    while (reader.take(';')) {
        ExtensionParameter parameter{reader.token(), std::nullopt};
        if (parameter.name.empty()) return std::nullopt;
        if (reader.take('=') && !(parameter.value = reader.value())) return std::nullopt;
        extension.parameters.push_back(std::move(parameter));
    }
    return extension;
}

/// From 8 to 15, without leading zeros (RFC 7692, section 7.1.2).
std::optional<std::uint8_t> window_bits(const std::string& text) noexcept {
    constexpr std::array<std::string_view, 8> kBits = {"8", "9", "10", "11", "12", "13", "14", "15"};
    const auto* const found = std::find(kBits.begin(), kBits.end(), text);
    if (found == kBits.end()) return std::nullopt;
    return static_cast<std::uint8_t>(8 + (found - kBits.begin()));
}

bool repeats_a_parameter(const Extension& offer) {
    for (auto one = offer.parameters.begin(); one != offer.parameters.end(); ++one) {
        const auto same = [one](const ExtensionParameter& other) { return other.name == one->name; };
        if (std::any_of(one + 1, offer.parameters.end(), same)) return true;
    }
    return false;
}

/// Absent if the offer must be declined.
std::optional<DeflateTerms> accept(const Extension& offer) {
    if (repeats_a_parameter(offer)) return std::nullopt;
    DeflateTerms terms;
    for (const auto& [name, value] : offer.parameters) {
        if (name == kNoServerContext || name == kNoClientContext) {
            if (value) return std::nullopt;
        } else if (name == kServerWindow) {
            if (!value || !(terms.server_max_window_bits = window_bits(*value))) return std::nullopt;
        } else if (name != kClientWindow || (value && !window_bits(*value))) {
            return std::nullopt;
        }
    }
    return terms;
}

}  // namespace

std::string DeflateTerms::answer() const {
    std::string text = "permessage-deflate; ";
    text.append(kNoServerContext).append("; ").append(kNoClientContext);
    if (server_max_window_bits) text.append("; ").append(kServerWindow).append("=").append(std::to_string(*server_max_window_bits));
    return text;
}

ExtensionOffers read_extension_offers(const std::vector<HttpHeader>& headers) {
    ExtensionOffers offers;
    for (const HttpHeader& header : headers) {
        if (!encoding::equal_ignoring_case(header.name, "Sec-WebSocket-Extensions")) continue;
        ExtensionReader reader(header.value);
        while (!reader.done()) {
            if (reader.take(',')) continue;
            const auto extension = read_extension(reader);
            if (!extension || (!reader.done() && !reader.take(','))) return {.malformed = true, .terms = {}};
            if (!offers.terms && encoding::equal_ignoring_case(extension->name, "permessage-deflate")) offers.terms = accept(*extension);
        }
    }
    return offers;
}

}  // namespace cariosan::transport
