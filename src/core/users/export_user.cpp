#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

constexpr std::int64_t kRecords = 100;

/// The exported sections, in this order. Cursors contain the numbers.
enum class Section : std::int64_t {
    memberships,
    messages,
    reactions,
    mentions,
    silences,
    blocks,
    moderation,
    devices,
    reports,
    end
};

struct ExportCursor {
    Section section = Section::memberships;
    RecordPosition position;
};

std::string encode_cursor(const ExportCursor& cursor) {
    return fmt::format("e{}.{}.{}", static_cast<std::int64_t>(cursor.section), cursor.position.major,
                       cursor.position.minor);
}

/// Absent for an empty cursor: the user comes first.
Result<std::optional<ExportCursor>> decode_cursor(std::string_view text) {
    if (text.empty()) return std::optional<ExportCursor>();
    const Error bad = invalid_field("cursor", "cursor did not come from an export");
    std::int64_t section = 0;
    ExportCursor cursor;
    char before = 'e';
    for (std::int64_t* number : {&section, &cursor.position.major, &cursor.position.minor}) {
        if (!text.starts_with(before)) return bad;
        text.remove_prefix(1);
        const auto read = std::from_chars(text.data(), text.data() + text.size(), *number);
        if (read.ec != std::errc() || *number < 0) return bad;
        text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
        before = '.';
    }
    if (!text.empty() || section >= static_cast<std::int64_t>(Section::end)) return bad;
    cursor.section = static_cast<Section>(section);
    return std::optional(cursor);
}

class Exporting {
  public:
    Exporting(WorkspaceId workspace, UserId user, Context& context)
        : workspace_(workspace), user_(user), context_(context), data_(context.reader.user_data()) {}

    Result<Page<UserRecord>> page(const ExportCursor& cursor) {
        const RecordPosition& from = cursor.position;
        switch (cursor.section) {
            case Section::memberships:
                return take(cursor, data_.memberships(workspace_, user_, from, kRecords));
            case Section::messages: return take(cursor, data_.messages(workspace_, user_, from, kRecords));
            case Section::reactions: return take(cursor, data_.reactions(workspace_, user_, from, kRecords));
            case Section::mentions: return take(cursor, data_.mentions(workspace_, user_, from, kRecords));
            case Section::silences: return take(cursor, data_.silences(workspace_, user_, from, kRecords));
            case Section::blocks: return take(cursor, blocks());
            case Section::moderation: return take(cursor, data_.moderation(workspace_, user_, from, kRecords));
            case Section::devices: return take(cursor, data_.devices(workspace_, user_, from, kRecords));
            case Section::reports: return take(cursor, reports(from));
            case Section::end: break;
        }
        return Page<UserRecord>{};
    }

  private:
    /// All of them: their number is limited.
    Result<RecordPage<Block>> blocks() {
        CARIOSAN_TRY(auto list, context_.reader.blocks().list(workspace_, user_, std::nullopt,
                                                              context_.limits.blocks_per_user));
        return RecordPage<Block>{.records = std::move(list), .next = {}};
    }
    /// What moderators wrote about them is theirs.
    Result<RecordPage<Report>> reports(const RecordPosition& from) {
        CARIOSAN_TRY(auto page, data_.reports(workspace_, user_, from, kRecords));
        for (Report& report : page.records) report.moderator_note.reset();
        return page;
    }
    template <class T>
    static Result<Page<UserRecord>> take(ExportCursor cursor, Result<RecordPage<T>> read) {
        if (!read) return std::move(read).error();
        Page<UserRecord> page;
        page.items.reserve(read->records.size());
        for (T& record : read->records) page.items.emplace_back(std::move(record));
        if (read->next) {
            cursor.position = *read->next;
        } else {
            cursor = {.section = static_cast<Section>(static_cast<std::int64_t>(cursor.section) + 1), .position = {}};
        }
        if (cursor.section != Section::end) page.next_cursor = encode_cursor(cursor);
        return page;
    }

    WorkspaceId workspace_;
    UserId user_;
    Context& context_;
    UserDataReader& data_;
};

}  // namespace

Result<Outcome> read(const ExportUser& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ExportUser>(caller, context));
    CARIOSAN_TRY_DONE(Fields(context.limits).reference("user", command.user).result());
    CARIOSAN_TRY(const auto cursor, decode_cursor(command.cursor));
    CARIOSAN_TRY(auto user, resolve_user(actor.workspace.id, command.user, "user", context));

    if (!cursor) {
        Page<UserRecord> first;
        first.items.emplace_back(std::move(user));
        first.next_cursor = encode_cursor(ExportCursor{});
        return Outcome{.answer = std::move(first)};
    }
    CARIOSAN_TRY(auto page, Exporting(actor.workspace.id, user.id, context).page(*cursor));
    return Outcome{.answer = std::move(page)};
}

}  // namespace cariosan::core
