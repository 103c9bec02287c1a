/// The checks before a send is stored; shared with sends that moderation refused.
#pragma once

#include "core/commit/batch_rows.hpp"

namespace cariosan::commit {

/// The author and the channel.
struct SendPlace {
    HeldChannel* channel = nullptr;
    HeldMember* author = nullptr;
};

/// An error, or the message of a known key. Absent if the send may be stored; the place is then filled in.
std::optional<Result<Committed>> answer_send(BatchRows& rows, const mutation::SendMessage& send, SendPlace& place);

}  // namespace cariosan::commit
