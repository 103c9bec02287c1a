#include "attachments.hpp"

#include <cariosan/adapters/s3.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "healthcheck.hpp"

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

Result<Attachments> open_local(const Configuration& configuration, std::shared_ptr<Crypto> crypto) {
    FolderOptions options{.path = configuration.attachments_dir, .crypto = std::move(crypto)};
    options.public_url = configuration.attachments_url;
    options.quota_bytes = configuration.attachments_quota_bytes;
    // On any free port, the server tells the store later.
    if (options.public_url.empty() && configuration.http_port != 0) {
        options.public_url = base_url(configuration, configuration.http_port);
    }
    auto folder = open_folder(std::move(options));
    if (folder) return Attachments{.store = *folder, .folder = *folder};
    const Error& error = folder.error();
    const ErrorDetail* field = error.detail("field");
    const char* variable = field == nullptr ? "CARIOS_ATTACHMENTS_DIR" : "CARIOS_ATTACHMENTS_PUBLIC_URL";
    const std::string& reason = error.cause.empty() ? error.message : error.cause;
    return Error(ErrorCode::misuse, std::string(variable) + ": is not usable: " + reason);
}

}  // namespace

void use_folder_beside_database(Configuration& configuration, bool demo) {
    const bool wanted = demo || configuration.environment == Environment::dev;
    if (!wanted || configuration.s3 || !configuration.attachments_dir.empty() || configuration.database.in_memory()) return;
    configuration.attachments_dir = configuration.database.attachments_path();
}

std::string files_folder(const Configuration& configuration) {
    if (configuration.s3 || !configuration.attachments_dir.empty()) return configuration.attachments_dir;
    const Database& database = configuration.database;
    return database.in_memory() || database.is_shared() ? std::string() : database.attachments_path();
}

Result<std::uint64_t> copy_files_of(const std::string& folder, const std::string& copy) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored)) return std::uint64_t{0};
    auto copied = copy_files(folder, copy);
    if (copied || copied.error().cause.empty()) return copied;
    return Error(copied.error().code, copied.error().cause);
}

Result<Attachments> open_attachments(const Configuration& configuration, std::shared_ptr<Crypto> crypto) {
    if (!configuration.attachments_dir.empty()) return open_local(configuration, std::move(crypto));
    if (!configuration.s3) return Attachments();
    S3Options options = *configuration.s3;
    options.crypto = std::move(crypto);
    auto store = open_s3(std::move(options));
    if (store) return Attachments{.store = *std::move(store), .folder = nullptr};
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
