#include "adapters/postgres/write/send_statements.hpp"

#include <vector>

namespace cariosan::postgres {
namespace {

using commit::Footprint;

template <class Id>
std::vector<Uuid> uuids_of(const std::vector<Footprint::Row<Id>>& rows) {
    std::vector<Uuid> uuids;
    uuids.reserve(rows.size());
    for (const auto& row : rows) uuids.push_back(row.key.uuid);
    return uuids;
}

void load_members(LoadedQuery& query, const std::vector<Footprint::Place>& places) {
    if (places.empty()) return;
    Column channels;
    Column users;
    for (const Footprint::Place& place : places) {
        channels.add(place.channel);
        users.add(place.user);
    }
    query.load(channels.list(), users.list());
}

/// Messages that may be quoted.
void load_parents(LoadedQuery& query, const Footprint& footprint) {
    Column messages;
    bool any = false;
    for (const auto& message : footprint.messages) {
        if (message.changes) continue;
        messages.add(message.key);
        any = true;
    }
    if (any) query.load(messages.list());
}

/// Those with an author go to the first query, the others to the second.
void load_keys(LoadedQuery& of_author, LoadedQuery& of_any, const std::vector<Footprint::Key>& keys) {
    Column texts;
    Column any_channels;
    Column any_texts;
    bool has_authors = false;
    bool has_any = false;
    for (const Footprint::Key& key : keys) {
        // No message has such a key: it is asked for singly, which finds nothing without asking.
        if (!is_storable(key.text)) continue;
        has_authors = has_authors || key.author;
        has_any = has_any || !key.author;
        (key.author ? texts : any_texts).add(key.text);
        if (!key.author) any_channels.add(key.channel);
    }
    if (has_authors) of_author.load(texts.list());
    if (has_any) of_any.load(any_channels.list(), any_texts.list());
}

}  // namespace

void SendStatements::lock_channels(const Footprint& footprint) {
    find_channel.forget();
    if (const auto channels = uuids_of(footprint.channels); !channels.empty()) find_channel.load(Statement::list(channels));
}

void SendStatements::load(const Footprint& footprint, std::size_t sends) {
    for (LoadedQuery* query :
         {&deleted_peer, &find_member, &find_sent, &find_parent, &find_parent_by_key, &push_pending, &outbox.listening}) {
        query->forget();
    }
    insert_message.reserve(sends);
    if (const auto channels = uuids_of(footprint.channels); !channels.empty()) deleted_peer.load(Statement::list(channels));
    load_members(find_member, footprint.members);
    load_keys(find_sent, find_parent_by_key, footprint.keys);
    load_parents(find_parent, footprint);
    load_messages(footprint);
    if (const auto workspaces = uuids_of(footprint.workspaces); !workspaces.empty()) {
        outbox.listening.load(Statement::list(workspaces));
    }
    if (footprint.push_pending) push_pending.load();
}

void SendStatements::send() {
    insert_message.send();
    send_messages();
    insert_mention.send();
    outbox.insert_delivery.send();
    insert_push_job.send();
    update_channel.send();
    update_receipts.send();
    // Others may wait for these counters, so they come last.
    outbox.add_pending.send();
    add_push_pending.send();
}

void SendStatements::drop() noexcept {
    insert_message.drop();
    drop_messages();
    for (HeldRows* rows : {&insert_mention, &outbox.insert_delivery, &insert_push_job, &update_channel, &update_receipts,
                           &outbox.add_pending, &add_push_pending}) {
        rows->drop();
    }
}

}  // namespace cariosan::postgres
