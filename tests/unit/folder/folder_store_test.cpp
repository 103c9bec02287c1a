#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <utility>

#include "unit/folder/shelf.hpp"

namespace cariosan::test {
namespace {

TEST_CASE("folder: a file is written in parts and read in parts") {
    const Shelf shelf;
    const PresignedUpload upload = shelf.presign("Foto kucing.png", 11);
    CHECK(upload.public_url.starts_with(kBase + "/v1/files/" + kShop.to_string() + "/2026/01/"));
    CHECK(upload.public_url.ends_with("/Foto-kucing.png"));
    CHECK(upload.expires_at.to_string() == "2026-01-31T08:30:00.000Z");
    const auto permit = shelf.permit(upload);
    REQUIRE(permit);
    CHECK(permit->workspace == kShop);
    CHECK(permit->content_type == "image/png");
    CHECK(permit->size_bytes == 11);
    CHECK(permit->expires_at == upload.expires_at);

    CHECK(*shelf.look(upload.public_url) == nullptr);
    {
        auto writer = shelf.create(upload);
        REQUIRE(writer.ok());
        REQUIRE(write(**writer, "hello ").ok());
        CHECK(*shelf.look(upload.public_url) == nullptr);  // not before it is whole
        CHECK(*finish(**writer, "world") == UploadEnd::stored);
    }
    auto reader = shelf.look(upload.public_url);
    REQUIRE(*reader != nullptr);
    CHECK((*reader)->size() == 11);
    CHECK((*reader)->content_type() == "image/png");
    CHECK(*read(**reader, 0, 11) == "hello world");
    CHECK(*read(**reader, 4, 3) == "o w");
    CHECK_FALSE(read(**reader, 6, 6).ok());
}

TEST_CASE("folder: files and the addresses of uploads outlive the store") {
    Shelf shelf;
    const PresignedUpload before = shelf.presign();
    REQUIRE(shelf.put(before, "hello").ok());
    const PresignedUpload after = shelf.presign();
    shelf.store = nullptr;
    shelf.store = shelf.open();
    CHECK(*read(**shelf.look(before.public_url), 0, 5) == "hello");
    CHECK(*shelf.put(after, "again") == UploadEnd::stored);
    // Another server with the same folder.
    const auto other = shelf.open();
    CHECK(other->permit(shelf.presign().upload_url.substr(kBase.size())));
    struct stat secret {};
    REQUIRE(::stat((shelf.options.path + "/.secret").c_str(), &secret) == 0);
    CHECK((secret.st_mode & 0777) == 0600);
}

TEST_CASE("folder: only what was signed is permitted") {
    const Shelf shelf;
    const Shelf foreign;
    const std::string target = shelf.presign().upload_url.substr(kBase.size());
    REQUIRE(shelf.store->permit(target));
    CHECK_FALSE(foreign.store->permit(target));
    CHECK_FALSE(shelf.store->permit(""));
    CHECK_FALSE(shelf.store->permit("/v1/files/?type=&size=&expires=&signature="));
    for (std::size_t i = 0; i < target.size(); ++i) {
        std::string changed = target;
        changed[i] = changed[i] == 'a' ? 'b' : 'a';
        if (shelf.store->permit(changed)) FAIL("changed at " << i);
        if (shelf.store->permit(target.substr(0, i))) FAIL("cut at " << i);
    }
    CHECK_FALSE(shelf.store->permit(target + "0"));
    CHECK_FALSE(shelf.store->permit(target + "&x=1"));
}

TEST_CASE("folder: an address belongs to one workspace, and to this server") {
    const Shelf shelf;
    const std::string url = shelf.presign().public_url;
    CHECK(shelf.store->accepts(url, kShop));
    CHECK_FALSE(shelf.store->accepts(url, kOther));
    CHECK_FALSE(shelf.store->accepts("https://other.example.com" + url.substr(kBase.size()), kShop));
    for (const std::string& bad : {url + "?x=1", url + "#x", url + "/", url.substr(0, url.size() - 5) + "../a.png",
                                   url.substr(0, url.rfind('/')) + "%2Fa.png", url.substr(0, url.rfind('/')) + "/.type"}) {
        CHECK_FALSE(shelf.store->accepts(bad, kShop));
    }
}

TEST_CASE("folder: nothing but files can be read") {
    const Shelf shelf;
    const std::string url = shelf.presign().public_url;
    REQUIRE(shelf.put(shelf.presign(), "hello").ok());
    const std::string key = url.substr(0, url.rfind('/'));
    for (const std::string& path : {std::string(".secret"), std::string("../files/.secret"), std::string(),
                                    std::string("/etc/passwd"), key.substr(kBase.size() + kFilesPath.size()) + "/.type"}) {
        const auto looked = shelf.look(kBase + std::string(kFilesPath) + path);
        REQUIRE(looked.ok());
        CHECK(*looked == nullptr);
    }
}

TEST_CASE("folder: keys are not to be guessed") {
    const Shelf shelf;
    const auto id_of = [&] {
        const std::string url = shelf.presign().public_url;
        const std::string folder = url.substr(0, url.rfind('/'));
        return folder.substr(folder.rfind('/') + 1);
    };
    const std::string one = id_of();
    const std::string other = id_of();
    int same = 0;
    for (std::size_t i = 0; i < one.size(); ++i) same += one[i] == other[i] ? 1 : 0;
    CHECK(same < 20);  // of 36: the five that all have in common, and a sixteenth of the rest
    CHECK(one[14] == '4');
}

TEST_CASE("folder: what is not finished leaves nothing") {
    const Shelf shelf(FolderOptions{.threads = 1});  // so that jobs run in order
    const auto before = shelf.entries();
    const PresignedUpload upload = shelf.presign("a.png", 10);
    {
        auto writer = shelf.create(upload);
        REQUIRE(writer.ok());
        REQUIRE(write(**writer, "hello").ok());
        CHECK(shelf.entries().size() == before.size() + 2);
    }
    {
        auto writer = shelf.create(upload);
        CHECK_FALSE(write(**writer, "hello world").ok());  // larger than was permitted
    }
    {
        auto writer = shelf.create(upload);
        CHECK_FALSE(finish(**writer, "hello").ok());  // smaller
    }
    const std::string whole = "0123456789";
    CHECK(*shelf.put(upload, whole) == UploadEnd::stored);  // the others are over
    const auto after = shelf.entries();
    CHECK(after.size() == before.size() + 2);
    for (const std::string& each : after) CHECK_FALSE(each.starts_with(".incoming"));
}

TEST_CASE("folder: the first upload of an address stays") {
    const Shelf shelf;
    const PresignedUpload upload = shelf.presign();
    auto slow = shelf.create(upload);
    REQUIRE(slow.ok());
    CHECK(*shelf.put(upload, "hello") == UploadEnd::stored);
    CHECK(*shelf.put(upload, "hello") == UploadEnd::known);
    CHECK(*shelf.put(upload, "world") == UploadEnd::taken);
    CHECK(*finish(**slow, "HELLO") == UploadEnd::taken);
    CHECK(*read(**shelf.look(upload.public_url), 0, 5) == "hello");
}

TEST_CASE("folder: only so many at once") {
    const Shelf shelf(FolderOptions{.threads = 1, .max_uploads = 1, .max_reads = 1});
    const PresignedUpload upload = shelf.presign();
    {
        const auto writer = shelf.create(upload);
        REQUIRE(writer.ok());
        const auto second = shelf.create(shelf.presign());
        REQUIRE_FALSE(second.ok());
        CHECK(second.error().code == ErrorCode::unavailable);
        CHECK(second.error().retryable);
        CHECK(second.error().detail("retry_after_ms") != nullptr);
        CHECK(*finish(**writer, "hello") == UploadEnd::stored);
    }
    const auto reader = shelf.look(upload.public_url);
    REQUIRE(*reader != nullptr);
    CHECK_FALSE(shelf.look(upload.public_url).ok());
}

TEST_CASE("folder: a bad option is named") {
    const auto fault = [](FolderOptions options) {
        const auto opened = open_folder(std::move(options));
        REQUIRE_FALSE(opened.ok());
        const ErrorDetail* field = opened.error().detail("field");
        return field == nullptr ? opened.error().message : std::get<std::string>(field->value);
    };
    const TemporaryFolder folder;
    FolderOptions good{.path = folder / "files", .crypto = openssl_crypto()};
    const auto changed = [&](auto member, auto value) {
        FolderOptions options = good;
        options.*member = value;
        return fault(options);
    };
    CHECK(changed(&FolderOptions::path, "") == "path");
    CHECK(changed(&FolderOptions::crypto, nullptr) == "crypto");
    CHECK(changed(&FolderOptions::threads, std::size_t{0}) == "threads");
    CHECK(changed(&FolderOptions::threads, std::size_t{65}) == "threads");
    CHECK(changed(&FolderOptions::max_uploads, std::size_t{0}) == "max_uploads");
    CHECK(changed(&FolderOptions::max_reads, std::size_t{0}) == "max_reads");
    CHECK(changed(&FolderOptions::public_url, "chat.example.com") == "public_url");
    CHECK(changed(&FolderOptions::path, folder.write("a file", "x")).find("disk") != std::string::npos);
}

TEST_CASE("folder: a store that does not know its address yet") {
    const TemporaryFolder folder;
    auto store = open_folder({.path = folder / "files", .crypto = openssl_crypto()});
    REQUIRE(store.ok());
    const UploadRequest request{.workspace = kShop, .file_name = "a.png", .content_type = "image/png", .size_bytes = 1};
    CHECK((*store)->presign(request).error().code == ErrorCode::unavailable);
    CHECK_FALSE((*store)->accepts("/v1/files/" + kShop.to_string(), kShop));
    CHECK_FALSE((*store)->set_public_url("nonsense").ok());
    REQUIRE((*store)->set_public_url("http://127.0.0.1:8080/").ok());
    const auto upload = (*store)->presign(request);
    REQUIRE(upload.ok());
    CHECK(upload->public_url.starts_with("http://127.0.0.1:8080/v1/files/"));
    CHECK((*store)->accepts(upload->public_url, kShop));
}

}  // namespace
}  // namespace cariosan::test
