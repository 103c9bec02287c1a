/// Brings a returning client up to date: the changes of many channels, from one snapshot.
#pragma once

#include <cariosan/commands.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/access.hpp"
#include "core/use_case.hpp"

namespace cariosan::core {

/// What has been gathered for one answer, which should cost about one page.
class Gathered {
  public:
    void add(const Changes& changes);
    void add(const MyChannel& item);
    bool full() const noexcept;

  private:
    std::size_t objects_ = 0;
    std::size_t bytes_ = 0;
};

/// What a session requests for its client. Not a command: a host calls `Sync`.
struct CatchUp {
    /// One read should not cost more than this many channels.
    static constexpr std::size_t kMaxChannels = 50;

    std::vector<GetChanges> channels;  ///< at most `kMaxChannels`, each with a limit of its own
    std::int64_t max_moved = std::numeric_limits<std::int64_t>::max();  ///< of them that cost more than one lookup; at least 1
    bool unread_total = false;         ///< is requested too
};

struct CaughtUp {
    /// In the order requested, from the first, and at least one: after about a page's worth of changes, or `max_moved` channels
    /// that have changed, the rest is left for another call. `not_found` and `not_a_member` only concern their channel.
    std::vector<Result<Changes>> channels;
    std::optional<std::int64_t> unread_total;  ///< if it was requested, and no channel is left
};

/// Whether these changes contain anything new for a client in that state.
bool moved(const GetChanges& held, const Result<Changes>& changes);

/// Takes no rate. Fails as a whole only if storage fails or the user no longer exists.
Result<CaughtUp> read(const CatchUp& request, const Caller& caller, Context& context);

/// The changes of these channels, as `CaughtUp::channels`; adds them to what was gathered. At least one channel is asked for, and
/// `max_moved` is at least 1.
Result<std::vector<Result<Changes>>> changes_of(const Actor& actor, const std::vector<GetChanges>& asked, std::int64_t max_moved,
                                                Gathered& gathered, Context& context);

/// The changes of one channel; the command's fields have been checked.
Result<Changes> changes_of(const Actor& actor, const GetChanges& command, Context& context);

}  // namespace cariosan::core
