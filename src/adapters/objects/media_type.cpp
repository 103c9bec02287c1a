#include "adapters/objects/media_type.hpp"

#include <algorithm>

namespace cariosan::objects {
namespace {

/// `token` of RFC 9110, section 5.6.2.
bool is_http_token(std::string_view text) {
    constexpr std::string_view kTokenCharacters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
    return !text.empty() && text.find_first_not_of(kTokenCharacters) == std::string_view::npos;
}

}  // namespace

bool is_media_type(std::string_view text) {
    const std::string_view type = text.substr(0, text.find_first_of(" ;"));
    const std::string_view parameters = text.substr(type.size());
    const std::size_t slash = type.find('/');
    return slash != std::string_view::npos && text.size() <= 255 && is_http_token(type.substr(0, slash)) &&
           is_http_token(type.substr(slash + 1)) && text.find("  ") == std::string_view::npos && text.back() != ' ' &&
           std::ranges::all_of(parameters, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace cariosan::objects
