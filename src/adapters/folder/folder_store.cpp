#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cariosan/adapters/folder.hpp>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "adapters/folder/disk.hpp"
#include "adapters/folder/file_layout.hpp"
#include "adapters/folder/file_threads.hpp"
#include "adapters/folder/incoming_file.hpp"
#include "adapters/folder/keeping/cleaning.hpp"
#include "adapters/folder/keeping/removal.hpp"
#include "adapters/folder/keeping/usage.hpp"
#include "adapters/folder/places.hpp"
#include "adapters/folder/stored_file.hpp"
#include "adapters/folder/upload_address.hpp"
#include "adapters/objects/media_type.hpp"
#include "adapters/objects/object_key.hpp"
#include "adapters/objects/url.hpp"
#include "encoding/hex.hpp"
#include "encoding/percent.hpp"

namespace cariosan {
namespace {

/// Section 9 of the protocol.
constexpr std::chrono::milliseconds kPermitLife = std::chrono::minutes(15);
constexpr std::size_t kMostThreads = 64;
constexpr std::size_t kSecretBytes = 32;
constexpr std::int64_t kBusyRetryMs = 1000;

std::optional<Error> fault_in(const FolderOptions& options) {
    if (!options.crypto) return invalid_field("crypto", "a folder of files needs a Crypto to sign with");
    if (options.path.empty()) return invalid_field("path", "a folder of files needs a path");
    if (options.threads < 1 || options.threads > kMostThreads) return invalid_field("threads", "1 to 64 threads for files");
    if (options.max_uploads < 1) return invalid_field("max_uploads", "at least one upload at once");
    if (options.quota_bytes < 0) return invalid_field("quota_bytes", "the quota of a workspace is a number of bytes, or 0 for any number");
    if (options.max_reads < 1) return invalid_field("max_reads", "at least one read at once");
    return std::nullopt;
}

Error busy(const char* what) {
    return Error(ErrorCode::unavailable, what).with("reason", "busy").with("retry_after_ms", kBusyRetryMs);
}

std::string random_text(Crypto& crypto) {
    std::array<std::uint8_t, kSecretBytes> bytes{};
    crypto.random(bytes);
    return encoding::to_hex(bytes);
}

/// Of version 4, so of 122 random bits: unlike an id that begins with the time, it cannot be guessed from its neighbours.
Uuid random_uuid(Crypto& crypto) {
    Uuid id;
    crypto.random(id.bytes);
    id.bytes[6] = static_cast<std::uint8_t>(0x40U | (id.bytes[6] & 0x0fU));
    id.bytes[8] = static_cast<std::uint8_t>(0x80U | (id.bytes[8] & 0x3fU));
    return id;
}

/// The secret in the folder, which all servers that share it sign with; made by the first. Linked to its name when complete, so
/// that nobody reads half of it, and nobody replaces one that is in use.
Result<std::string> load_secret(const std::string& folder, Crypto& crypto) {
    const std::string path = folder::joined(folder, folder::kSecretName);
    if (::access(path.c_str(), F_OK) != 0) {
        const std::string fresh = path + "." + random_text(crypto);
        if (auto made = folder::make_file(fresh, random_text(crypto)); !made) return made.error();
        const bool linked = ::link(fresh.c_str(), path.c_str()) == 0 || errno == EEXIST;
        Result<Done> result = linked ? folder::sync_folder(folder) : folder::disk_error("make", path);
        ::unlink(fresh.c_str());
        if (!result) return result.error();
    }
    auto secret = folder::read_small_file(path);
    if (!secret) return secret.error();
    if (!*secret || (*secret)->size() < kSecretBytes) {
        return Error(ErrorCode::unavailable,
                     "the secret of the folder of files is too short; remove " + path + " to have one made");
    }
    return **std::move(secret);
}

Result<Done> prepare_folder(const std::string& path) {
    for (const std::string& each : {path, folder::joined(path, folder::kIncoming), folder::joined(path, folder::kErased)}) {
        if (::mkdir(each.c_str(), S_IRWXU) != 0 && errno != EEXIST) return folder::disk_error("make", each);
    }
    return ::access(path.c_str(), R_OK | W_OK | X_OK) == 0 ? Result<Done>(Done{}) : folder::disk_error("use", path);
}

class FolderStoreImpl final : public FolderStore {
  public:
    FolderStoreImpl(FolderOptions options, std::string secret)
        : root_(std::move(options.path)),
          secret_(std::move(secret)),
          crypto_(std::move(options.crypto)),
          uploads_(options.max_uploads),
          reads_(options.max_reads),
          usage_(root_, options.quota_bytes),
          threads_(options.threads) {}

    Result<Done> set_public_url(const std::string& url) override {
        const auto parsed = objects::parse_base_url(url);
        if (!parsed) {
            return invalid_field("public_url", "the public URL of a folder of files is http:// or https://, a host, "
                                               "and maybe a port and a path");
        }
        const std::unique_lock lock(mutex_);
        public_url_ = parsed->to_string();
        return Done{};
    }

