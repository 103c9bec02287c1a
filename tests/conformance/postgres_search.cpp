// The words of messages in PostgreSQL: whose they are, and when they go.
#include "conformance/postgres_kind.hpp"
#include "conformance/searching.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

struct WordsWorld {
    WordsWorld() : WordsWorld(std::make_unique<Postgres>()) {}

    /// How many rows of words there are, or how many of them hold a word.
    std::string rows(const std::string& word = "") {
        return database.run("SELECT count(*) FROM message_words" + (word.empty() ? "" : " WHERE words @@ '" + word + "'"));
    }
    std::size_t count(const std::string& word) {
        return world
            .read([&](Reader& reader) {
                return must(search(reader, world.workspace, user, {.terms = {{word, false}}, .channel = {}}));
            })
            .found.size();
    }
    void edit(const Message& message, const std::string& content) {
        world.run(mutation::EditMessage{.workspace = world.workspace, .channel = group, .message = message.id, .actor = user,
                                        .content = content, .at = world.tick()});
    }

    const PooledDatabase& database;
    World world;
    UserId user;
    ChannelId group;

  private:
    explicit WordsWorld(std::unique_ptr<Postgres> kind) : database(kind->database()), world(std::move(kind)) {
        user = world.add_user("someone");
        group = world.add_group({user});
    }
};

}  // namespace

TEST_CASE("postgres search: words leave the table with the text") {
    if (!Postgres::available()) return;
    WordsWorld chat;
    const Message message = chat.world.send(chat.group, chat.user, "before");
    chat.world.send(chat.group, chat.user, "?!");
    CHECK(chat.rows() == "1");
    chat.edit(message, "between");
    CHECK(chat.rows("before") == "0");
    CHECK(chat.count("between") == 1);
    chat.edit(message, "...");
    CHECK(chat.rows() == "0");
    chat.edit(message, "after all");
    CHECK(chat.count("after") == 1);
    chat.world.run(mutation::DeleteMessage{
        .workspace = chat.world.workspace, .channel = chat.group, .message = message.id, .at = chat.world.tick()});
    CHECK(chat.rows() == "0");
    CHECK(chat.count("after") == 0);
}

TEST_CASE("postgres search: messages that came without words get them") {
    if (!Postgres::available()) return;
    WordsWorld chat;
    for (int i = 0; i < 3; ++i) chat.world.send(chat.group, chat.user, "moved here");
    chat.database.run("DELETE FROM message_words; DELETE FROM words_progress; INSERT INTO words_progress VALUES (0, 0)");
    CHECK(chat.count("moved") == 0);
    while (must(chat.world.storage().maintain())) {
    }
    CHECK(chat.count("moved") == 3);
    CHECK(chat.database.run("SELECT version > 0 FROM words_progress") == "t");
}

TEST_CASE("postgres search: words that are frequent apart and rare together, among more messages of others") {
    if (!Postgres::available()) return;
    WordsWorld chat;
    const UserId other = chat.world.add_user("other");
    const ChannelId elsewhere = chat.world.add_group({other});
    const auto row = [&](const std::string& table, const Uuid& id) {
        return "(SELECT id FROM " + table + " WHERE uuid = '" + id.to_string() + "')";
    };
    // One message in ten is the user's. One in a hundred has both words. The newest stretch of ids and what is looked through at
    // first do not hold all of those, and asking both indexes for the rest is cheaper than anything else.
    chat.database.run(
        "INSERT INTO messages (id, uuid, channel_id, seq, rev, user_id, type, mention_count, created_at, metadata, content)"
        " SELECT 40 * i, gen_random_uuid(), CASE i % 10 WHEN 0 THEN " + row("channels", chat.group.uuid) + " ELSE " +
        row("channels", elsewhere.uuid) + " END, i, i, " + row("users", chat.user.uuid) + ", 0, 0, 1, '{}',"
        " CASE WHEN i % 1000 IN (0, 11, 22, 33, 44, 55, 66, 77, 88, 99) THEN 'red blue' WHEN i % 3 = 0 THEN 'red' ELSE 'blue' END"
        " FROM generate_series(1, 24000) i");
    chat.database.run("UPDATE channels SET last_seq = CASE id WHEN " + row("channels", chat.group.uuid) +
                      " THEN 2400 ELSE 21600 END; SELECT setval('message_ids', 960000);"
                      " DELETE FROM words_progress; INSERT INTO words_progress VALUES (0, 0)");
    while (must(chat.world.storage().maintain())) {
    }
    const auto found = chat.world.read([&](Reader& reader) {
        return must(search(reader, chat.world.workspace, chat.user, {.terms = {{"red", false}, {"blue", false}}, .channel = {}}));
    }).found;
    CHECK(found.size() == 24);
    std::int64_t position = 960'000;
    for (const SearchCandidate& candidate : found) {
        CHECK(candidate.channel == chat.group);
        CHECK(candidate.position == position);
        position -= 40'000;
    }
}

}  // namespace cariosan::test
