// The files of the search index disappear or are damaged while they are in use.
#include <array>
#include <filesystem>
#include <fstream>

#include "conformance/indexed_file.hpp"
#include "support/becomes_true.hpp"

namespace cariosan::test {
namespace {

namespace fs = std::filesystem;

/// Whether the index at this path has a message with the word, even if another connection has a different file open.
bool is_indexed(const std::string& path, const std::string& word) {
    // A truncated file must not be read through its mapping, which all connections of a process share.
    std::error_code missing;
    if (const auto size = fs::file_size(path + "-shm", missing); missing || size == 0) return false;
    sqlite3* db = nullptr;
    sqlite3_stmt* statement = nullptr;
    bool found = false;
    constexpr const char* kFind = "SELECT 1 FROM message_words WHERE message_words MATCH ?1";
    if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
        sqlite3_prepare_v2(db, kFind, -1, &statement, nullptr) == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, word.c_str(), -1, SQLITE_TRANSIENT);
        found = sqlite3_step(statement) == SQLITE_ROW;
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return found;
}

bool becomes_indexed(const std::string& path, const std::string& word) {
    return becomes_true([&] { return is_indexed(path, word); });
}

}  // namespace

TEST_CASE("sqlite search: files lost while in use are rebuilt without a restart") {
    struct Loss {
        std::string name;
        void (*happen)(const std::string& index);
    };
    const std::array kLosses{
        Loss{"the index is deleted", [](const std::string& index) { fs::remove(index); }},
        Loss{"all its files are deleted",
             [](const std::string& index) {
                 for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(index + suffix);
             }},
        Loss{"its log is deleted", [](const std::string& index) { fs::remove(index + "-wal"); }},
        Loss{"the index of its log is deleted", [](const std::string& index) { fs::remove(index + "-shm"); }},
        Loss{"the index of its log is cut off", [](const std::string& index) { fs::resize_file(index + "-shm", 0); }},
        Loss{"it is cut off", [](const std::string& index) { fs::resize_file(index, 0); }},
        Loss{"it is moved away", [](const std::string& index) { fs::rename(index, index + "-moved"); }},
        Loss{"another file is in its place",
             [](const std::string& index) {
                 std::ofstream(index + "-other", std::ios::binary) << std::string(8192, 'x');
                 fs::rename(index + "-other", index);
             }},
    };
    for (const Loss& loss : kLosses) {
        for (const bool by_search : {true, false}) {
            CAPTURE(loss.name);
            CAPTURE(by_search);
            IndexedFile file;
            file.world.send(file.group, file.user, "lasting");
            REQUIRE(file.eventually("lasting", 1));
            loss.happen(file.index);
            // Either of the two alone notices the loss.
            if (by_search) {
                file.count("lasting");
            } else {
                file.world.send(file.group, file.user, "later");
            }
            CHECK(becomes_indexed(file.index, "lasting"));
            CHECK(file.eventually("lasting", 1));
            if (by_search) file.world.send(file.group, file.user, "later");
            CHECK(file.eventually("later", 1));
            CHECK(becomes_indexed(file.index, "later"));
            file.world.close();
            run_sql(file.index, "INSERT INTO message_words (message_words) VALUES ('integrity-check')");
        }
    }
}

TEST_CASE("sqlite search: an index overwritten while in use is rebuilt once it is read") {
    IndexedFile file;
    file.send_many(file.group, file.user, 3000, [](int number) {
        std::string text = "lasting";
        for (int i = 0; i < 100; ++i) text += " w" + std::to_string((number * 7919 + i * 104'729) % 999'983);
        return text;
    });
    file.world.send(file.group, file.user, "marker");
    REQUIRE(file.eventually("marker", 1));
    // Refused at once while the index makes its own checkpoint. Anything left in the log would stay intact.
    while (fs::file_size(file.index + "-wal") > 0) run_sql(file.index, "PRAGMA wal_checkpoint(TRUNCATE)");
    {
        std::fstream damage(file.index, std::ios::binary | std::ios::in | std::ios::out);
        damage.seekp(4096);
        damage << std::string(fs::file_size(file.index) - 4096, '\xA5');
    }
    // A connection still finds what it has cached; what it has not read yet reveals the damage.
    for (int number = 0; number < 3000; number += 30) file.count("w" + std::to_string(number * 7919 % 999'983));
    file.world.send(file.group, file.user, "later");
    CHECK(becomes_indexed(file.index, "later"));
    CHECK(file.eventually("later", 1));
    CHECK(file.eventually("marker", 1));
    CHECK(file.eventually("lasting", 500));
}

}  // namespace cariosan::test
