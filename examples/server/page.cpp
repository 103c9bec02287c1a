#include "page.hpp"

#include <array>
#include <utility>

#include "page_files.hpp"

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

/// Own files and this server alone; pictures of users may come from anywhere over https.
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

/// A version of the content: enough of its hash to tell versions apart.
std::string tag_of(std::string_view content, Crypto& crypto) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    constexpr std::size_t kBytes = 12;
    const Digest digest = crypto.sha256(content);
    std::string tag = "\"";
    for (std::size_t i = 0; i < kBytes; ++i) {
        tag += kDigits[digest[i] >> 4U];
        tag += kDigits[digest[i] & 15U];
    }
    return tag + "\"";
}

}  // namespace

std::string_view path_of(const HttpRequest& request) {
    const std::string_view target = request.target;
    return target.substr(0, target.find('?'));
}

Page::Page(Crypto& crypto) : policy_(policy({})) {
    for (const EmbeddedFile& file : page_files()) {
        const std::string path = file.name == "index.html" ? "/" : "/" + std::string(file.name);
        files_[path] = {file.content, type_of(file.name), tag_of(file.content, crypto)};
    }
}

void Page::allow_attachments(const AttachmentOrigins& origins) { policy_ = policy(origins); }

std::optional<HttpResponse> Page::answer(const HttpRequest& request) const {
    const auto found = files_.find(std::string(path_of(request)));
    if (found == files_.end()) return std::nullopt;
    const File& file = found->second;
    HttpResponse response;
    response.headers = {{"ETag", file.tag},
                        {"Cache-Control", "no-cache"},
                        {"Content-Security-Policy", policy_},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Referrer-Policy", "no-referrer"}};
    const auto known = request.header("If-None-Match");
    if (known && known->find(file.tag) != std::string_view::npos) {
        response.status = 304;
        return response;
    }
    response.headers.push_back({"Content-Type", std::string(file.type)});
    response.body = file.content;
    return response;
}

}  // namespace cariosan::server
