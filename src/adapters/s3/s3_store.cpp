#include <algorithm>
#include <cariosan/adapters/s3.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "adapters/objects/media_type.hpp"
#include "adapters/objects/object_key.hpp"
#include "adapters/objects/url.hpp"
#include "adapters/s3/object_removal.hpp"
#include "adapters/s3/signature_v4.hpp"
#include "encoding/percent.hpp"

namespace cariosan {

namespace {

using objects::BaseUrl;

/// Section 9 of the protocol.
constexpr std::chrono::minutes kPresignedLife{15};
constexpr std::string_view kLettersAndDigits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool consists_of_visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// Also by the rules of older servers, which allow capitals and underscores; dot segments are not allowed.
bool is_bucket_name(std::string_view name) {
    return name.size() >= 3 && name.size() <= 255 &&
           std::ranges::all_of(name,
                               [](char c) {
                                   return kLettersAndDigits.find(c) != std::string_view::npos || c == '-' ||
                                          c == '.' || c == '_';
                               }) &&
           name.find("..") == std::string_view::npos && !name.starts_with('.') && !name.ends_with('.');
}

/// Whether the bucket can precede a host whose certificate covers one more label.
bool is_host_label(std::string_view bucket) {
    return bucket.size() <= 63 && !bucket.starts_with('-') && !bucket.ends_with('-') &&
           bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool is_region(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return kLettersAndDigits.find(c) != std::string_view::npos || c == '-' || c == '_';
    });
}

bool is_amazon(std::string_view host) {
    return host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
}

std::string amazon_endpoint(std::string_view region) {
    return "https://s3." + std::string(region) +
           (region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
}

/// The address of the bucket itself: keys follow after one slash. Outside Amazon, a host that begins like the bucket proves
/// nothing: "storage.example.com" may well hold a bucket called "storage".
BaseUrl bucket_url(const BaseUrl& endpoint, const S3Options& options) {
    BaseUrl url = endpoint;
    const bool amazon = is_amazon(url.authority);
    const bool names_bucket = amazon && url.authority.starts_with(options.bucket + ".");
    bool in_host = options.addressing == S3Addressing::virtual_host;
    if (options.addressing == S3Addressing::automatic) {
        in_host = names_bucket || (amazon && is_host_label(options.bucket));
    }
    if (!in_host) {
        url.path += "/" + encoding::percent_encode(options.bucket);
    } else if (!names_bucket) {
        url.authority = options.bucket + "." + url.authority;
    }
    return url;
}

/// Checks the options other than addresses.
std::optional<Error> fault_of(const S3Options& options) {
    if (!options.crypto) return invalid_field("crypto", "S3 needs a Crypto to sign with");
    if (!is_bucket_name(options.bucket)) {
        return invalid_field("bucket",
                             "the bucket of S3 is 3 to 255 letters, digits, dots, hyphens and underscores");
    }
    if (!is_region(options.region)) {
        return invalid_field("region", "the region of S3 is a name such as us-east-1");
    }
    if (options.access_key.empty() || !consists_of_visible_ascii(options.access_key)) {
        return invalid_field("access_key",
                             "the access key of S3 is visible ASCII without spaces, and not empty");
    }
    if (options.secret_key.empty() || !consists_of_visible_ascii(options.secret_key)) {
        return invalid_field("secret_key",
                             "the secret key of S3 is visible ASCII without spaces, and not empty");
    }
    if (!consists_of_visible_ascii(options.session_token)) {
        return invalid_field("session_token", "the session token of S3 is visible ASCII without spaces");
    }
    return std::nullopt;
}

class S3Store final : public AttachmentStore {
  public:
    S3Store(S3Options&& options, BaseUrl bucket, std::string public_url)
        : credentials_{std::move(options.access_key), std::move(options.secret_key),
                       std::move(options.session_token)},
          region_(std::move(options.region)),
          bucket_(std::move(bucket)),
          public_url_(std::move(public_url)),
          crypto_(std::move(options.crypto)),
          clock_(options.clock ? std::move(options.clock) : system_clock()),
          removal_(std::move(options.ca_file)) {}

    Result<PresignedUpload> presign(const UploadRequest& request) override {
        if (!objects::is_media_type(request.content_type)) {
            return invalid_field("content_type", "a content type is a type and a subtype, such as image/png");
        }
        if (request.size_bytes < 1) return invalid_field("size_bytes", "an attachment has at least one byte");

        const std::string key = encoding::percent_encode_path(
            objects::make_object_key(request.workspace, request.id, request.at, request.file_name));
        const std::string query = presign("PUT", key, signed_by_client(request), request.at);
        const auto seconds = request.at.milliseconds / 1000;
        const auto life = std::chrono::seconds(kPresignedLife);
        return PresignedUpload{.upload_url = bucket_.to_string() + "/" + key + "?" + query,
                               .headers = signed_by_client(request),
                               .public_url = public_url_ + "/" + key,
                               .expires_at = Timestamp{(seconds + life.count()) * 1000}};
    }

    bool accepts(std::string_view url, WorkspaceId workspace) override {
        return objects::is_object_url(url, public_url_, workspace);
    }

    Result<bool> remove(std::string_view url, FileNames& names) override {
        const auto key = objects::key_of_url(url, public_url_);
        if (!key) return false;
        const std::string encoded = encoding::percent_encode_path(key->text);
        const auto named = names.is_named(encoded);
        if (!named) return named.error();
        if (*named) return false;
        return removal_.remove(bucket_.to_string() + "/" + encoded + "?" + presign("DELETE", encoded, {}, clock_->now()));
    }

  private:
    static std::vector<UploadHeader> signed_by_client(const UploadRequest& request) {
        return {{"Content-Type", request.content_type},
                {"Content-Length", std::to_string(request.size_bytes)}};
    }

    /// `key` is encoded, and so is the path of the bucket.
    std::string presign(std::string method, const std::string& key, const std::vector<UploadHeader>& headers, Timestamp at) const {
        s3::Request request{.method = std::move(method), .path = bucket_.path + "/" + key};
        request.headers.emplace_back("host", bucket_.authority);
        for (const UploadHeader& header : headers) request.headers.emplace_back(header.name, header.value);
        return s3::presigned_query(std::move(request), credentials_, {at, region_, "s3"}, kPresignedLife, *crypto_);
    }

    s3::Credentials credentials_;
    std::string region_;
    BaseUrl bucket_;
    std::string public_url_;
    std::shared_ptr<Crypto> crypto_;
    std::shared_ptr<Clock> clock_;
    s3::ObjectRemoval removal_;
};

}  // namespace

Result<std::shared_ptr<AttachmentStore>> open_s3(S3Options options) {
    if (auto fault = fault_of(options)) return std::move(*fault);
    if (options.endpoint.empty()) options.endpoint = amazon_endpoint(options.region);
    const auto endpoint = objects::parse_base_url(options.endpoint);
    if (!endpoint) {
        return invalid_field(
            "endpoint", "the endpoint of S3 is http:// or https://, a host, and maybe a port and a path");
    }
    const BaseUrl bucket = bucket_url(*endpoint, options);
    // A name with capitals or underscores at its ends is none for a host.
    const auto bucket_again = objects::parse_base_url(bucket.to_string());
    if (!bucket_again || bucket_again->authority != bucket.authority) {
        return invalid_field("bucket",
                             "the name of this bucket cannot be part of a host's: use path addressing");
    }
    const auto public_url =
        objects::parse_base_url(options.public_url.empty() ? bucket.to_string() : options.public_url);
    if (!public_url) {
        return invalid_field(
            "public_url", "the public URL of S3 is http:// or https://, a host, and maybe a port and a path");
    }
    std::string public_text = public_url->to_string();
    return std::shared_ptr<AttachmentStore>(
        std::make_shared<S3Store>(std::move(options), bucket, std::move(public_text)));
}

}  // namespace cariosan
