#pragma once

#include <cariosan/storage.hpp>
#include <cstdlib>

namespace cariosan::engine {

/// The reader for commands planned without one. Calling it would wait for storage on a thread that may not wait: that is an
/// error of this library, and ends the process.
class NoReader final : public Reader {
  public:
    Result<Done> begin() override { std::abort(); }
    void end() noexcept override { std::abort(); }
    WorkspaceReader& workspaces() override { std::abort(); }
    UserReader& users() override { std::abort(); }
    ChannelReader& channels() override { std::abort(); }
    MemberReader& members() override { std::abort(); }
    MessageReader& messages() override { std::abort(); }
    ChangeReader& changes() override { std::abort(); }
    SearchReader& search() override { std::abort(); }
    SilenceReader& silences() override { std::abort(); }
    BlockReader& blocks() override { std::abort(); }
    UserDataReader& user_data() override { std::abort(); }
    OutboxReader& outbox() override { std::abort(); }
    ModerationReader& moderation() override { std::abort(); }
    PushReader& push() override { std::abort(); }
};

}  // namespace cariosan::engine
