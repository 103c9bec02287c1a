#include "adapters/postgres/write/stored_messages.hpp"

#include <vector>

namespace cariosan::postgres {

// What is quoted of a message that is already shown as deleted stays as it is.
ReadMessages::ReadMessages(Connection& connection, LoadedQuery& find_sent, LoadedQuery& find_stored)
    : find_sent_(find_sent),
      find_stored_(find_stored),
      messages_(connection, 1, {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins, "WHERE m.id = $1"},
                {"SELECT m.id, true, CASE WHEN p.deleted_at IS NULL AND pu.deletion <> 2 THEN p.id END, ", kMessageColumns,
                 " FROM messages m", kMessageJoins, "WHERE m.id = ANY ($1)"},
                LoadedQuery::RestsOn::row) {}

void ReadMessages::load_found() {
    loaded_ = true;
    std::vector<std::int64_t> found;
    for (LoadedQuery* query : {&find_sent_, &find_stored_}) {
        query->each([&](Rows& row) {
            if (row.flag()) found.push_back(row.integer());
        });
    }
    if (found.size() > 1) messages_.load(Statement::list(found));
}

void LoadedMessages::forget_one(std::int64_t message, bool quote) {
    find_stored.forget_row(message);
    find_message.forget_one(message, quote);
    if (!quote) return;
    find_parent.forget_row(message);
    find_parent_by_key.forget_row(message);
}

void StoredMessages::load_messages(const commit::Footprint& footprint) {
    find_stored.forget();
    find_message.forget();
    Column changing;
    bool any = false;
    for (const auto& message : footprint.messages) {
        if (!message.changes) continue;
        changing.add(message.key);
        any = true;
    }
    if (any) find_stored.load(changing.list());
}

void StoredMessages::send_messages() {
    add_parent.send();
    keep_erased_file.send();
    blank_message.send();
    forget_erased_file.send();
    for (HeldRows* rows : {&drop_words, &drop_mentions, &drop_reactions, &drop_reaction_counts}) rows->send();
}

void StoredMessages::drop_messages() noexcept {
    add_parent.drop();
    keep_erased_file.drop();
    blank_message.drop();
    forget_erased_file.drop();
    for (HeldRows* rows : {&drop_words, &drop_mentions, &drop_reactions, &drop_reaction_counts}) rows->drop();
}

}  // namespace cariosan::postgres
