#include "capi/parts/host_tables.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/propagate.hpp"

namespace cariosan::capi {
namespace {

// What every table must have.
bool is_complete(const cariosan_log_part& part) { return part.write != nullptr; }
bool is_complete(const cariosan_clock_part& part) { return part.now_ms != nullptr && part.elapsed_ms != nullptr; }
bool is_complete(const cariosan_moderator_part& part) { return part.judge != nullptr; }
bool is_complete(const cariosan_attachments_part& part) { return part.presign != nullptr && part.accepts != nullptr; }
bool is_complete(const cariosan_push_part& part) { return part.send != nullptr; }
bool is_complete(const cariosan_webhooks_part& part) { return part.send != nullptr; }
bool is_complete(const cariosan_event_bus_part& part) {
    return part.start != nullptr && part.stop != nullptr && part.subscribe != nullptr && part.unsubscribe != nullptr &&
           part.publish != nullptr;
}

/// Reads no more than the host's compiler knew of. What it did not know stays zero.
template <class Table>
Table copy_of(const Table& given) {
    Table copy{};
    std::memcpy(&copy, &given, std::min(given.size, sizeof(Table)));
    return copy;
}

template <class Table>
Result<Done> copy_table(const char* name, const Table* given, std::optional<Table>& out) {
    if (given == nullptr) return Done{};
    const auto refused = [name](const char* what) {
        return Error(ErrorCode::misuse, std::string("the table of the part \"") + name + "\" " + what);
    };
    // The first version is the smallest there is.
    if (given->size < sizeof(Table)) return refused("is too small: its size is that of the structure");
    if (given->version != CARIOSAN_PART_VERSION) return refused("has a version that this library does not know");
    out = copy_of(*given);
    if (!is_complete(*out)) return refused("lacks a function");
    return Done{};
}

template <class Table>
void release_table(const std::optional<Table>& table) {
    if (table && table->release != nullptr) table->release(table->context);
}

Result<Done> only_one(bool part, bool option, const char* name) {
    if (!part || !option) return Done{};
    return Error(ErrorCode::misuse, std::string("the option \"") + name + "\" names what a part of the host stands for");
}

}  // namespace

void HostTables::release() const {
    release_table(log);
    release_table(clock);
    release_table(moderator);
    release_table(attachments);
    release_table(push);
    release_table(webhooks);
    release_table(event_bus);
}

Result<HostTables> copy_tables(const cariosan_parts* parts) {
    HostTables tables;
    if (parts == nullptr) return tables;
    if (parts->size < sizeof(cariosan_parts)) {
        return Error(ErrorCode::misuse, "the parts are too small: their size is that of the structure");
    }
    const cariosan_parts known = copy_of(*parts);
    CARIOSAN_TRY_DONE(copy_table("log", known.log, tables.log));
    CARIOSAN_TRY_DONE(copy_table("clock", known.clock, tables.clock));
    CARIOSAN_TRY_DONE(copy_table("moderator", known.moderator, tables.moderator));
    CARIOSAN_TRY_DONE(copy_table("attachments", known.attachments, tables.attachments));
    CARIOSAN_TRY_DONE(copy_table("push", known.push, tables.push));
    CARIOSAN_TRY_DONE(copy_table("webhooks", known.webhooks, tables.webhooks));
    CARIOSAN_TRY_DONE(copy_table("event_bus", known.event_bus, tables.event_bus));
    return tables;
}

Result<Done> check_options(const HostTables& tables, const Options& options) {
    CARIOSAN_TRY_DONE(only_one(tables.attachments.has_value(), options.s3.has_value(), "s3"));
    CARIOSAN_TRY_DONE(only_one(tables.attachments.has_value(), options.files.has_value(), "files"));
    CARIOSAN_TRY_DONE(only_one(tables.push.has_value(), options.fcm.has_value(), "fcm"));
    CARIOSAN_TRY_DONE(only_one(tables.webhooks.has_value(), options.webhooks_given, "webhooks"));
    return only_one(tables.event_bus.has_value(), !options.redis_url.empty(), "redis");
}

}  // namespace cariosan::capi
