#include "transfer/import/import_messages.hpp"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "transfer/import/import_pipeline.hpp"
#include "transfer/import/import_survey.hpp"

namespace cariosan::transfer {

namespace {

/// What is needed of a line when its answer arrives.
struct Submitted {
    LinePlace place;
    std::string channel;
    std::optional<std::string> reply_to;
};

class MessagePass {
  public:
    MessagePass(Engine& engine, WorkspaceId workspace, const ImportEntries& entries, const ImportReplies& replies,
                const LineReader& reader, ImportTally& tally)
        : entries_(entries), replies_(replies), reader_(reader), tally_(tally), pipeline_(engine, workspace) {}

    void take(const LineReader::Line& line) {
        if (line.too_long) return tally_.bad_line(line.place.number, "longer than 1 MiB");
        submit(line.place, line.text, true);
        settle();
    }

    /// Call after the last line: waits for open answers, then links replies that were stored before their parents.
    void finish(ImportWatcher& watcher) {
        pipeline_.wait();
        settle();
        std::string text;
        for (const LinePlace& place : std::exchange(without_parent_, {})) {
            if (end_ || watcher.cancelled()) break;
            if (reader_.read_again(place, text)) {
                submit(place, text, false);
                settle_parents();
            } else {
                tally_.bad_line(place.number, "it is not in the file any more");
            }
        }
        pipeline_.wait();
        settle_parents();
    }

    /// The error that stopped the import.
    const std::optional<Error>& end() const noexcept { return end_; }

  private:
    void submit(const LinePlace& place, std::string_view text, bool parent_may_follow) {
        auto read = entries_.read(text, place.number);
        if (const auto* fault = std::get_if<ImportFault>(&read)) return tally_.bad_line(place.number, fault->reason);
        auto& entry = std::get<ImportEntry>(read);
        entry.command.parent_follows = parent_may_follow && entry.reply_to &&
                                       replies_.parent(entry.channel, *entry.reply_to) == ImportReplies::Parent::coming;
        pipeline_.submit(std::move(entry.command), {place, std::move(entry.channel), std::move(entry.reply_to)});
    }

    void settle() {
        pipeline_.settle([this](const Submitted& item, const Result<Outcome>& outcome) {
            if (!outcome) return refuse(item, outcome.error());
            outcome->created ? tally_.imported(item.reply_to.has_value()) : tally_.already_there();
            const auto& message = std::get<Message>(outcome->answer);
            if (item.reply_to && !message.parent_id && !message.deleted_at) without_parent_.push_back(item.place);
        });
    }

    void settle_parents() {
        pipeline_.settle([this](const Submitted& item, const Result<Outcome>& outcome) {
            if (!outcome) refuse(item, outcome.error());
        });
    }

    void refuse(const Submitted& item, const Error& error) {
        if (ends_import(error)) {
            if (!end_) end_ = error;
        } else if (item.reply_to && lacks_import_parent(error)) {
            const bool circle = replies_.parent(item.channel, *item.reply_to) == ImportReplies::Parent::circle;
            tally_.bad_line(item.place.number, "reply_to " + *item.reply_to +
                                                    (circle ? " is in a circle of replies"
                                                            : " is no message of this channel"));
        } else {
            tally_.bad_line(item.place.number, import_refusal(error));
        }
    }

    const ImportEntries& entries_;
    const ImportReplies& replies_;
    const LineReader& reader_;
    ImportTally& tally_;
    std::vector<LinePlace> without_parent_;
    std::optional<Error> end_;
    ImportPipeline<Submitted> pipeline_;
};

}  // namespace

ImportEnd import_messages(Engine& engine, const ImportOptions& options, const ImportEntries& entries,
                          const ImportReplies& replies, ImportTally& tally, ImportWatcher& watcher) {
    auto reader = open_import(options);
    if (!reader) return {.error = std::move(reader).error()};
    MessagePass pass(engine, options.workspace, entries, replies, *reader, tally);
    ImportEnd end;
    const auto status = reader->each([&](const LineReader::Line& line) {
        end.line = line.place.number;
        pass.take(line);
        tally.moved(reader->position(), reader->size());
        return !pass.end() && !watcher.cancelled();
    });
    pass.finish(watcher);
    if (pass.end()) {
        end.error = pass.end();
    } else if (status == LineReader::Status::failed) {
        end.error = import_unreadable(options);
    } else if (status != LineReader::Status::end || watcher.cancelled()) {
        end.error = Error(ErrorCode::unavailable, "cancelled");
    }
    return end;
}

}  // namespace cariosan::transfer
