#include "core/refusals.hpp"

namespace cariosan::core {

Error user_may_never() { return {ErrorCode::forbidden, "a user may not do this"}; }

Error caller_is_no_member() { return {ErrorCode::not_a_member, "not a member of this channel"}; }

Error author_is_no_member() { return {ErrorCode::not_a_member, "the author is not a member of this channel"}; }

Error caller_is_no_admin() { return {ErrorCode::not_admin, "only an admin of the group may do this"}; }

Error author_is_silenced(const std::optional<Timestamp>& until) {
    Error refused(ErrorCode::muted, "the user is muted");
    if (until) return std::move(refused).with("until", until->to_string());
    return refused;
}

Error channel_is_frozen() { return {ErrorCode::frozen, "the channel is frozen: only admins may write there"}; }

Error author_is_too_fast(std::int64_t wait) {
    return Error(ErrorCode::slow_mode, "the channel is in slow mode: wait before the next message").with("retry_after_ms", wait);
}

Error mention_of_no_member() { return invalid_field("mentions", "a mentioned user is not a member of this channel"); }

Error mention_of_nobody() { return invalid_field("mentions", "a mentioned user does not exist"); }

Error parent_is_missing(std::string field) {
    return invalid_field(std::move(field), "there is no such message in this channel");
}

Error key_was_used() {
    return Error(ErrorCode::conflict, "another message was sent under this idempotency key")
        .with("field", std::string("idempotency_key"));
}

Error request_key_was_used() {
    return Error(ErrorCode::conflict, "this idempotency key was used for another request")
        .with("field", std::string("idempotency_key"));
}

Error message_is_missing(std::string field) { return not_found("message").with("field", std::move(field)); }

Error message_id_is_none(std::string field) {
    std::string message = field + " is not a message id";
    return invalid_field(std::move(field), std::move(message));
}

Error member_is_missing() { return not_found("member").with("field", std::string("user")); }

Error direct_channel_has_two(std::string field) {
    return invalid_field(std::move(field), "a direct channel has exactly two different users");
}

Error members_stay() { return {ErrorCode::forbidden, "nobody can leave or be removed from a direct channel"}; }

Error external_id_is_taken() {
    return Error(ErrorCode::conflict, "the external_id belongs to a channel of another type")
        .with("field", std::string("external_id"));
}

Error nobody_blocks_itself() { return invalid_field("user", "you cannot block yourself"); }

Error nobody_reports_itself() { return invalid_field("user", "users cannot report themselves"); }

Error user_is_suspended(const Suspension& suspension) {
    Error refused(ErrorCode::suspended, "the user is suspended");
    if (suspension.until) return std::move(refused).with("until", suspension.until->to_string());
    return std::move(refused).with("until", nullptr);
}

}  // namespace cariosan::core
