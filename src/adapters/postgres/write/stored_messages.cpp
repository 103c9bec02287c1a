#include "adapters/postgres/write/stored_messages.hpp"

#include <vector>

namespace cariosan::postgres {

ReadMessages::ReadMessages(Connection& connection, LoadedQuery& find_sent)
    : find_sent_(find_sent),
      messages_(connection, 1, {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins, "WHERE m.id = $1"},
                {"SELECT m.id, true, ", kMessageColumns, " FROM messages m", kMessageJoins, "WHERE m.id = ANY ($1)"}) {}

void ReadMessages::load_found() {
    loaded_ = true;
    std::vector<std::int64_t> found;
    find_sent_.each([&](Rows& row) {
        if (row.flag()) found.push_back(row.integer());
    });
    if (found.size() > 1) messages_.load(Statement::list(found));
}

}  // namespace cariosan::postgres
