/// Refusals with a name. A use case refuses early what it sees in its snapshot, and the commit asks again; both take the error
/// from here, so that a client reads the same code, text and details whichever was first.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <optional>
#include <string>

namespace cariosan::core {

// Who asks.
/// Users may not run this command.
Error user_may_never();
Error caller_is_no_member();
Error author_is_no_member();
/// The caller is a member, but no admin of the group.
Error caller_is_no_admin();
/// `muted`; `until` (absent: for ever) is in the details.
Error author_is_silenced(const std::optional<Timestamp>& until);

Error channel_is_frozen();
/// `wait` milliseconds are left of the channel's slow mode.
Error author_is_too_fast(std::int64_t wait);

// What a message names.
Error mention_of_no_member();
Error mention_of_nobody();
/// `field` named the parent.
Error parent_is_missing(std::string field);
/// The idempotency key was used for another request.
Error key_was_used();
/// The same of a request that sends no message.
Error request_key_was_used();
Error message_is_missing(std::string field);
/// `field` holds something that is no id of a message.
Error message_id_is_none(std::string field);

// Channels and members.
/// The member to be changed or removed.
Error member_is_missing();
/// `field` names more or fewer users than the two of a direct channel.
Error direct_channel_has_two(std::string field);
/// Nobody leaves a direct channel, or is removed from it.
Error members_stay();
/// A channel of another type has this external id.
Error external_id_is_taken();

// Users.
Error nobody_blocks_itself();
Error nobody_reports_itself();
/// `suspended`; `until` (null: until it is lifted) is in the details.
Error user_is_suspended(const Suspension& suspension);

}  // namespace cariosan::core
