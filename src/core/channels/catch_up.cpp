#include "core/channels/catch_up.hpp"

#include <utility>

#include "core/events/encoded_size.hpp"
#include "core/propagate.hpp"

namespace cariosan::core {
namespace {

constexpr std::size_t kPageObjects = 100;

/// The answers collected so far, for a read that should cost about one page.
class Gathered {
  public:
    void add(const Changes& changes) {
        objects_ += changes.messages.size() + changes.members.size() + changes.receipts.size();
        for (const Message& message : changes.messages) bytes_ += encoded_size(message);
        for (const Member& member : changes.members) bytes_ += encoded_size(member);
        for (const Receipt& receipt : changes.receipts) bytes_ += encoded_size(receipt);
        if (changes.channel) bytes_ += encoded_size(*changes.channel);
    }
    bool full() const noexcept { return objects_ >= kPageObjects || bytes_ >= kPageBytes; }

  private:
    std::size_t objects_ = 0;
    std::size_t bytes_ = 0;
};

/// The channel does not exist for this user: an answer, not a failure.
bool is_absence(const Error& error) { return error.code == ErrorCode::not_found || error.code == ErrorCode::not_a_member; }

}  // namespace

bool moved(const GetChanges& held, const Result<Changes>& changes) {
    return !changes || changes->reset || changes->rev != held.since || changes->receipt_rev != held.receipts_since;
}

Result<CaughtUp> read(const CatchUp& request, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, find_actor(permission_of<GetChanges>(), caller, context));
    CaughtUp answer;
    answer.channels.reserve(request.channels.size());
    Gathered gathered;
    std::int64_t left = request.max_moved;
    for (const GetChanges& each : request.channels) {
        Result<Changes> changes = changes_of(actor, each, context);
        if (!changes && !is_absence(changes.error())) return std::move(changes).error();
        if (changes) gathered.add(*changes);
        if (moved(each, changes)) --left;
        answer.channels.push_back(std::move(changes));
        if (gathered.full() || left <= 0) break;
    }
    if (request.unread_total && answer.channels.size() == request.channels.size()) {
        CARIOSAN_TRY(answer.unread_total, context.reader.channels().unread_total(actor.workspace.id, actor.user->id));
    }
    return answer;
}

}  // namespace cariosan::core
