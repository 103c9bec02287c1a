// Files are taken away: with their messages, when nobody ever sent them, and never while a message names them.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <functional>
#include <set>
#include <string>

#include "unit/folder/shelf.hpp"

namespace cariosan::test {
namespace {

/// What storage says of files, as a test has it.
class SaidNames final : public FileNames {
  public:
    Result<bool> is_named(std::string_view key) override {
        ++asked;
        if (before_answer) before_answer();
        if (away) return Error(ErrorCode::unavailable, "the storage is away");
        return named.contains(std::string(key));
    }
    Result<bool> has_workspace(WorkspaceId workspace) override { return workspaces.contains(workspace); }

    std::set<std::string> named;
    std::set<WorkspaceId> workspaces{kShop};
    std::function<void()> before_answer;
    bool away = false;
    int asked = 0;
};

std::string key_of(const PresignedUpload& upload) { return upload.public_url.substr(kBase.size() + kFilesPath.size()); }

/// A file that is stored.
PresignedUpload stored(const Shelf& shelf, WorkspaceId workspace = kShop) {
    PresignedUpload upload = shelf.presign("a b.png", 5, workspace);
    REQUIRE(*shelf.put(upload, "hello") == UploadEnd::stored);
    return upload;
}

bool is_there(const Shelf& shelf, const PresignedUpload& upload) { return *shelf.look(upload.public_url) != nullptr; }

std::size_t entries_of(const Shelf& shelf) { return shelf.entries().size() - 1; }  // without the secret

std::string place_of(const Shelf& shelf, const PresignedUpload& upload) {
    const std::string key = key_of(upload);
    return shelf.options.path + "/" + key.substr(0, key.rfind('/'));
}
/// Where a server that ended in between has left a file.
std::string aside_of(const Shelf& shelf, const PresignedUpload& upload) {
    const std::string key = key_of(upload);
    std::string name = key.substr(0, key.rfind('/'));
    for (char& c : name) c = c == '/' ? '.' : c;
    return shelf.options.path + "/.erased/" + name;
}

constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1000;
const Timestamp kNow = *Timestamp::parse("2026-05-05T12:00:00.000Z");

/// Everything in the folder was last written this long before `kNow`.
void make_old(const Shelf& shelf, std::int64_t age_ms) {
    const timespec time{.tv_sec = (kNow.milliseconds - age_ms) / 1000, .tv_nsec = 0};
    const timespec times[] = {time, time};
    for (const auto& entry : fs::recursive_directory_iterator(shelf.options.path)) {
        REQUIRE(::utimensat(AT_FDCWD, entry.path().c_str(), times, 0) == 0);
    }
}

/// A whole walk.
std::uint64_t clean(const Shelf& shelf, FileNames& names, Timestamp now = kNow) {
    std::uint64_t removed = 0;
    for (int i = 0; i < 10; ++i) {
        const auto step = shelf.store->tidy(now, names);
        REQUIRE(step.ok());
        removed += *step;
    }
    return removed;
}

}  // namespace

TEST_CASE("folder: the file of an erased message is gone from the disk") {
    const Shelf shelf;
    const auto before = shelf.entries();
    const PresignedUpload upload = stored(shelf);
    SaidNames names;
    CHECK(*shelf.store->remove(upload.public_url, names));
    CHECK(shelf.entries() == before);
    CHECK_FALSE(is_there(shelf, upload));
    CHECK_FALSE(*shelf.store->remove(upload.public_url, names));
}

TEST_CASE("folder: an address with another beginning names the same file") {
    const Shelf shelf;
    const PresignedUpload upload = stored(shelf);
    SaidNames names;
    for (const char* other : {"https://chat.example.com/talk/v1/files/", "https://bucket.example.com/x/y.png", "", "/v1/files/../.secret"}) {
        CHECK_FALSE(*shelf.store->remove(other, names));
    }
    CHECK(is_there(shelf, upload));
    CHECK(*shelf.store->remove("http://127.0.0.1:8080/v1/files/" + key_of(upload), names));
    CHECK_FALSE(is_there(shelf, upload));
}

TEST_CASE("folder: another name in the address of a file is another file") {
    const Shelf shelf;
    const PresignedUpload upload = stored(shelf);
    SaidNames names;
    const std::string url = upload.public_url;
    CHECK_FALSE(*shelf.store->remove(url.substr(0, url.rfind('/')) + "/other.png", names));
    CHECK(is_there(shelf, upload));
}

TEST_CASE("folder: a file stays while a message names it") {
    const Shelf shelf;
    const PresignedUpload upload = stored(shelf);
    SaidNames names;
    names.named.insert(key_of(upload));
    CHECK_FALSE(*shelf.store->remove(upload.public_url, names));
    CHECK(is_there(shelf, upload));
    CHECK(names.asked == 1);
}

TEST_CASE("folder: a message that is sent while its file is taken away keeps it") {
    const Shelf shelf;
    const PresignedUpload upload = stored(shelf);
    SaidNames names;
    names.before_answer = [&] {
        if (names.asked == 2) names.named.insert(key_of(upload));
    };
    CHECK_FALSE(*shelf.store->remove(upload.public_url, names));
    CHECK(is_there(shelf, upload));
    CHECK(fs::is_empty(shelf.options.path + "/.erased"));
}

TEST_CASE("folder: a file that nobody knows about is put back") {
    const Shelf shelf;
    const PresignedUpload upload = stored(shelf);
    SaidNames names;
    names.before_answer = [&] { names.away = names.asked == 2; };
    CHECK_FALSE(shelf.store->remove(upload.public_url, names).ok());
    CHECK(is_there(shelf, upload));
    CHECK(*shelf.store->remove(upload.public_url, names));
}

TEST_CASE("folder: what a server that ended has set aside is removed, or put back") {
    Shelf shelf;
    const PresignedUpload erased = stored(shelf);
    const PresignedUpload again = stored(shelf);
    const PresignedUpload named = stored(shelf);
    const PresignedUpload half = stored(shelf);
    for (const auto& each : {erased, again, named, half}) fs::rename(place_of(shelf, each), aside_of(shelf, each));
    fs::remove(aside_of(shelf, half) + "/a-b.png");
    SaidNames names;
    names.named.insert(key_of(named));
    shelf.store = nullptr;
    shelf.store = shelf.open();

    CHECK(*shelf.store->remove(again.public_url, names));  // asked for once more
    CHECK(clean(shelf, names) == 1);
    CHECK(is_there(shelf, named));
    CHECK(entries_of(shelf) == 2);
    CHECK(fs::is_empty(shelf.options.path + "/.erased"));
}

TEST_CASE("folder: files that no message names are taken away after a day") {
    const Shelf shelf;
    const PresignedUpload unsent = stored(shelf);
    const PresignedUpload sent = stored(shelf);
    const PresignedUpload foreign = stored(shelf, kOther);
    SaidNames names;
    names.named.insert(key_of(sent));

    SUBCASE("not before") {
        make_old(shelf, kDayMs - 1000);
        CHECK(clean(shelf, names) == 0);
        CHECK(names.asked == 0);
        CHECK(clean(shelf, names, {kNow.milliseconds + kDayMs}) == 1);
    }
    SUBCASE("then") {
        make_old(shelf, kDayMs);
        CHECK(clean(shelf, names) == 1);
    }
    CHECK_FALSE(is_there(shelf, unsent));
    CHECK(is_there(shelf, sent));
    CHECK(is_there(shelf, foreign));  // of a workspace that the storage does not know
}

TEST_CASE("folder: the next walk begins after hours, not at once") {
    const Shelf shelf;
    SaidNames names;
    CHECK(clean(shelf, names) == 0);
    const PresignedUpload unsent = stored(shelf);
    make_old(shelf, kDayMs);
    CHECK(clean(shelf, names) == 0);
    CHECK(clean(shelf, names, {kNow.milliseconds + kDayMs / 4}) == 1);
    CHECK_FALSE(is_there(shelf, unsent));
}

TEST_CASE("folder: a walk takes its time, and goes on after an error") {
    const Shelf shelf;
    for (int i = 0; i < 250; ++i) stored(shelf);
    make_old(shelf, kDayMs);
    SaidNames names;
    names.away = true;
    CHECK_FALSE(shelf.store->tidy(kNow, names).ok());
    names.away = false;
    names.asked = 0;
    const auto first = shelf.store->tidy(kNow, names);
    REQUIRE(first.ok());
    CHECK(*first > 150);
    CHECK(*first <= 200);
    CHECK(names.asked <= 400);  // each file twice
    CHECK(*first + clean(shelf, names) == 249);  // the one that could not be asked about is left for the next walk
}

TEST_CASE("folder: uploads that broke off with their server are removed after a day") {
    const Shelf shelf;
    const PresignedUpload upload = shelf.presign("a.png", 10);
    auto writer = shelf.create(upload);
    REQUIRE(writer.ok());
    REQUIRE(write(**writer, "hello").ok());
    SaidNames names;
    make_old(shelf, kDayMs - 1000);
    clean(shelf, names);
    CHECK(entries_of(shelf) == 2);
    make_old(shelf, kDayMs);
    const std::string part = *shelf.entries().begin();
    CAPTURE(part);
    clean(shelf, names, {kNow.milliseconds + kDayMs / 4});
    CHECK(entries_of(shelf) == 0);
}

TEST_CASE("folder: an upload that still grows is no rest") {
    const Shelf shelf;
    const PresignedUpload upload = shelf.presign("a.png", 10);
    auto writer = shelf.create(upload);
    REQUIRE(write(**writer, "hello").ok());
    make_old(shelf, 2 * kDayMs);
    for (const std::string& path : shelf.entries()) {
        if (!path.ends_with("a.png")) continue;
        const timespec times[] = {{.tv_sec = kNow.milliseconds / 1000, .tv_nsec = 0}, {.tv_sec = kNow.milliseconds / 1000, .tv_nsec = 0}};
        REQUIRE(::utimensat(AT_FDCWD, (shelf.options.path + "/" + path).c_str(), times, 0) == 0);
    }
    SaidNames names;
    clean(shelf, names);
    CHECK(*finish(**writer, "world") == UploadEnd::stored);
}

}  // namespace cariosan::test
