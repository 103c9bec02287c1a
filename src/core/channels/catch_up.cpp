#include "core/channels/catch_up.hpp"

#include <utility>

#include "core/events/encoded_size.hpp"
#include "core/propagate.hpp"

namespace cariosan::core {
namespace {

constexpr std::size_t kPageObjects = 100;

/// The channel does not exist for this user: an answer, not a failure.
bool is_absence(const Error& error) { return error.code == ErrorCode::not_found || error.code == ErrorCode::not_a_member; }

}  // namespace

void Gathered::add(const Changes& changes) {
    objects_ += changes.messages.size() + changes.members.size() + changes.receipts.size();
    for (const Message& message : changes.messages) bytes_ += encoded_size(message);
    for (const Member& member : changes.members) bytes_ += encoded_size(member);
    for (const Receipt& receipt : changes.receipts) bytes_ += encoded_size(receipt);
    if (changes.channel) bytes_ += encoded_size(*changes.channel);
}

void Gathered::add(const MyChannel& item) {
    ++objects_;
    bytes_ += encoded_size(item);
}

bool Gathered::full() const noexcept { return objects_ >= kPageObjects || bytes_ >= kPageBytes; }

bool moved(const GetChanges& held, const Result<Changes>& changes) {
    return !changes || changes->reset || changes->rev != held.since || changes->receipt_rev != held.receipts_since;
}

Result<std::vector<Result<Changes>>> changes_of(const Actor& actor, const std::vector<GetChanges>& asked, std::int64_t max_moved,
                                                Gathered& gathered, Context& context) {
    std::vector<Result<Changes>> answer;
    answer.reserve(asked.size());
    for (const GetChanges& each : asked) {
        Result<Changes> changes = changes_of(actor, each, context);
        if (!changes && !is_absence(changes.error())) return std::move(changes).error();
        if (changes) gathered.add(*changes);
        if (moved(each, changes)) --max_moved;
        answer.push_back(std::move(changes));
        if (gathered.full() || max_moved <= 0) break;
    }
    return answer;
}

Result<CaughtUp> read(const CatchUp& request, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, find_actor(permission_of<GetChanges>(), caller, context));
    CaughtUp answer;
    Gathered gathered;
    CARIOSAN_TRY(answer.channels, changes_of(actor, request.channels, request.max_moved, gathered, context));
    if (request.unread_total && answer.channels.size() == request.channels.size()) {
        CARIOSAN_TRY(answer.unread_total, context.reader.channels().unread_total(actor.workspace.id, actor.user->id));
    }
    return answer;
}

}  // namespace cariosan::core
