// What `Storage::commit` costs in PostgreSQL, compared with a bare loop that stores the same batches with one statement each. Prints
// figures and judges nothing. Makes two databases on the server that CARIOSAN_TEST_POSTGRES names, and deletes them.
//
//   postgres_commit [BATCH...]
#include <libpq-fe.h>

#include <array>
#include <cariosan/adapters/postgres.hpp>
#include <memory>

#include "adapters/postgres/pg_values.hpp"
#include "bench/commit_bench.hpp"
#include "support/postgres_database.hpp"

using namespace cariosan;
using namespace cariosan::bench;

namespace {

std::unique_ptr<Storage> open_storage(const std::string& connection) {
    return must(open_postgres({.connection = connection}));
}

/// The limit: one statement locks the channels, numbers and inserts the messages and updates the channels. It checks no key and no
/// membership, moves no receipt, and produces no answers.
class BareInsert {
  public:
    explicit BareInsert(const std::string& connection) : handle_(PQconnectdb(connection.c_str())) {
        check(PQprepare(handle_, "send", kSql, 0, nullptr), PGRES_COMMAND_OK);
    }
    ~BareInsert() { PQfinish(handle_); }
    BareInsert(const BareInsert&) = delete;
    BareInsert& operator=(const BareInsert&) = delete;

    void commit(const std::vector<Mutation>& batch) {
        std::array<postgres::Column, 7> columns;
        for (const Mutation& mutation : batch) {
            const auto& send = std::get<mutation::SendMessage>(mutation);
            columns[0].add(send.id);
            columns[1].add(send.channel);
            columns[2].add(send.author);
            columns[3].add(send.at);
            columns[4].add(send.idempotency_key);
            columns[5].add(send.request_hash);
            columns[6].add(send.content);
        }
        postgres::Parameters parameters;
        for (const postgres::Column& column : columns) parameters.add(column.list());
        check(PQexecPrepared(handle_, "send", parameters.count(), parameters.values(), parameters.lengths(),
                             parameters.formats(), 1),
              PGRES_COMMAND_OK);
    }

  private:
    void check(PGresult* result, ExecStatusType expected) {
        if (PQresultStatus(result) != expected) {
            std::fprintf(stderr, "bare insert: %s\n", PQerrorMessage(handle_));
            std::exit(1);
        }
        PQclear(result);
    }

    static constexpr const char* kSql =
        "WITH sent AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::bytea[], $7::text[])"
        " WITH ORDINALITY t(id, channel, author, at, key, hash, content, place)),"
        " locked AS (SELECT id, uuid, last_seq, rev FROM channels WHERE uuid = ANY ($2) ORDER BY uuid FOR UPDATE),"
        " numbered AS (SELECT s.*, nextval('message_ids') AS row, l.id AS channel_id, u.id AS user_id,"
        " row_number() OVER (PARTITION BY l.id ORDER BY s.place) AS n, l.last_seq, l.rev"
        " FROM sent s JOIN locked l ON l.uuid = s.channel JOIN users u ON u.uuid = s.author),"
        " stored AS (INSERT INTO messages (id, uuid, channel_id, seq, rev, user_id, type, mention_count, created_at,"
        " idempotency_key, request_hash, metadata, content)"
        " SELECT row, id, channel_id, last_seq + n, rev + n, user_id, 0, 0, at, key, hash, '{}', content FROM numbered)"
        " UPDATE channels c SET last_seq = c.last_seq + m.n, rev = c.rev + m.n, last_message_id = m.row, last_activity = m.at"
        " FROM (SELECT channel_id, max(n) AS n, max(row) AS row, max(at) AS at FROM numbered GROUP BY channel_id) m"
        " WHERE c.id = m.channel_id";

    PGconn* handle_;
};

}  // namespace

int main(int argc, char** argv) {
    const auto server = test::PostgresDatabase::server();
    if (!server) return 0;
    std::vector<int> sizes;
    for (int i = 1; i < argc; ++i) sizes.push_back(std::atoi(argv[i]));
    if (sizes.empty()) sizes = {1, 64, 256};
    const test::PostgresDatabase origin(*server);
    const Place place = make_place(*open_storage(origin.connection()), 5);
    const test::PostgresDatabase bare_database(*server, origin.name());
    const test::PostgresDatabase our_database(*server, origin.name());
    BareInsert bare(bare_database.connection());
    const auto ours = open_storage(our_database.connection());
    std::printf("Storage::commit beside one unnest statement per batch, PostgreSQL, 1,000 channels\n");
    for (const int size : sizes) {
        compare_sends(place, size, [&](const auto& batches) {
            std::pair<Spent, Spent> spent;
            for (const auto& batch : batches) {
                spent.first.time([&] { bare.commit(batch); });
                spent.second.time([&] { must(std::move(ours->commit(batch).back())); });
            }
            return spent;
        });
    }
    return 0;
}
