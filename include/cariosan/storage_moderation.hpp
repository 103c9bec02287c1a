/// Reading silences and the moderation log. Part of the storage contract: `cariosan/storage.hpp`.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/moderation.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <vector>

namespace cariosan {

/// Whether a user may not write, and until when.
struct SilenceState {
    bool silenced = false;
    std::optional<Timestamp> until{};  ///< absent: until it is lifted
};

class SilenceReader {
  public:
    virtual ~SilenceReader() = default;
    /// Whether the user is silenced at `now` in the channel, there or everywhere; if there are two silences, the one that ends later.
    /// Bound: two silences.
    virtual Result<SilenceState> find(ChannelId channel, UserId user, Timestamp now) = 0;
    struct Key {
        UserId user;
        ChannelId channel;
    };
    /// It may hold fewer than requested, even none, without being the last.
    struct Page {
        std::vector<Silence> silences{};
        std::optional<Key> next{};  ///< `after` of the next page; absent: this was the last one
    };
    /// The silences in force at `now`, by (user, channel) ascending, those after `after`; the one of the whole workspace, whose
    /// channel is nil, comes before the user's others. Bound: 500 silences more than `limit` are looked at.
    virtual Result<Page> list(WorkspaceId workspace, std::optional<Key> after, std::int64_t limit, Timestamp now) = 0;
};

/// The part of the moderation log to read.
struct ModerationRange {
    std::optional<UserId> user{};
    std::optional<ChannelId> channel{};
    std::optional<std::int64_t> before{};  ///< `ModerationPage::next` of the page before
    std::int64_t limit = 50;
};

/// A page of it, newest first. It may hold fewer than requested, even none, without being the last.
struct ModerationPage {
    std::vector<ModerationRecord> records{};
    std::optional<std::int64_t> next{};  ///< absent: this was the last one. Meaningless outside the storage
};

/// The part of the reports to read.
struct ReportRange {
    std::optional<ReportStatus> status{};
    std::optional<std::int64_t> before{};  ///< `ReportPage::next` of the page before
    std::int64_t limit = 50;
};

/// A page of reports, newest first, without their messages.
struct ReportPage {
    std::vector<Report> reports{};
    std::optional<std::int64_t> next{};  ///< absent: this was the last one. Meaningless outside the storage
};

class ModerationReader {
  public:
    virtual ~ModerationReader() = default;
    /// Records of existing channels. Bound: 500 records more than `limit` are looked at.
    virtual Result<ModerationPage> list(WorkspaceId workspace, const ModerationRange& range) = 0;
    /// Bound: one report more than `limit`.
    virtual Result<ReportPage> reports(WorkspaceId workspace, const ReportRange& range) = 0;
    /// Bound: one report.
    virtual Result<std::optional<Report>> find_report(WorkspaceId workspace, ReportId id) = 0;
    /// Absent if it was dropped. Bound: one record.
    virtual Result<std::optional<ModerationRecord>> find(WorkspaceId workspace, ModerationRecordId id) = 0;
};

}  // namespace cariosan
