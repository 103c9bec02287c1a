#include "page.hpp"

#include <array>
#include <utility>
namespace cariosan::server {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTypes = {{
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".webmanifest", "application/manifest+json"},
}};

/// Own files and this server only.
constexpr std::string_view kOwnOnly =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

/// The same, but users' pictures may come from anywhere over https.
std::string policy(const AttachmentOrigins& origins) {
    const auto more = [](const std::string& origin) { return origin.empty() ? "" : " " + origin; };
    return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:" +
           more(origins.files) + "; connect-src 'self'" + more(origins.upload) +
           "; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

std::string_view type_of(std::string_view name) {
    for (const auto& [ending, type] : kTypes) {
        if (name.ends_with(ending)) return type;
    }
    return "application/octet-stream";
}

constexpr std::string_view kCompressed = ".gz";

/// Enough of the content's hash to distinguish versions; the page's own links contain it.
std::string version_of(std::string_view content, Crypto& crypto) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    constexpr std::size_t kBytes = 12;
    const Digest digest = crypto.sha256(content);
    std::string version;
    for (std::size_t i = 0; i < kBytes; ++i) {
        version += kDigits[digest[i] >> 4U];
        version += kDigits[digest[i] & 15U];
    }
    return version;
}

/// Whether the header accepts `gzip`, without a weight of zero (RFC 9110, 12.5.3).
bool accepts_gzip(const HttpRequest& request) {
    static constexpr std::string_view kGzip = "gzip";
    const std::string_view header = request.header("Accept-Encoding").value_or("");
    const auto at = header.find(kGzip);
    if (at == std::string_view::npos) return false;
    std::string_view weight = header.substr(at + kGzip.size());
    weight = weight.substr(0, weight.find(','));
    return weight.find_first_of("123456789") != std::string_view::npos || weight.find('=') == std::string_view::npos;
}

}  // namespace

std::string_view path_of(const HttpRequest& request) {
    const std::string_view target = request.target;
    return target.substr(0, target.find('?'));
}

Page::Page(std::span<const EmbeddedFile> files, PagePlace place, Crypto& crypto)
    : place_(std::move(place)), policy_(place_.shows_others ? policy({}) : std::string(kOwnOnly)) {
    const std::string folder = place_.path.ends_with('/') ? place_.path : place_.path + '/';
    for (const EmbeddedFile& file : files) {
        std::string_view name = file.name;
        const bool is_compressed = name.ends_with(kCompressed);
        if (is_compressed) name.remove_suffix(kCompressed.size());
        File& held = files_[name == "index.html" ? place_.path : folder + std::string(name)];
        if (is_compressed) {
            held.compressed = file.content;
            continue;
        }
        held.content = file.content;
        held.type = type_of(name);
        held.version = version_of(file.content, crypto);
    }
}

void Page::allow_attachments(const AttachmentOrigins& origins) { policy_ = policy(origins); }

std::optional<HttpResponse> Page::answer(const HttpRequest& request) const {
    const auto found = files_.find(std::string(path_of(request)));
    if (found == files_.end()) return std::nullopt;
    const File& file = found->second;
    const bool compressed = !file.compressed.empty() && accepts_gzip(request);
    const std::string tag = '"' + file.version + (compressed ? "-gzip\"" : "\"");
    // A URL that contains the version never gets other content.
    const bool is_versioned = request.target.ends_with("?v=" + file.version);
    HttpResponse response;
    response.headers = {{"Vary", "Accept-Encoding"},
                        {"Content-Security-Policy", policy_},
                        {"X-Frame-Options", "DENY"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Referrer-Policy", "no-referrer"}};
    if (place_.is_kept) {
        response.headers.push_back({"ETag", tag});
        response.headers.push_back({"Cache-Control", is_versioned ? "public, max-age=31536000, immutable" : "no-cache"});
    } else {
        response.headers.push_back({"Cache-Control", "no-store"});
        response.headers.push_back({"Cross-Origin-Opener-Policy", "same-origin"});
    }
    const auto known = request.header("If-None-Match");
    if (place_.is_kept && known && known->find(tag) != std::string_view::npos) {
        response.status = 304;
        return response;
    }
    response.headers.push_back({"Content-Type", std::string(file.type)});
    if (compressed) response.headers.push_back({"Content-Encoding", "gzip"});
    response.body = compressed ? file.compressed : file.content;
    return response;
}

}  // namespace cariosan::server
