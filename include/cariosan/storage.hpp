/// The storage contract. An adapter is done when the conformance suite (tests/conformance) passes.
///
/// Writing is one call, `Storage::commit`, over typed mutations. Reading is a handful of small interfaces, each used
/// inside one snapshot. Ids in mutations are internal ones, already resolved and checked for shape; whatever must still
/// be true at the commit (membership, role, idempotency key, parent) is checked again there.
#pragma once

#include <cariosan/committed.hpp>
#include <cariosan/error.hpp>
#include <cariosan/outbox.hpp>
#include <cariosan/push.hpp>
#include <cariosan/storage_channels.hpp>
#include <cariosan/storage_messages.hpp>
#include <cariosan/storage_moderation.hpp>
#include <cariosan/storage_paging.hpp>
#include <cariosan/storage_users.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cariosan {

/// Channels that changed lately, on whichever engine.
struct MovedChannels {
    struct Each {
        ChannelId channel{};
        std::int64_t rev = 0;  ///< of the channel, as read; the greatest number if nothing is left of it
    };
    static constexpr std::chrono::minutes kKept{60};  ///< how long a storage of several engines remembers what moved
    std::string mark{};  ///< for the next call; empty: only one engine writes to this storage, and it needs no calls
    std::vector<Each> channels{};
    bool all = false;  ///< too many moved to be listed: any channel may have; `channels` is empty
};

/// One reading connection: used by one thread at a time. Between `begin` and `end` everything is read from one snapshot;
/// no other method may be called outside.
class Reader {
  public:
    virtual ~Reader() = default;
    /// Takes the snapshot. May wait a few seconds while the storage keeps readers out; then `unavailable`.
    virtual Result<Done> begin() = 0;
    virtual void end() noexcept = 0;

    virtual WorkspaceReader& workspaces() = 0;
    virtual UserReader& users() = 0;
    virtual ChannelReader& channels() = 0;
    virtual MemberReader& members() = 0;
    virtual MessageReader& messages() = 0;
    virtual ChangeReader& changes() = 0;
    virtual SearchReader& search() = 0;
    virtual SilenceReader& silences() = 0;
    virtual BlockReader& blocks() = 0;
    virtual UserDataReader& user_data() = 0;
    virtual OutboxReader& outbox() = 0;
    virtual ModerationReader& moderation() = 0;
    virtual PushReader& push() = 0;

    /// The channels whose `rev` moved in transactions that the snapshot of the call which returned `since` did not see, each once. If
    /// transactions moved more than `limit`, counting repetitions, then `all`. With `since` empty, only the mark. An engine on a bus
    /// asks about once a second: so it finds what another one committed and never published. Only for storages shared by several
    /// engines. Whoever asked last longer than `MovedChannels::kKept` ago must take all channels as moved.
    virtual Result<MovedChannels> moved_channels(const std::string& since, std::size_t limit) {
        static_cast<void>(since), static_cast<void>(limit);
        return MovedChannels{};
    }
};

/// The progress of an online backup, in pages.
struct BackupProgress {
    std::int64_t done = 0;
    std::int64_t total = 0;
    bool finished = false;
};

/// A running online backup. Used on the thread of the first lane. Destroying it before it has finished removes the copy.
class Backup {
  public:
    virtual ~Backup() = default;
    /// Copies a bounded number of pages.
    virtual Result<BackupProgress> step() = 0;
};

class Storage {
  public:
    virtual ~Storage() = default;

    /// Commits a batch as if each mutation were committed alone, in order (each sees those before it; a key repeated
    /// within the batch is a duplicate). Each is atomic with its seq and rev; one that fails is rolled back alone and
    /// uses up neither. If the commit itself fails, all fail with `unavailable` and nothing has changed, unless
    /// `details.outcome == "unknown"`. The results are in the order of `batch`. May wait, for a disk, a lock or a network: only
    /// its own lane waits with it. Called on each lane of the writer, so by at most `writer_lanes` threads at a time.
    virtual std::vector<Result<Committed>> commit(std::span<const Mutation> batch) = 0;

    /// How many batches this storage can commit at a time, 1 to 64: this many threads, the lanes, call `commit`. Read once, when
    /// the engine opens. With several lanes, all writes to one channel use the same lane, so batches on different lanes rarely
    /// touch the same rows. But they may, for example if a user or a workspace is deleted while others write: `commit` must keep
    /// its promises then.
    virtual std::size_t writer_lanes() const { return 1; }

    // The following are called on the first lane, between its commits; the other lanes may be committing.

    /// Housekeeping between batches: checkpoints, purging, the mark file, dropping moderation records older than 90 days. Takes
    /// bounded time. Returns whether there is more to do at once.
    virtual Result<bool> maintain() = 0;

    /// Whether a write succeeds now: makes a durable one that changes nothing. After a failed commit it also requires
    /// the space of an ordinary commit, so that the result does not flip with each small write. `unavailable` with
    /// `details.reason` and `cause`. Takes a bounded time.
    virtual Result<Done> probe() = 0;

    /// Starts a new epoch.
    virtual Result<std::string> rotate_epoch() = 0;

    /// Starts an online backup into a new file. `conflict` if the file exists; `unavailable` if this storage has no backup
    /// of its own.
    virtual Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) = 0;

    // From any thread.

    /// Another read connection. The storage must outlive it.
    virtual Result<std::unique_ptr<Reader>> open_reader() = 0;

    /// The id of this database's history; section 1 of the protocol.
    virtual std::string epoch() const = 0;
};

}  // namespace cariosan