    Result<PresignedUpload> presign(const UploadRequest& request) override {
        if (!objects::is_media_type(request.content_type)) {
            return invalid_field("content_type", "a content type is a type and a subtype, such as image/png");
        }
        if (request.size_bytes < 1) return invalid_field("size_bytes", "an attachment has at least one byte");
        if (usage_.is_full(request.workspace, request.size_bytes)) return usage_.full();
        const std::string base = public_url();
        if (base.empty()) return Error(ErrorCode::unavailable, "the server does not know its own address yet");
        const std::int64_t expires = request.at.milliseconds + kPermitLife.count();
        const UploadPermit permit{
            .key = objects::make_object_key(request.workspace, random_uuid(*crypto_), request.at, request.file_name),
            .workspace = request.workspace,
            .content_type = request.content_type,
            .size_bytes = request.size_bytes,
            .expires_at = Timestamp{expires - expires % 1000}};
        return PresignedUpload{.upload_url = base + folder::upload_address(permit, secret_, *crypto_),
                               .headers = {{"Content-Type", request.content_type},
                                           {"Content-Length", std::to_string(request.size_bytes)}},
                               .public_url = base + std::string(kFilesPath) + encoding::percent_encode_path(permit.key),
                               .expires_at = permit.expires_at};
    }

    bool accepts(std::string_view url, WorkspaceId workspace) override {
        const std::string base = public_url();
        const std::string_view path = kFilesPath.substr(0, kFilesPath.size() - 1);
        return !base.empty() && objects::is_object_url(url, base + std::string(path), workspace);
    }

    std::optional<UploadPermit> permit(std::string_view target) override {
        return folder::read_upload_address(target, secret_, *crypto_);
    }

    void create(UploadPermit permit, Created done) override {
        auto place = uploads_.take();
        if (!place) return done(busy("too many files are being uploaded at once"));
        threads_.run([this, permit = std::move(permit), done = std::move(done), held = hold(*std::move(place))] {
            usage_.take(permit.workspace, permit.size_bytes, [this, permit, done, held](Result<folder::Usage::Room> room) {
                if (!room) return done(room.error());
                auto file = folder::IncomingFile::begin(root_, permit, random_text(*crypto_), {std::move(*held), *std::move(room)});
                if (!file) return done(file.error());
                done(folder::make_writer(threads_, *std::move(file)));
            });
        });
    }

    void open(std::string path, Opened done) override {
        const auto key = objects::decode_object_key(path);
        if (!key) return done(std::unique_ptr<FileReader>());
        auto place = reads_.take();
        if (!place) return done(busy("too many files are being read at once"));
        threads_.run([this, text = key->text, done = std::move(done), held = hold(*std::move(place))] {
            done(folder::open_stored(threads_, root_, text, std::move(*held)));
        });
    }

    Result<bool> remove(std::string_view url, FileNames& names) override {
        // By what follows the path of files: where the server was reached when the message was sent does not matter.
        const std::size_t path = url.rfind(kFilesPath);
        if (path == std::string_view::npos) return false;
        const auto key = objects::decode_object_key(url.substr(path + kFilesPath.size()));
        return key ? removal_.remove(*key, names) : Result<bool>(false);
    }

    Result<std::uint64_t> tidy(Timestamp now, FileNames& names) override { return cleaning_.step(now, names); }

  private:
    std::string public_url() {
        const std::shared_lock lock(mutex_);
        return public_url_;
    }

    /// A place that a job can take along: jobs are copyable, places are not.
    static std::shared_ptr<folder::Places::Place> hold(folder::Places::Place place) {
        return std::make_shared<folder::Places::Place>(std::move(place));
    }

    const std::string root_;
    const std::string secret_;
    const std::shared_ptr<Crypto> crypto_;
    std::shared_mutex mutex_;
    std::string public_url_;
    folder::Places uploads_;
    folder::Places reads_;
    folder::Usage usage_;
    folder::Removal removal_{root_, usage_};
    folder::Cleaning cleaning_{root_, usage_, removal_};
    folder::FileThreads threads_;  ///< last: ends before what its jobs use
};

}  // namespace

Result<std::shared_ptr<FolderStore>> open_folder(FolderOptions options) {
    if (auto fault = fault_in(options)) return std::move(*fault);
    if (auto prepared = prepare_folder(options.path); !prepared) return prepared.error();
    auto secret = load_secret(options.path, *options.crypto);
    if (!secret) return secret.error();
    const std::string public_url = options.public_url;
    std::shared_ptr<FolderStore> store = std::make_shared<FolderStoreImpl>(std::move(options), *std::move(secret));
    if (!public_url.empty()) {
        if (auto set = store->set_public_url(public_url); !set) return set.error();
    }
    return store;
}

}  // namespace cariosan
