/// A folder of files in a store, and short ways to use it.
#pragma once

#include <doctest/doctest.h>

#include <cariosan/adapters/folder.hpp>
#include <cariosan/adapters/openssl.hpp>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "support/temporary_folder.hpp"

namespace cariosan::test {

namespace fs = std::filesystem;

inline const WorkspaceId kShop = *WorkspaceId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
inline const WorkspaceId kOther = *WorkspaceId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c");
inline const std::string kBase = "https://chat.example.com/talk";

/// What a call answers to its callback.
template <class Value, class Call>
Value answer_of(const Call& call) {
    auto promise = std::make_shared<std::promise<Value>>();
    auto future = promise->get_future();
    call([promise](Value value) { promise->set_value(std::move(value)); });
    return future.get();
}

inline Result<Done> write(FileWriter& writer, const std::string& part) {
    return answer_of<Result<Done>>([&](auto done) { writer.write(part, done); });
}
inline Result<UploadEnd> finish(FileWriter& writer, const std::string& part) {
    return answer_of<Result<UploadEnd>>([&](auto done) { writer.finish(part, done); });
}
inline Result<std::string> read(FileReader& reader, std::uint64_t offset, std::size_t bytes) {
    return answer_of<Result<std::string>>([&](auto done) { reader.read(offset, bytes, done); });
}

/// A folder and a store in it.
struct Shelf {
    explicit Shelf(const FolderOptions& changes = {}) : options(changes) {
        options.path = folder / "files";
        options.public_url = kBase;
        options.crypto = openssl_crypto();
        store = open();
    }

    std::shared_ptr<FolderStore> open() const {
        auto opened = open_folder(options);
        REQUIRE(opened.ok());
        return *std::move(opened);
    }
    PresignedUpload presign(const std::string& name = "a.png", std::int64_t size = 5, WorkspaceId workspace = kShop) const {
        auto upload = store->presign({.workspace = workspace,
                                      .id = {},
                                      .at = *Timestamp::parse("2026-01-31T08:15:00.789Z"),
                                      .file_name = name,
                                      .content_type = "image/png",
                                      .size_bytes = size});
        REQUIRE(upload.ok());
        return *std::move(upload);
    }
    std::optional<UploadPermit> permit(const PresignedUpload& upload) const {
        return store->permit(upload.upload_url.substr(kBase.size()));
    }
    Result<std::unique_ptr<FileWriter>> create(const PresignedUpload& upload) const {
        return answer_of<Result<std::unique_ptr<FileWriter>>>([&](auto done) { store->create(permit(upload).value(), done); });
    }
    Result<UploadEnd> put(const PresignedUpload& upload, const std::string& content) const {
        auto writer = create(upload);
        if (!writer) return writer.error();
        return finish(**writer, content);
    }
    Result<std::unique_ptr<FileReader>> look(const std::string& url) const {
        const std::string path = url.substr(kBase.size() + kFilesPath.size());
        return answer_of<Result<std::unique_ptr<FileReader>>>([&](auto done) { store->open(path, done); });
    }
    /// All that is in the folder, by path.
    std::set<std::string> entries() const {
        std::set<std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(options.path)) {
            if (!entry.is_directory()) found.insert(fs::relative(entry.path(), options.path).string());
        }
        return found;
    }

    TemporaryFolder folder;
    FolderOptions options;
    std::shared_ptr<FolderStore> store;
};

}  // namespace cariosan::test
