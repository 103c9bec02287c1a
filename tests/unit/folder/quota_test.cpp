// How many bytes of files a workspace may have.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "unit/folder/shelf.hpp"

namespace cariosan::test {
namespace {

class NobodyNames final : public FileNames {
  public:
    Result<bool> is_named(std::string_view) override { return false; }
    Result<bool> has_workspace(WorkspaceId) override { return true; }
};

void check_full(const Error& error, std::int64_t limit) {
    CHECK(error.code == ErrorCode::validation_error);
    CHECK_FALSE(error.retryable);
    REQUIRE(error.detail("limit") != nullptr);
    CHECK(std::get<std::int64_t>(error.detail("limit")->value) == limit);
    CHECK(std::get<std::string>(error.detail("reason")->value) == "quota");
}

Error refused(const Shelf& shelf, const PresignedUpload& upload) {
    const auto writer = shelf.create(upload);
    REQUIRE_FALSE(writer.ok());
    return writer.error();
}

}  // namespace

TEST_CASE("folder: a workspace has so much room, before anything of a file is written") {
    const Shelf shelf(FolderOptions{.quota_bytes = 12});
    const PresignedUpload early = shelf.presign("a.png", 5);
    REQUIRE(shelf.put(shelf.presign("a.png", 5), "hello").ok());
    REQUIRE(shelf.put(shelf.presign("a.png", 5), "hello").ok());
    check_full(refused(shelf, early), 12);
    // Known by now, so that no address is given out.
    const auto asked = shelf.store->presign({.workspace = kShop, .file_name = "a.png", .content_type = "image/png", .size_bytes = 3});
    REQUIRE_FALSE(asked.ok());
    check_full(asked.error(), 12);
    CHECK(*shelf.put(shelf.presign("a.png", 2), "ok") == UploadEnd::stored);
    CHECK(*shelf.put(shelf.presign("a.png", 12, kOther), "another shop") == UploadEnd::stored);
}

TEST_CASE("folder: what is there counts after a restart") {
    Shelf shelf(FolderOptions{.quota_bytes = 12});
    REQUIRE(shelf.put(shelf.presign("a.png", 5), "hello").ok());
    REQUIRE(shelf.put(shelf.presign("b.png", 6), "hello!").ok());
    shelf.store = nullptr;
    shelf.store = shelf.open();
    check_full(refused(shelf, shelf.presign("c.png", 2)), 12);
    CHECK(*shelf.put(shelf.presign("c.png", 1), "!") == UploadEnd::stored);
}

TEST_CASE("folder: uploads under way count, and give their room back if they break off") {
    const Shelf shelf(FolderOptions{.threads = 1, .quota_bytes = 12});
    const PresignedUpload second = shelf.presign("b.png", 10);
    const PresignedUpload known = shelf.presign("c.png", 10);
    {
        const auto writer = shelf.create(shelf.presign("a.png", 10));
        REQUIRE(writer.ok());
        check_full(refused(shelf, second), 12);
    }
    CHECK(*shelf.put(second, "0123456789") == UploadEnd::stored);
    // The same bytes once more take no room, but need it while they come.
    check_full(refused(shelf, known), 12);
}

TEST_CASE("folder: the same file twice counts once") {
    const Shelf shelf(FolderOptions{.threads = 1, .quota_bytes = 12});
    const PresignedUpload upload = shelf.presign("a.png", 5);
    const PresignedUpload more = shelf.presign("b.png", 7);
    CHECK(*shelf.put(upload, "hello") == UploadEnd::stored);
    CHECK(*shelf.put(upload, "hello") == UploadEnd::known);
    CHECK(*shelf.put(upload, "world") == UploadEnd::taken);
    CHECK(*shelf.put(more, "1234567") == UploadEnd::stored);
}

TEST_CASE("folder: what is taken away makes room") {
    const Shelf shelf(FolderOptions{.quota_bytes = 5});
    const PresignedUpload upload = shelf.presign();
    const PresignedUpload next = shelf.presign();
    REQUIRE(shelf.put(upload, "hello").ok());
    check_full(refused(shelf, next), 5);
    NobodyNames names;
    REQUIRE(*shelf.store->remove(upload.public_url, names));
    CHECK(*shelf.put(next, "world") == UploadEnd::stored);
}

TEST_CASE("folder: what another server took is seen after a walk") {
    const Shelf shelf(FolderOptions{.quota_bytes = 8});
    const Shelf& own = shelf;
    const PresignedUpload early = shelf.presign("a.png", 5);
    REQUIRE(shelf.put(shelf.presign("a.png", 1), "1").ok());
    const auto other = shelf.open();
    const PresignedUpload theirs = shelf.presign("b.png", 6);
    {
        auto writer = answer_of<Result<std::unique_ptr<FileWriter>>>([&](auto done) { other->create(own.permit(theirs).value(), done); });
        REQUIRE(writer.ok());
        CHECK(*finish(**writer, "123456") == UploadEnd::stored);
    }
    NobodyNames names;
    REQUIRE(shelf.store->tidy({}, names).ok());
    check_full(refused(shelf, early), 8);
}

TEST_CASE("folder: the first uploads of a workspace, all at once, share its room") {
    const Shelf shelf(FolderOptions{.quota_bytes = 50});
    std::vector<PresignedUpload> uploads;
    for (int i = 0; i < 40; ++i) uploads.push_back(shelf.presign());
    std::atomic<int> taken{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&, i] {
            for (std::size_t k = static_cast<std::size_t>(i); k < uploads.size(); k += 4) {
                auto writer = answer_of<Result<std::unique_ptr<FileWriter>>>(
                    [&](auto done) { shelf.store->create(*shelf.permit(uploads[k]), done); });
                if (writer && finish(**writer, "hello")) ++taken;
            }
        });
    }
    for (std::thread& client : clients) client.join();
    CHECK(taken == 10);
}

}  // namespace cariosan::test
