#include "attachments.hpp"

#include <cariosan/adapters/s3.hpp>

#include <string_view>
#include <utility>
#include <variant>

namespace cariosan::server {

namespace {

/// The environment variable for an option of `S3Options`.
std::string variable_of(std::string_view option) {
    std::string name = "CARIOS_S3_";
    for (const char c : option) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

/// The "https://host:port" of a URL.
std::string origin_of(std::string_view url) {
    const std::size_t host = url.find("://") + 3;
    return std::string(url.substr(0, url.find('/', host)));
}

}  // namespace

Result<std::shared_ptr<AttachmentStore>> open_attachments(const Configuration& configuration,
                                                          std::shared_ptr<Crypto> crypto) {
    if (!configuration.s3) return std::shared_ptr<AttachmentStore>();
    S3Options options = *configuration.s3;
    options.crypto = std::move(crypto);
    auto store = open_s3(std::move(options));
    if (store) return store;
    const ErrorDetail* field = store.error().detail("field");
    const auto* option = field == nullptr ? nullptr : std::get_if<std::string>(&field->value);
    if (option == nullptr) return store.error();
    return Error(ErrorCode::misuse, variable_of(*option) + ": is not usable: " + store.error().message);
}

AttachmentOrigins origins_of(AttachmentStore& store) {
    // Only the store knows what its URLs look like, so this derives the origins from a sample.
    const auto upload =
        store.presign({.file_name = "file", .content_type = "application/octet-stream", .size_bytes = 1});
    if (!upload) return {};
    return {origin_of(upload->upload_url), origin_of(upload->public_url)};
}

}  // namespace cariosan::server
