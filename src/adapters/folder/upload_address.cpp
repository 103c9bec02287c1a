#include "adapters/folder/upload_address.hpp"

#include <charconv>
#include <cstdint>
#include <string>

#include "adapters/objects/object_key.hpp"
#include "encoding/hex.hpp"
#include "encoding/percent.hpp"

namespace cariosan::folder {
namespace {

constexpr std::int64_t kMsPerSecond = 1000;

std::string unsigned_address(const UploadPermit& permit) {
    return std::string(kFilesPath) + encoding::percent_encode_path(permit.key) +
           "?type=" + encoding::percent_encode(permit.content_type) + "&size=" + std::to_string(permit.size_bytes) +
           "&expires=" + std::to_string(permit.expires_at.milliseconds / kMsPerSecond);
}

/// All fields are in the address, each encoded in one way, so signing the address signs them.
std::string signature_of(std::string_view address, std::string_view secret, Crypto& crypto) {
    return encoding::to_hex(crypto.hmac_sha256(secret, "PUT " + std::string(address)));
}

/// Takes `name` and then the value up to the next `&` off the front.
std::optional<std::string_view> take_value(std::string_view& query, std::string_view name) {
    if (!query.starts_with(name)) return std::nullopt;
    query.remove_prefix(name.size());
    const std::string_view value = query.substr(0, query.find('&'));
    query.remove_prefix(value.size());
    return value;
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr std::int64_t kMost = std::int64_t{1} << 50;  // far above any size, and any time in seconds
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kMost) return std::nullopt;
    return value;
}

}  // namespace

std::string upload_address(const UploadPermit& permit, std::string_view secret, Crypto& crypto) {
    const std::string address = unsigned_address(permit);
    return address + "&signature=" + signature_of(address, secret, crypto);
}

std::optional<UploadPermit> read_upload_address(std::string_view target, std::string_view secret, Crypto& crypto) {
    const std::size_t query_start = target.find('?');
    if (!target.starts_with(kFilesPath) || query_start == std::string_view::npos) return std::nullopt;
    const auto key = objects::decode_object_key(target.substr(kFilesPath.size(), query_start - kFilesPath.size()));
    std::string_view query = target.substr(query_start);
    const auto type = take_value(query, "?type=");
    const auto size = take_value(query, "&size=");
    const auto expires = take_value(query, "&expires=");
    if (!key || !type || !size || !expires || !query.starts_with("&signature=")) return std::nullopt;
    const auto content_type = encoding::percent_decode(*type);
    const auto size_bytes = number(*size);
    const auto seconds = number(*expires);
    if (!content_type || !size_bytes || !seconds) return std::nullopt;
    UploadPermit permit{.key = key->text,
                        .workspace = key->workspace,
                        .content_type = *content_type,
                        .size_bytes = *size_bytes,
                        .expires_at = Timestamp{*seconds * kMsPerSecond}};
    if (!crypto.equal(upload_address(permit, secret, crypto), target)) return std::nullopt;
    return permit;
}

}  // namespace cariosan::folder
